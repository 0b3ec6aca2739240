"""Plain records of what was found, and their JSON: all that a report needs."""
