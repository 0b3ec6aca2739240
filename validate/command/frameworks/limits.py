"""What the machine can do on one thread, and which it is."""

import platform
import time
from collections.abc import Callable
from pathlib import Path

import torch
from pydantic import BaseModel

from validate.command.frameworks.workload import DTYPES, Workload

SIDE = 256  # of the matrices; three of them fit the second-level cache
ELEMENTS = 4096  # of the array for tanh, which fits the first-level cache with its result
REPEATS = 5


class Limits(BaseModel):
    """Throughput in one type of numbers, each alone and at its best.

    Attributes:
        multiply_adds: per second, in a product of matrices by torch.
        tanh: per second, by torch over an array in the cache.
    """

    multiply_adds: float
    tanh: float

    def seconds(self, workload: Workload) -> float:
        """What the products and the tanh of a unit of work would take alone."""
        return workload.multiply_adds / self.multiply_adds + workload.evaluations / self.tanh


def limits(dtype: str) -> Limits:
    """Measured now."""
    kind = DTYPES[dtype]
    left, right, product = (torch.rand(SIDE, SIDE, dtype=kind) for _ in range(3))
    argument = torch.linspace(-3, 3, ELEMENTS, dtype=kind)
    value = torch.empty_like(argument)
    return Limits(
        multiply_adds=SIDE**3 / _shortest(lambda: torch.mm(left, right, out=product), 4),
        tanh=ELEMENTS / _shortest(lambda: torch.tanh(argument, out=value), 200),
    )


def _shortest(call: Callable[[], object], times: int) -> float:
    """Seconds of one call, at its best."""
    best = float("inf")
    for _ in range(REPEATS):
        begin = time.perf_counter()
        for _ in range(times):
            call()
        best = min(best, (time.perf_counter() - begin) / times)
    return best


def processor() -> str:
    """Its name as the system tells it, with the numbers of family and model where it has them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    pairs = (line.partition(":") for line in reversed(lines))
    told = {key.strip(): value.strip() for key, _, value in pairs}
    if "model name" not in told:
        return platform.machine()
    numbers = [f"{key.split()[-1]} {told[key]}" for key in ("cpu family", "model") if key in told]
    return f"{told['model name']} ({', '.join(numbers)})" if numbers else told["model name"]
