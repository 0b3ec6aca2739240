"""How people see it: figures and PDF, a pure function of results.json."""
