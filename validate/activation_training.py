"""Trains networks with an activation on given data and compares them with the prediction."""

from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.activation import compile as compile_activation
from sim.amplitude import amplitude
from sim.clustering import COSINE, SHARE
from sim.data import DataSet
from sim.executor import open_executor, run_block
from sim.methods import method
from sim.on_data import OnData
from theory.activation import Activation
from theory.condensation import bound_prediction, orientations_prediction
from theory.leading_part import leading_part
from theory.prediction import Orientations
from validate.activation_expected import Expected, size_of
from validate.activation_record import NamedVerdict
from validate.decision import Judgement, judge
from validate.orientation import Directed, directed, mismatches
from validate.orientation_record import Direction
from validate.results import Verdict

BLOCK, BLOCKS = 8, 9  # network seeds trained together, and how often: 72 seeds
TOLERATED = 0.1  # rate of networks above the bound: 72 networks can exclude no less
WORDS = {"gd": "gradient descent", "adam": "Adam"}
SMALLEST_GROWTH = 10.0


class TrainingError(RuntimeError):
    """Training failed; the message is one line."""


def experiment(described: Activation, data: DataSet, expected: Expected) -> OnData | str:
    """How to train, with an amplitude at which the next order turns no orientation; or why not."""
    chosen = expected.method
    if chosen is None or expected.form is None:
        return expected.out_of_scope or "nothing to train for"
    found = expected.orientations
    level = amplitude(compile_activation(described), expected.form, chosen.geometry, found)
    if level is None:
        return "the next order of the activation turns the predicted orientations at any amplitude"
    norm = float(np.max(np.linalg.norm(data.augmented, axis=1)))
    part = leading_part(described)
    smaller = method(
        chosen.optimizer,
        part,
        centered=bool(described.value_at_zero),
        neurons=chosen.neurons,
        norm=norm,
        amplitude=level,
        size=size_of(part, expected.form.y),
    )
    return OnData(activation=described.name, given=data, block=BLOCK, **smaller.settings)


def train(
    experiments: dict[str, OnData], seed: int, workers: int, progress: Callable[[str], None]
) -> dict[str, list[dict[str, Any]]]:
    """Measurements of all network seeds by name of the experiment.

    Raises:
        TrainingError: a block failed.
    """
    results: dict[str, dict[int, list[Any]]] = {name: {} for name in experiments}
    with open_executor(workers) as executor:
        jobs = {
            executor.submit(run_block, one, seed, block): (name, block)
            for block in range(BLOCKS)
            for name, one in experiments.items()
        }
        for done, job in enumerate(as_completed(jobs), start=1):
            name, block = jobs[job]
            result = job.result()
            if result.error is not None:
                raise TrainingError(result.error)
            results[name][block] = list(result.measurements)
            progress(f"trained {done} of {len(jobs)} blocks")
    return {
        name: [one for block in sorted(blocks) for one in blocks[block]]
        for name, blocks in results.items()
    }


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
    in_plane: bool,
) -> Compared:
    """Verdicts at ``level`` each, and the measured orientations of all networks together."""
    found = directed(expected.orientations)
    required = [one for one, wanted in zip(found, expected.judged, strict=True) if wanted]
    reason = _outside(measurements)
    seen = [directed(one["clusters"]) for one in measurements]
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
    return Compared(pooled(measurements, in_plane), tuple(verdicts), dead)


def _matches(
    prediction: Orientations,
    found: Sequence[Directed],
    required: Sequence[Directed],
    seen: Sequence[Directed],
) -> float:
    """Whether every orientation with enough neurons is there, and none that is not predicted."""
    margin = prediction.margin
    missing = [one for one in mismatches(required, seen, margin) if one in required]
    spurious = [one for one in mismatches(found, seen, margin) if one in seen]
    return float(not missing and not spurious)


def _outside(measurements: Sequence[dict[str, Any]]) -> str | None:
    """Which measured assumption of the theory does not hold."""
    loudest = max(one["moment_ratio"] for one in measurements)
    if loudest > 0.1:
        return f"the output reached {loudest:.0%} of the target's moments, at most 10 % is allowed"
    unfinished = float(np.mean([one["unfinished"] for one in measurements]))
    if unfinished > 0.02:
        return f"{unfinished:.0%} of the networks did not finish, at most 2 % is allowed"
    growth = min(one["growth"] for one in measurements)
    if growth < SMALLEST_GROWTH:
        return f"weights grew by {growth:.3g} only, at least {SMALLEST_GROWTH:g} is needed"
    return None


def _named(name: str, optimizer: str, told: Judgement, outside: str | None) -> NamedVerdict:
    full = f"{name}, {WORDS[optimizer]}"
    if outside is not None:
        return NamedVerdict(
            name=full, verdict=Verdict.OUT_OF_SCOPE, reason=outside, optimizer=optimizer
        )
    return NamedVerdict(name=full, verdict=told.verdict, reason=told.reason, optimizer=optimizer)


def pooled(measurements: Sequence[dict[str, Any]], in_plane: bool) -> tuple[Direction, ...]:
    """Orientations of all networks together: their clusters, joined where they agree."""
    entries = [
        (np.array(c["direction"]), c["sign"], c["share"] / len(measurements))
        for one in measurements
        for c in one["clusters"]
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
    made = [
        Direction.of(
            sum(weight * u for u, _, weight in group).tolist(),  # type: ignore[union-attr]
            group[0][1],
            sum(weight for *_, weight in group),
            in_plane,
        )
        for group in groups
    ]
    return tuple(sorted((d for d in made if d.share >= SHARE), key=lambda d: -d.share))
