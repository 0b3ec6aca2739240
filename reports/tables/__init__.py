"""Tables of a run: of cells, and as Markdown."""
