"""The report as one page for a browser that needs nothing else, not even a network."""
