"""Why an activation check fails; every message is one line."""


class CheckError(ValueError):
    """The check cannot be made."""


class TrainingError(RuntimeError):
    """Training failed."""
