"""Speed of the simulations against doing the same one by one, on one thread.

Ours and the baseline are timed in turn, several times: on a busy machine the ratio of two
neighboring times says more than either. Work is counted in the unit that the case names. What is
timed is in the ``measured.timings`` of each theory's claims.
"""

import dataclasses
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager

import torch
from pydantic import BaseModel

from sim.experiment import Experiment

ONE_BY_ONE = "one by one"
PAIRS = 5  # timings of ours and of the baseline, in turn


@dataclasses.dataclass(frozen=True)
class Case:
    """What is timed.

    Attributes:
        name: what is simulated.
        unit: what the time is divided by.
        work: how many of these units one call does.
        ours: the batched simulation.
        share: part of the work that the baseline does, for it is slow.
        baseline: the same without batching; in words in ``against``.
    """

    name: str
    unit: str
    work: float
    ours: Callable[[], object]
    share: float
    baseline: Callable[[], object]
    against: str


def together(name: str, experiment: Experiment, unit: str) -> Case:
    """A block of an experiment against its replicates one after another."""
    alone = range(max(1, experiment.block // 4))
    return Case(
        name=name,
        unit=unit,
        work=float(experiment.block),
        ours=lambda: experiment.simulate(0, range(experiment.block), "cpu"),
        share=len(alone) / experiment.block,
        baseline=lambda: [experiment.simulate(0, [k], "cpu") for k in alone],
        against=ONE_BY_ONE,
    )


class Timing(BaseModel):
    """Medians over the pairs, in seconds per unit of work; the ratio is the median of ratios."""

    name: str
    unit: str
    seconds: float
    against: str
    baseline_seconds: float
    ratio: float
    ratios: tuple[float, ...]


def measure(
    chosen: Sequence[Case], tell: Callable[[str], None], pairs: int = PAIRS
) -> list[Timing]:
    """Time every case, ours and its baseline in turn; ``tell`` hears what comes next."""
    with _one_thread():
        return [_measured(case, tell, pairs) for case in chosen]


@contextmanager
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _measured(case: Case, tell: Callable[[str], None], pairs: int) -> Timing:
    tell(case.name)
    case.baseline()  # compiles, and fills what is computed once
    ours, baseline = [], []
    for _ in range(pairs):
        ours.append(_seconds(case.ours) / case.work)
        baseline.append(_seconds(case.baseline) / (case.work * case.share))
    ratios = [slow / fast for slow, fast in zip(baseline, ours, strict=True)]
    return Timing(
        name=case.name,
        unit=case.unit,
        seconds=statistics.median(ours),
        against=case.against,
        baseline_seconds=statistics.median(baseline),
        ratio=statistics.median(ratios),
        ratios=tuple(sorted(ratios)),
    )


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
