"""Claims on custom-precision arithmetic."""
