"""What keeps the work on what a user wrote within limits: of time, and of what libraries can do."""
