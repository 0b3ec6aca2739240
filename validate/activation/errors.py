"""Why an activation check fails; every message is one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from sim.data.data_set import DataError
from sim.engine.errors import described as told
from theory.symbolic.activation import Activation
from theory.symbolic.functions import ActivationError


class CheckError(ValueError):
    """The check cannot be made."""


class TrainingError(RuntimeError):
    """Training failed."""


@contextmanager
def of_a_callable(described: Activation) -> Iterator[None]:
    """What a user's callable raises in this process after its check fails the training.

    Raises:
        TrainingError: it raised something, or ended the process, as sys.exit does.
    """
    try:
        yield
    except (Exception, SystemExit) as error:
        from sim.activation.numerical import NumericalActivation

        if isinstance(error, CheckError | ActivationError | TrainingError | DataError):
            raise
        if not isinstance(described, NumericalActivation):
            raise
        message = f"{described.name} failed after its check: {told(error)}"
        raise TrainingError(message) from error
