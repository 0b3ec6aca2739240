"""Numbers of few bits in float64: formats, rounding, sums, products, layers, modules of torch."""
