"""From outcomes of independent units to a verdict: the rules and what they rest on."""
