"""Claims on condensation, and what is measured on their units."""
