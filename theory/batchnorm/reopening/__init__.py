"""Filters that come back without a shift: rare inputs, with weight decay as the clock."""
