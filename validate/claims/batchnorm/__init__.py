"""Claims on filters under batch normalization, and what is measured on their units."""
