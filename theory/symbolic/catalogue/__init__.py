"""The functions that are known by name: signatures, definitions, and what libraries differ in."""
