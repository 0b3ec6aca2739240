"""Activation functions for training: from formulas and from torch callables."""
