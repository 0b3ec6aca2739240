"""The activation checker."""
