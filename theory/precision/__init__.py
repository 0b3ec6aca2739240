"""Arithmetic of few bits: what rounding does to sums, networks and their accuracy."""
