"""Errors of sympy and mpmath, which raise for some arguments of their functions, as refusals."""

from collections.abc import Iterator
from contextlib import contextmanager

from theory.symbolic.functions import ActivationError

TOO_DEEP = "the expression is too deeply nested once its functions are written out"


@contextmanager
def refused() -> Iterator[None]:
    """What the libraries raise in the block becomes one line; what our own code raises stays.

    Raises:
        ActivationError: with the first words of the library's error.
    """
    try:
        yield
    except ActivationError:
        raise
    except RecursionError:
        raise ActivationError(TOO_DEEP) from None
    except Exception as error:
        if not _within_libraries(error):
            raise
        reason = " ".join(str(error).split())[:80] or type(error).__name__
        raise ActivationError(f"sympy cannot evaluate a part of it: {reason}") from error


def _within_libraries(error: Exception) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    module = trace.tb_frame.f_globals.get("__name__", "") if trace is not None else ""
    return module.partition(".")[0] in ("sympy", "mpmath")
