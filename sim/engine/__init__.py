"""What runs experiments, whatever they are about: processes, store, threads, optimizers."""
