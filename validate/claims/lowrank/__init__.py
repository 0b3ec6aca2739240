"""Claims on low-rank kernels whose entries are shuffled."""
