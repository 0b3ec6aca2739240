"""Series for the fixed kinds of figure."""
