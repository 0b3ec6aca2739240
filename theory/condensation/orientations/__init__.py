"""Where neurons point in the end: stable directions of the leading form."""
