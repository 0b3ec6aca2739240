"""What a command tells or refuses before it runs anything."""
