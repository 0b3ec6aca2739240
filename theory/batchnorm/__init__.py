"""Filters under batch normalization (arXiv:2001.11216): noise, collapse and recovery."""
