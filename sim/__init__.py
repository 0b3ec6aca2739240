"""What does happen: simulations with PyTorch that measure what a theory predicts."""
