"""Two runs held against each other: what is another verdict, interval, version or setting."""
