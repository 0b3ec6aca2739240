"""Simulations of authors: settings and what is measured, seeded and checked."""
