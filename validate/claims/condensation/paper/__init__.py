"""Claims on the figures of arXiv:2105.11686, over many seeds at its settings."""
