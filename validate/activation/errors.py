"""Why an activation check fails; every message is one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from sim.data.data_set import DataError
from sim.engine.errors import described as told
from theory.symbolic.activation import Activation
from theory.symbolic.functions import ActivationError


class CheckError(ValueError):
    """An option of a check makes no sense, such as α = 2; the message is one line."""


class TrainingError(RuntimeError):
    """Training failed, or what was measured is not finite; the message is one line."""


# of what a check is given: least, most, and whether these are accepted
RANGES = {"alpha": (0.0, 0.5, False), "limit": (0.0, 1e6, True), "epsilon": (1e-30, 0.1, True)}


def check_numbers(**given: float | None) -> None:
    """Refuse numbers out of their `RANGES`, NaN too; None is a default.

    Raises:
        CheckError: which one, and what is accepted.
    """
    for name, value in given.items():
        least, most, inclusive = RANGES[name]
        if value is None or least < value < most or (inclusive and value in (least, most)):
            continue
        words = f"from {least:g} to {most:g}" if inclusive else f"between {least:g} and {most:g}"
        raise CheckError(f"{name} is a number {words}, not {value:g}")


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
