"""Experiments on condensation."""
