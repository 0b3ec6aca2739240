"""Trains networks with an activation on given data."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.activation.numerical import NumericalActivation
from sim.activation.sigma import sigma_of
from sim.condensation.amplitude import SHIFT, amplitude
from sim.condensation.finer import finer, seconds
from sim.condensation.lost_digits import lost_digits, lost_on_data
from sim.condensation.methods import Method, method
from sim.condensation.variants.on_data import OnData
from sim.data.data_set import DataSet
from sim.engine.executor import BlockResult, run_block
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.symbolic.activation import Activation
from theory.symbolic.leading_part import LeadingPart
from validate.activation.errors import TrainingError
from validate.activation.expected import Expected
from validate.activation.plan import size_of
from validate.activation.runs import LIMIT, SEEDS

BLOCK = 8  # network seeds trained together
BLOCKS = SEEDS // BLOCK
BLOCKS_SHOWN = 3  # where nothing is judged
GROWN = 2e4  # |w|/ε at the end of a usual run, for an estimate of its time


@dataclass(frozen=True)
class Prepared:
    """How one optimizer is trained.

    Attributes:
        experiment: what is trained, None where nothing can be.
        out_of_scope: why there is no verdict, None where there is one.
        untrained: why nothing is trained, None where something is.
    """

    experiment: OnData | None
    out_of_scope: str | None = None
    untrained: str | None = None

    @property
    def blocks(self) -> int:
        return BLOCKS if self.out_of_scope is None else BLOCKS_SHOWN


def prepare(
    described: Activation, data: DataSet, expected: Expected, limit: float = LIMIT
) -> Prepared:
    """How to train, with an amplitude at which the next order turns no orientation; or why not."""
    chosen, part, reason = expected.method, expected.part, expected.out_of_scope
    if chosen is None or part is None:
        return Prepared(None, reason, "nothing small grows by a power law")
    if reason is None:
        smaller = _quiet(described, data, expected)
        if isinstance(smaller, Method):
            return Prepared(_on_data(described, data, expected, smaller))
        reason = smaller
    needed = BLOCKS_SHOWN * BLOCK * seconds(chosen, len(data.y), GROWN)
    if needed > limit:
        return Prepared(
            None,
            reason,
            f"it would take about {needed:.0f} s of one core, more than the limit of {limit:.0f} s",
        )
    return Prepared(_on_data(described, data, expected, chosen), reason)


def _quiet(described: Activation, data: DataSet, expected: Expected) -> Method | str:
    """Settings up to an amplitude at which the next order turns no orientation, or why none."""
    chosen, form, part = expected.method, expected.form, expected.part
    assert chosen is not None
    assert form is not None
    assert part is not None
    sigma, narrow = sigma_of(described), SHIFT * expected.fine.gap
    found = expected.orientations
    level = amplitude(sigma, form, chosen.geometry, found, chosen.amplitude, narrow)
    if level is None:
        return "the next order of the activation turns the predicted orientations at any amplitude"
    norm = float(np.max(np.linalg.norm(data.augmented, axis=1)))
    smaller = method(
        chosen.optimizer,
        part,
        centered=bool(described.value_at_zero),
        neurons=chosen.neurons,
        norm=norm,
        amplitude=level,
        size=size_of(part, form.y),
        epsilon=expected.epsilon,
    )
    smaller = finer(smaller, expected.fine, part.order)
    return _lost(described, expected, form, part, smaller.epsilon * norm, smaller) or smaller


def _lost(
    described: Activation,
    expected: Expected,
    form: HomogeneousForm,
    part: LeadingPart,
    size: float,
    smaller: Method,
) -> str | None:
    """Whether σ in float64 has lost its digits at the initial weights."""
    sigma = sigma_of(described)
    if expected.governing is not None:
        return lost_on_data(sigma, form, smaller.epsilon)
    return lost_digits(sigma, part, float(described.value_at_zero or 0), size)


def _on_data(described: Activation, data: DataSet, expected: Expected, chosen: Method) -> OnData:
    return OnData(
        activation=described.name,
        given=data,
        governing=expected.governing,
        block=BLOCK,
        narrow=expected.fine.gap if expected.out_of_scope is None else 1.0,
        **_source(described),
        **chosen.settings,
    )


def _source(described: Activation) -> dict[str, Any]:
    """Where a torch callable comes from: its name is sent to other processes, code is not."""
    if not isinstance(described, NumericalActivation):
        return {}
    function = described.function
    return {"imported": True} if function.importable else {"function": function}


def train(
    prepared: Mapping[str, Prepared],
    seed: int,
    executor: Executor,
    progress: Callable[[str], None],
) -> dict[str, list[dict[str, Any]] | str]:
    """Measurements of all network seeds by optimizer; why there are none where nothing is judged.

    Raises:
        TrainingError: a block failed of what would be judged.
    """
    experiments = {n: one.experiment for n, one in prepared.items() if one.experiment is not None}
    wanted = [
        (name, block)
        for block in range(BLOCKS)
        for name in experiments
        if block < prepared[name].blocks
    ]
    results: dict[str, dict[int, list[Any]]] = {name: {} for name in experiments}
    failed, total = dict[str, list[dict[str, Any]] | str](), len(wanted)
    blocks = _blocks(experiments, wanted, seed, executor)
    for done, (name, block, result) in enumerate(blocks, start=1):
        if result.error is None:
            results[name][block] = list(result.measurements)
        elif prepared[name].out_of_scope is None:
            raise TrainingError(f"training failed: {result.error}")
        else:
            failed[name] = f"training failed: {result.error}"
        progress(f"trained {done} of {total} blocks")
    found: dict[str, list[dict[str, Any]] | str] = {
        name: [one for block in sorted(blocks) for one in blocks[block]]
        for name, blocks in results.items()
    }
    return {**found, **failed}


def run_all(
    experiments: Sequence[OnData], seed: int, executor: Executor
) -> list[list[dict[str, Any]]]:
    """Measurements of the first block of each experiment.

    Raises:
        TrainingError: a block failed.
    """
    named = {str(i): one for i, one in enumerate(experiments)}
    found = dict[str, list[Any]]()
    for name, _, result in _blocks(named, [(name, 0) for name in named], seed, executor):
        if result.error is not None:
            raise TrainingError(f"training failed: {result.error}")
        found[name] = list(result.measurements)
    return [found[name] for name in named]


def _blocks(
    experiments: dict[str, OnData], wanted: list[tuple[str, int]], seed: int, executor: Executor
) -> Iterator[tuple[str, int, BlockResult]]:
    """Results as they come, in other processes where the experiments can be sent there."""
    if any(one.function is not None for one in experiments.values()):
        for name, block in wanted:
            yield name, block, run_block(experiments[name], seed, block)
        return
    try:
        jobs = {
            executor.submit(run_block, experiments[name], seed, block): (name, block)
            for name, block in wanted
        }
        for job in as_completed(jobs):
            yield *jobs[job], job.result()
    except BrokenExecutor as error:
        raise TrainingError("training failed: a worker process ended") from error
