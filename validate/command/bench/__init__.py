"""Seconds of training steps: `python -m validate bench`."""
