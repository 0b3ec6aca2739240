"""Commands on runs that are finished: they train nothing."""
