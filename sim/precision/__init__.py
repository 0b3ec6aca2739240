"""Arithmetic of few bits, emulated in float64: formats, rounding, sums, products, torch modules."""
