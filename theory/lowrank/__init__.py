"""Shuffled low-rank kernels: what a random permutation of its entries leaves of a kernel's rank."""
