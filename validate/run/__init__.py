"""Running claims: rounds of blocks, looks, and the record of what came out."""
