"""How people write functions, brought into one form: characters, notation, names, libraries."""
