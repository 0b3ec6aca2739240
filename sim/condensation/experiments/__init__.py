"""Experiments on condensation that ask something of their own."""
