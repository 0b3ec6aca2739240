"""What machine code costs before the first step: compiled anew, and read from the cache."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from pydantic import BaseModel

from sim.activation.compiled import TorchActivation
from sim.native import compiler
from validate.command.frameworks.workload import DTYPES, Workload, sigma_of

CACHE = "THEORYCHECK_CACHE"


class Compiled(BaseModel):
    """Seconds until a training can be called.

    Attributes:
        cold: with nothing stored.
        warm: with what the cold one stored.
    """

    cold: float
    warm: float


def compile_times(workload: Workload, dtype: str) -> Compiled | None:
    """Of the code that trains a workload, in a cache that is empty at first; None without one."""
    if compiler() is None:
        return None
    with _empty_cache():
        return Compiled(cold=_seconds(workload, dtype), warm=_seconds(workload, dtype))


def _seconds(workload: Workload, dtype: str) -> float:
    from sim.native.training import machine_function

    sigma = cast(TorchActivation, sigma_of(workload))
    make = machine_function.__wrapped__  # nothing is kept from before
    begin = time.perf_counter()
    make(sigma, DTYPES[dtype], workload.coupled, "plain")
    return time.perf_counter() - begin


@contextmanager
def _empty_cache() -> Iterator[None]:
    before = os.environ.get(CACHE)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[CACHE] = folder
        try:
            yield
        finally:
            os.environ.pop(CACHE)
            if before is not None:
                os.environ[CACHE] = before
