"""Our training against other frameworks: the same arithmetic, the same weights at the end."""
