"""Ensembles of networks trained together, and how they are trained."""
