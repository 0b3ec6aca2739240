"""Condensation of neurons that start small (arXiv:2105.11686): laws and their derivations."""
