"""What should happen: symbolic predictions of deep-learning theory (never imports torch)."""
