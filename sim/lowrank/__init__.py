"""Kernels whose entries are shuffled: spectra, decompositions, training inside of subspaces."""
