"""Complete synthetic runs: how often any decision of a whole run comes out falsely.

Every registered decision is simulated by its kind, with its planned looks and its share of α. The
truth of each is put exactly at the edge of its margin, the least favorable place, where every
AGREE and every DISAGREE counts as false; a run is false where any of its decisions is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theory.prediction import (
    Bound,
    Count,
    CountedShares,
    Curve,
    Exponent,
    Identity,
    Ordering,
    Orientations,
    Prediction,
    Shares,
    Successes,
    Value,
)
from validate.decisions.ruling import OPEN
from validate.decisions.sample import summary
from validate.trust.calibration import TEST, WINDOW, lower_limit, verdicts

CHUNK = 1000  # runs simulated at once
KIND_LOOKS = (160, 240, 320, 400)
COPIES = 4  # of every kind in the run of all kinds


@dataclass(frozen=True)
class Planned:
    """A decision of a run: prediction, units at each look, and α for all its looks."""

    prediction: Prediction
    looks: tuple[int, ...]
    alpha: float


@dataclass(frozen=True)
class Familywise:
    """Share of complete runs with any false verdict."""

    name: str
    alpha: float
    decisions: int
    runs: int
    share: float
    lower_limit: float
    passed: bool


def registered(alpha: float) -> list[Planned]:
    """The decisions of all claims of this installation, controls included, as a run plans them."""
    from validate.claim import check, planned_units
    from validate.registry import claims

    decisions = [d for claim in claims() for d in check(claim, claim.build()).decisions]
    share = alpha / len(decisions)
    return [Planned(d.prediction, planned_units(d, "quick"), share) for d in decisions]


def every_kind(alpha: float) -> list[Planned]:
    """A run with several decisions of every kind."""
    kinds = (
        Value(*TEST),
        Value(*TEST, bounded=(-10.0, 10.0)),
        Curve(*TEST, expected=(0.0, 0.0, 0.0)),
        Exponent(*TEST, window=WINDOW, local_margin=4.0),
        Ordering(*TEST),
        Bound(*TEST),
        Orientations(*TEST),
        Count(*TEST),
        Shares(*TEST),
        CountedShares(*TEST),
    )
    share = alpha / (COPIES * len(kinds))
    return [Planned(kind, KIND_LOOKS, share) for kind in kinds * COPIES]


def familywise(
    name: str, planned: Sequence[Planned], alpha: float, runs: int, rng: np.random.Generator
) -> Familywise:
    """Simulate ``runs`` complete runs of these decisions."""
    false = 0
    for start in range(0, runs, CHUNK):
        any_false = np.zeros(min(CHUNK, runs - start), dtype=bool)
        for decision in planned:
            any_false |= _verdict_at_edge(decision, len(any_false), rng)
        false += int(any_false.sum())
    lower = lower_limit(false, runs)
    return Familywise(name, alpha, len(planned), runs, false / runs, lower, lower <= alpha)


def _verdict_at_edge(decision: Planned, runs: int, rng: np.random.Generator) -> np.ndarray:
    """Which runs decide although the truth is at the edge of the margin."""
    prediction, n = decision.prediction, decision.looks[-1]
    if isinstance(prediction, Identity):
        return np.zeros(runs, dtype=bool)  # a tolerance, nothing random
    outcomes = _outcomes_at_edge(prediction, runs, n, rng)
    samples = [summary(outcomes[:, :look]) for look in decision.looks]
    return verdicts(prediction, samples, decision.alpha)[0] != OPEN


def _outcomes_at_edge(
    prediction: Prediction, runs: int, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Outcomes with the truth at the edge and Gaussian noise of the size of the margin."""
    if isinstance(prediction, Bound):
        return (rng.random((runs, n, 1)) < prediction.tolerated_rate).astype(float)
    if isinstance(prediction, Successes):
        return (rng.random((runs, n, 1)) < prediction.required_share).astype(float)
    margins = getattr(prediction, "margins", (prediction.margin,))
    if isinstance(prediction, Curve):
        margins = (prediction.margin,) * max(len(prediction.expected), 1)
    noise = rng.standard_normal((runs, n, len(margins)))
    return np.asarray(margins) * (1 + noise)
