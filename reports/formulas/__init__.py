"""Sympy expressions as Typst math."""
