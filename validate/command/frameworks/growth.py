"""What one network costs in ensembles of growing size: the same, and memory that is bounded.

Runs of seconds meet other processes: time is the processor's, and each size is compared with a
reference beside it.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel

from validate.command.frameworks.memory import forget_peak, peak_memory
from validate.command.frameworks.rivals import Ours
from validate.command.frameworks.workload import Workload, start_of

REFERENCE = 1000  # networks; in smaller ensembles, what a call costs counts
MAY_DIFFER = 0.2
MEMORY = 2 * 2**30  # bytes
ROUNDS = 5
TIMED = 10_000  # networks that are trained at least between two looks at the clock


@dataclass(frozen=True)
class Growth:
    """A workload in float64, and the numbers of networks to train of it."""

    workload: Workload
    sizes: tuple[int, ...] = (1, 10, 100, 1000, 10_000, 100_000)

    @property
    def name(self) -> str:
        return self.workload.name


class Size(BaseModel):
    """Networks that are trained at once.

    Attributes:
        seconds: of the processor for one of them, per unit of the workload; median of the rounds.
        relative: this over the same of a reference beside it, `REFERENCE` networks.
        memory: peak of this process meanwhile, in bytes.
    """

    networks: int
    seconds: float
    relative: float
    memory: int


class Grown(BaseModel):
    """Costs by size.

    Attributes:
        spread: from `REFERENCE` networks on, the dearest over the cheapest, less 1.
        linear: whether this is at most `MAY_DIFFER`; None where fewer than two sizes count.
        fits: whether the process never took more than `MEMORY`.
    """

    name: str
    unit: str
    sizes: tuple[Size, ...]
    spread: float
    linear: bool | None
    fits: bool


def grow(one: Growth, tell: Callable[[str], None]) -> Grown:
    """Train ensembles of every size."""
    tell(one.name)
    reference = _ensemble(one, REFERENCE)
    sizes = [_size(one, networks, reference) for networks in sorted(one.sizes)]
    large = [size.relative for size in sizes if size.networks >= REFERENCE]
    spread = max(large) / min(large) - 1 if large else 0.0
    return Grown(
        name=one.name,
        unit=one.workload.unit,
        sizes=tuple(sizes),
        spread=spread,
        linear=spread <= MAY_DIFFER if len(large) > 1 else None,
        fits=max(size.memory for size in sizes) <= MEMORY,
    )


def _ensemble(one: Growth, networks: int) -> Ours:
    workload = one.workload.resized(networks)
    ours = Ours(workload, start_of(workload, "float64"))
    ours.run()  # compiles
    return ours


def _size(one: Growth, networks: int, reference: Ours) -> Size:
    forget_peak()
    ours = _ensemble(one, networks)
    again = max(1, TIMED // networks // (1 if networks >= REFERENCE else 10))
    seconds, ratios = [], []
    for _ in range(ROUNDS):
        seconds.append(_seconds(ours, again))
        ratios.append(seconds[-1] / _seconds(reference, TIMED // REFERENCE))
    return Size(
        networks=networks,
        seconds=statistics.median(seconds),
        relative=statistics.median(ratios),
        memory=peak_memory(),
    )


def _seconds(ours: Ours, again: int) -> float:
    """Of the processor, for one unit."""
    begin = time.process_time()
    for _ in range(again):
        ours.run()
    return (time.process_time() - begin) / (again * ours.units)
