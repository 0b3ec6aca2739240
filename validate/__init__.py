"""Do they agree: claims, decision rules, runs and their results."""
