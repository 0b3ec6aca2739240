"""Compares trained networks with the prediction: verdicts, and the measured orientations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.condensation.clustering import SHARE, cosine
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.laws import MARGIN, bound_prediction, orientations_prediction
from theory.direction import Direction
from theory.direction_sets import unmatched
from theory.prediction import Orientations
from theory.symbolic.activation import Activation
from validate.activation.expected import Expected
from validate.activation.scope import out_of_scope
from validate.claims.condensation.measured.assumptions import (
    GROWTH_BY_FLOW,
    MOMENT_RATIO,
    UNFINISHED,
)
from validate.decisions.judge import Judgement, judge
from validate.results.activation import NamedVerdict
from validate.results.demands import clause
from validate.results.words import OPTIMIZERS

TOLERATED = 0.1  # rate of networks above the bound: 72 networks can exclude no less


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
    reason = broken(measurements)
    verdicts = []
    if expected.method is not None:
        prediction = _prediction(expected, expected.method.geometry)
        matches = matcher(expected)
        told = judge(prediction, [float(matches(one)) for one in measurements], level)
        verdicts.append(_named("orientations", optimizer, told, reason))
    if described.bound is not None:
        most, name = _bound(described.bound, expected)
        bound = replace(bound_prediction(), tolerated_rate=TOLERATED)
        above = [float(len(_clusters(one)) > most) for one in measurements]
        verdicts.append(_named(name, optimizer, judge(bound, above, level), reason))
    dead = 1 - float(np.mean([one["kept"] for one in measurements]))
    pool = pooled(measurements, bias, expected.fine.gap)
    return Compared(pool, tuple(verdicts), dead)


def _bound(two_p: int, expected: Expected) -> tuple[int, str]:
    """The bound that is judged and its name: of the order that governs on these data.

    The bound 2p assumes that the leading form does not vanish on them.
    """
    q = expected.governing
    if q is None or 2 * q == two_p:
        return two_p, f"at most 2p = {two_p}"
    return 2 * q, f"at most 2q = {2 * q}, for order q = {q} governs"


def _prediction(expected: Expected, geometry: Geometry) -> Orientations:
    """With the margin of the run: narrower where orientations are close."""
    told = orientations_prediction(geometry)
    return replace(told, margin=told.margin * expected.fine.gap)


def matcher(expected: Expected) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a network's clusters are all predicted, and all those with enough neurons there."""
    found, margin = expected.orientations, MARGIN * expected.fine.gap
    required = [one for one, wanted in zip(found, expected.judged, strict=True) if wanted]

    def matches(measurement: Mapping[str, Any]) -> bool:
        seen = _clusters(measurement)
        return not unmatched(required, seen, margin) and not unmatched(seen, found, margin)

    return matches


def shown(measurements: Sequence[Mapping[str, Any]], bias: bool) -> Compared:
    """What training gave where nothing is judged."""
    dead = 1 - float(np.mean([one["kept"] for one in measurements]))
    return Compared(pooled(measurements, bias), (), dead)


def _named(name: str, optimizer: str, told: Judgement, outside: str | None) -> NamedVerdict:
    full = f"{name}, {OPTIMIZERS[optimizer]}"
    if outside is not None:
        return out_of_scope(optimizer, outside, name=name)
    return NamedVerdict(
        name=full,
        verdict=told.verdict,
        reason="; ".join(filter(None, (told.reason, clause(told.tightest)))),
        optimizer=optimizer,
        networks=told.n,
        share=told.measured,
        interval=told.interval,
    )


def _clusters(measurement: Mapping[str, Any]) -> tuple[Direction, ...]:
    return tuple(Direction.from_data(one) for one in measurement["clusters"])


def pooled(
    measurements: Sequence[Mapping[str, Any]], bias: bool, narrow: float = 1.0
) -> tuple[Direction, ...]:
    """Orientations of all networks together: their clusters, joined where they agree.

    ``narrow`` is the gap of the clusters in units of the usual one.
    """
    entries = [
        (np.array(one.direction), one.sign, (one.share or 0.0) / len(measurements))
        for measurement in measurements
        for one in _clusters(measurement)
    ]
    entries.sort(key=lambda entry: -entry[2])
    reach = cosine(narrow)
    groups: list[list[tuple[np.ndarray, int, float]]] = []
    for entry in entries:
        near = (g for g in groups if g[0][1] == entry[1] and g[0][0] @ entry[0] > reach)
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


def _not_finite(measurements: Sequence[Mapping[str, Any]]) -> str:
    """How many networks ended with numbers that are not finite, and when those did: at which step
    of its own training each."""
    share = float(np.mean([one["not_finite"] for one in measurements]))
    if share == 0:
        return ""
    steps = [one["not_finite_at"] for one in measurements if one["not_finite"]]
    first, last = min(steps), max(steps)
    when = f"first by step {first}" + f", last by step {last}" * (last > first)
    at_start = sum(step == 0 for step in steps)
    initial = f" (step 0, the initial weights, in {at_start} of {len(steps)})" if at_start else ""
    return (
        f"; in {share:.0%} an output or a weight became not finite, {when}{initial}: there "
        "the activation or its derivative is not finite"
    )


def broken(measurements: Sequence[Mapping[str, Any]]) -> str | None:
    """Which assumption fails for networks on data that somebody gives; None where all hold.

    The share that did not finish is that of all networks, for one of them is no data set.
    """
    loudest = max(one["moment_ratio"] for one in measurements)
    if loudest > MOMENT_RATIO:
        return (
            f"the output reached {loudest:.0%} of the target's moments, at most "
            f"{100 * MOMENT_RATIO:g} % is allowed"
        )
    unfinished = float(np.mean([one["unfinished"] for one in measurements]))
    if unfinished > UNFINISHED:
        return (
            f"{unfinished:.0%} of the networks did not finish, at most {100 * UNFINISHED:g} % is "
            f"allowed{_not_finite(measurements)}"
        )
    growth = min(one["growth"] for one in measurements)
    if growth < GROWTH_BY_FLOW:
        return f"weights grew by {growth:.3g} only, at least {GROWTH_BY_FLOW:g} is needed"
    return None
