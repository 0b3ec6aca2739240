"""Experiments on filters under batch normalization."""
