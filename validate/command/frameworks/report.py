"""All that `python -m validate bench` finds, as data."""

import importlib.metadata
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from statistics import geometric_mean

from pydantic import BaseModel

from sim.native import compiler
from validate.command.bench.timing import Case, Timing, measure
from validate.command.frameworks.comparison import Comparison, compare, on_one_core
from validate.command.frameworks.growth import Grown, Growth, grow
from validate.command.frameworks.jax_process import JaxProcess, is_installed
from validate.command.frameworks.limits import Limits, limits, processor
from validate.command.frameworks.memory import peak_memory
from validate.command.frameworks.workload import DTYPES, Workload

Named = Case | Workload | Growth


class Machine(BaseModel):
    """Where it was measured, on one thread.

    Attributes:
        processor: its name.
        versions: of torch, of JAX and of the compiler; None where there is none.
        limits: throughput of torch's matrix product and tanh, by type of numbers.
    """

    processor: str
    versions: dict[str, str | None]
    limits: dict[str, Limits]


class Memory(BaseModel):
    """Peaks in bytes: of this process, of JAX's; None without it."""

    ours: int
    jax: int | None


class Means(BaseModel):
    """Geometric means of the ratios to the others, over the comparisons; None without any."""

    one_by_one: float | None
    by_hand: float | None
    jax: float | None


class Report(BaseModel):
    """Of what was chosen."""

    machine: Machine
    timings: list[Timing]
    frameworks: list[Comparison]
    means: Means
    ensemble_sizes: list[Grown]
    peak_memory: Memory


def find(chosen: Sequence[Named], tell: Callable[[str], None]) -> Report:
    """Measure what was chosen; ``tell`` hears what comes next.

    Raises:
        DifferentWeightsError: where the frameworks do not end at the same weights.
    """
    with ExitStack() as opened:
        opened.enter_context(on_one_core())
        throughput = {dtype: limits(dtype) for dtype in DTYPES}
        timings = measure([one for one in chosen if isinstance(one, Case)], tell)
        workloads = [one for one in chosen if isinstance(one, Workload)]
        jax = opened.enter_context(JaxProcess()) if workloads and is_installed() else None
        compared = compare(workloads, jax, tell)
        before = peak_memory()
        grown = [grow(one, tell) for one in chosen if isinstance(one, Growth)]
        return Report(
            machine=Machine(processor=processor(), versions=_versions(), limits=throughput),
            timings=timings,
            frameworks=compared,
            means=_means(compared),
            ensemble_sizes=grown,
            peak_memory=_memory(before, grown, jax),
        )


def _versions() -> dict[str, str | None]:
    jax = importlib.metadata.version("jax") if is_installed() else None
    return {"torch": importlib.metadata.version("torch"), "jax": jax, "compiler": compiler()}


def _memory(before: int, grown: Sequence[Grown], jax: JaxProcess | None) -> Memory:
    peaks = [size.memory for one in grown for size in one.sizes]
    return Memory(ours=max(before, *peaks, peak_memory()), jax=jax.memory() if jax else None)


def _means(compared: Sequence[Comparison]) -> Means:
    alone = [one.one_by_one.ratio for one in compared]
    by_hand = [one.by_hand.ratio for one in compared]
    jax = [one.jax.ratio for one in compared if one.jax is not None]
    return Means(
        one_by_one=geometric_mean(alone) if alone else None,
        by_hand=geometric_mean(by_hand) if by_hand else None,
        jax=geometric_mean(jax) if jax else None,
    )
