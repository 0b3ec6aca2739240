"""Ours, torch one by one and JAX in turn, from one start; all must end at the same weights."""

import os
import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager

import torch
from pydantic import BaseModel

from sim.networks.ensemble import Weights
from validate.command.frameworks.compiling import Compiled, compile_times
from validate.command.frameworks.jax_process import JaxProcess
from validate.command.frameworks.limits import limits
from validate.command.frameworks.rivals import Jax, OneByHand, OneByOne, Ours, Rival
from validate.command.frameworks.workload import DTYPES, Workload, start_of

ROUNDS = 7  # in each, everybody runs once
# largest difference of weights, relative to the largest weight
CLOSE = {"float64": 1e-9, "float32": 1e-4}


class DifferentWeightsError(RuntimeError):
    """Somebody ended at other weights, so that times say nothing."""


class Side(BaseModel):
    """One of those that ours is compared with.

    Attributes:
        seconds: median over the rounds, per unit.
        ratio: median over the rounds of this time over ours; above 1 it is slower.
        ratios: of every round, sorted.
        difference: of the weights at the end, relative to the largest.
        compile_seconds: where it compiles, else None.
    """

    seconds: float
    ratio: float
    ratios: tuple[float, ...]
    difference: float
    compile_seconds: float | None = None


class Comparison(BaseModel):
    """Of one workload in one type of numbers.

    Attributes:
        seconds: ours, median over the rounds, per unit.
        one_by_one, by_hand, jax: the others; ``jax`` is None where it is not installed.
        limit_seconds: what torch's matrix products and tanh alone take for as many operations,
            beside the others; median over the rounds.
        share: of the limit in our time, likewise.
        compiled: what it takes to have our machine code; None where there is no compiler.
    """

    name: str
    dtype: str
    unit: str
    seconds: float
    one_by_one: Side
    by_hand: Side
    jax: Side | None
    limit_seconds: float
    share: float
    compiled: Compiled | None


def compare(
    workloads: Sequence[Workload],
    jax: JaxProcess | None,
    tell: Callable[[str], None],
    rounds: int = ROUNDS,
) -> list[Comparison]:
    """Every workload in every type of numbers.

    Raises:
        DifferentWeightsError: where not all end at the same weights.
    """
    found = []
    for workload in workloads:
        for dtype in DTYPES:
            tell(f"{workload.name}, {dtype}")
            found.append(_compared(workload, dtype, jax, rounds))
    return found


def _compared(
    workload: Workload, dtype: str, process: JaxProcess | None, rounds: int
) -> Comparison:
    start = start_of(workload, dtype)
    ours, alone = Ours(workload, start), OneByOne(workload, start)
    by_hand = OneByHand(workload, start)
    jax = None if process is None else Jax(process, workload, start)
    others = [alone, by_hand] if jax is None else [alone, by_hand, jax]

    def limit() -> float:
        return limits(dtype).seconds(workload)

    mine, limiting, *theirs = _times([ours.unit, limit, *(one.unit for one in others)], rounds)
    sides = [
        Side(
            seconds=statistics.median(times),
            ratio=statistics.median(_ratios(times, mine)),
            ratios=tuple(sorted(_ratios(times, mine))),
            difference=_difference(workload, dtype, ours.ended, other),
            compile_seconds=other.compile_seconds,
        )
        for other, times in zip(others, theirs, strict=True)
    ]
    return Comparison(
        name=workload.name,
        dtype=dtype,
        unit=workload.unit,
        seconds=statistics.median(mine),
        one_by_one=sides[0],
        by_hand=sides[1],
        jax=sides[2] if jax is not None else None,
        limit_seconds=statistics.median(limiting),
        share=statistics.median(_ratios(limiting, mine)),
        compiled=compile_times(workload, dtype),
    )


def _times(units: Sequence[Callable[[], float]], rounds: int) -> list[list[float]]:
    """What everybody returns in every round, after one to warm up."""
    for unit in units:
        unit()
    taken = [[unit() for unit in units] for _ in range(rounds)]
    return [list(times) for times in zip(*taken, strict=True)]


def _ratios(theirs: Sequence[float], ours: Sequence[float]) -> list[float]:
    return [slow / fast for slow, fast in zip(theirs, ours, strict=True)]


def _difference(workload: Workload, dtype: str, ours: Weights, other: Rival) -> float:
    """Between the weights of those that the other has trained."""
    theirs = other.ended
    sets, neurons = theirs.a.shape
    largest = 0.0
    for mine, their in ((ours.w, theirs.w), (ours.a, theirs.a)):
        same = mine[:sets, :neurons]
        largest = max(largest, float((same - their).abs().max() / same.abs().max()))
    if not largest <= CLOSE[dtype]:
        raise DifferentWeightsError(
            f"{workload.name}, {dtype}: {other.name} ends at other weights, relative difference"
            f" {largest:.1e}; times say nothing"
        )
    return largest


@contextmanager
def on_one_core():
    """One thread, kept on one core where the system can; processes started here are, too."""
    with ExitStack() as after:
        after.callback(torch.set_num_threads, torch.get_num_threads())
        torch.set_num_threads(1)
        if hasattr(os, "sched_setaffinity"):
            cores = os.sched_getaffinity(0)
            after.callback(os.sched_setaffinity, 0, cores)
            os.sched_setaffinity(0, {max(cores)})
        yield
