"""Experiments that differ from `Condensation` in which data they use or in what they train."""
