"""Trains networks with an activation on given data and compares them with the prediction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.activation.numerical import NumericalActivation
from sim.activation.sigma import sigma_of
from sim.condensation.amplitude import amplitude
from sim.condensation.clustering import COSINE, SHARE
from sim.condensation.lost_digits import lost_digits, lost_on_data
from sim.condensation.methods import method
from sim.condensation.variants.on_data import OnData
from sim.data.data_set import DataSet
from sim.engine.executor import BlockResult, run_block
from theory.condensation.laws import bound_prediction, orientations_prediction
from theory.direction import Direction
from theory.direction_sets import unmatched
from theory.prediction import Orientations
from theory.symbolic.activation import Activation
from theory.symbolic.leading_part import LeadingPart
from validate.activation.errors import TrainingError
from validate.activation.expected import Expected, size_of
from validate.claims.condensation.measured.assumptions import broken
from validate.decisions.judge import Judgement, judge
from validate.results.activation import NamedVerdict
from validate.results.records import Verdict

BLOCK, BLOCKS = 8, 9  # network seeds trained together, and how often: 72 seeds
TOLERATED = 0.1  # rate of networks above the bound: 72 networks can exclude no less
WORDS = {"gd": "gradient descent", "adam": "Adam"}


def experiment(described: Activation, data: DataSet, expected: Expected) -> OnData | str:
    """How to train, with an amplitude at which the next order turns no orientation; or why not."""
    chosen = expected.method
    if chosen is None or expected.form is None:
        return expected.out_of_scope or "nothing to train for"
    form, sigma = expected.form, sigma_of(described)
    level = amplitude(sigma, form, chosen.geometry, expected.orientations, chosen.amplitude)
    if level is None:
        return "the next order of the activation turns the predicted orientations at any amplitude"
    norm = float(np.max(np.linalg.norm(data.augmented, axis=1)))
    part = LeadingPart(form.order, form.right, form.left)
    smaller = method(
        chosen.optimizer,
        part,
        centered=bool(described.value_at_zero),
        neurons=chosen.neurons,
        norm=norm,
        amplitude=level,
        size=size_of(part, form.y),
    )
    if expected.governing is None:
        value = float(described.value_at_zero or 0)
        lost = lost_digits(sigma, part, value, smaller.epsilon * norm)
    else:
        lost = lost_on_data(sigma, form, smaller.epsilon)
    if lost is not None:
        return lost
    return OnData(
        activation=described.name,
        given=data,
        governing=expected.governing,
        block=BLOCK,
        **_source(described),
        **smaller.settings,
    )


def _source(described: Activation) -> dict[str, Any]:
    """Where a torch callable comes from: its name is sent to other processes, code is not."""
    if not isinstance(described, NumericalActivation):
        return {}
    function = described.function
    return {"imported": True} if function.importable else {"function": function}


def train(
    experiments: dict[str, OnData], seed: int, executor: Executor, progress: Callable[[str], None]
) -> dict[str, list[dict[str, Any]]]:
    """Measurements of all network seeds by name of the experiment.

    Raises:
        TrainingError: a block failed.
    """
    results: dict[str, dict[int, list[Any]]] = {name: {} for name in experiments}
    total = BLOCKS * len(experiments)
    for done, (name, block, result) in enumerate(_blocks(experiments, seed, executor), start=1):
        if result.error is not None:
            raise TrainingError(f"training failed: {result.error}")
        results[name][block] = list(result.measurements)
        progress(f"trained {done} of {total} blocks")
    return {
        name: [one for block in sorted(blocks) for one in blocks[block]]
        for name, blocks in results.items()
    }


def _blocks(
    experiments: dict[str, OnData], seed: int, executor: Executor
) -> Iterator[tuple[str, int, BlockResult]]:
    """Results as they come, in other processes where the experiments can be sent there."""
    wanted = [(name, block) for block in range(BLOCKS) for name in experiments]
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


@dataclass(frozen=True)
class Compared:
    """What training gave under one optimizer."""

    measured: tuple[Direction, ...]
    verdicts: tuple[NamedVerdict, ...]
    dead_share: float


def compare(
    optimizer: str,
    described: Activation,
    expected: Expected,
    measurements: Sequence[dict[str, Any]],
    level: float,
    bias: bool,
) -> Compared:
    """Verdicts at ``level`` each, and the measured orientations of all networks together."""
    found = expected.orientations
    required = [one for one, wanted in zip(found, expected.judged, strict=True) if wanted]
    reason = broken(measurements)
    seen = [_clusters(one) for one in measurements]
    geometry = expected.method.geometry if expected.method else None
    verdicts = []
    if geometry is not None:
        prediction = orientations_prediction(geometry)
        outcomes = [_matches(prediction, found, required, one) for one in seen]
        told = judge(prediction, outcomes, level)
        verdicts.append(_named("orientations", optimizer, told, reason))
    if described.bound is not None:
        bound = replace(bound_prediction(), tolerated_rate=TOLERATED)
        above = [float(len(one) > described.bound) for one in seen]
        verdicts.append(
            _named(f"at most 2p = {described.bound}", optimizer, judge(bound, above, level), reason)
        )
    dead = 1 - float(np.mean([one["kept"] for one in measurements]))
    return Compared(pooled(measurements, bias), tuple(verdicts), dead)


def _matches(
    prediction: Orientations,
    found: Sequence[Direction],
    required: Sequence[Direction],
    seen: Sequence[Direction],
) -> float:
    """Whether every orientation with enough neurons is there, and none that is not predicted."""
    margin = prediction.margin
    missing, spurious = unmatched(required, seen, margin), unmatched(seen, found, margin)
    return float(not missing and not spurious)


def _named(name: str, optimizer: str, told: Judgement, outside: str | None) -> NamedVerdict:
    full = f"{name}, {WORDS[optimizer]}"
    if outside is not None:
        return NamedVerdict(
            name=full, verdict=Verdict.OUT_OF_SCOPE, reason=outside, optimizer=optimizer
        )
    return NamedVerdict(
        name=full,
        verdict=told.verdict,
        reason=told.reason,
        optimizer=optimizer,
        networks=told.n,
        share=told.measured,
        interval=told.interval,
    )


def _clusters(measurement: Mapping[str, Any]) -> tuple[Direction, ...]:
    return tuple(Direction.from_data(one) for one in measurement["clusters"])


def pooled(measurements: Sequence[Mapping[str, Any]], bias: bool) -> tuple[Direction, ...]:
    """Orientations of all networks together: their clusters, joined where they agree."""
    entries = [
        (np.array(one.direction), one.sign, (one.share or 0.0) / len(measurements))
        for measurement in measurements
        for one in _clusters(measurement)
    ]
    entries.sort(key=lambda entry: -entry[2])
    groups: list[list[tuple[np.ndarray, int, float]]] = []
    for entry in entries:
        near = (g for g in groups if g[0][1] == entry[1] and g[0][0] @ entry[0] > COSINE)
        group = next(near, None)
        if group is None:
            groups.append([entry])
        else:
            group.append(entry)
    weights = [sum(weight for *_, weight in group) for group in groups]
    largest = sorted((i for i, w in enumerate(weights) if w >= SHARE), key=lambda i: -weights[i])
    return tuple(
        Direction.of(
            sum(weight * u for u, _, weight in groups[i]).tolist(),  # type: ignore[union-attr]
            groups[i][0][1],
            weights[i],
            bias=bias,
        )
        for i in largest
    )
