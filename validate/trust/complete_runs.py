"""Complete synthetic runs: how often any decision of a whole run comes out falsely.

Every registered decision is simulated by its kind, with its planned looks and its share of α. The
truth of each is put exactly at the edge of its margin, the least favorable place, where every
AGREE and every DISAGREE counts as false; a run is false where any of its decisions is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theory.prediction import Prediction
from validate.book import SHARES
from validate.decisions.rules.base import kind_of
from validate.decisions.ruling import OPEN
from validate.decisions.sample import summary
from validate.trust.calibration import cases, lower_limit, verdicts

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
    from validate.claim import checked, planned_units
    from validate.registry import claims

    decisions = [d for claim in claims() for d in checked(claim).decisions]
    share = alpha / SHARES
    return [
        Planned(d.prediction, planned_units(d, "quick"), share) for d in decisions if d.takes_share
    ]


def every_kind(alpha: float) -> list[Planned]:
    """A run with several decisions of every kind."""
    simulated = [case.prediction for case in cases()]
    random = [prediction for prediction in simulated if kind_of(prediction).takes_share]
    share = alpha / (COPIES * len(random))
    return [Planned(prediction, KIND_LOOKS, share) for prediction in random * COPIES]


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
    kind = kind_of(decision.prediction)
    if not kind.takes_share:
        return np.zeros(runs, dtype=bool)
    outcomes = kind.at_edge(rng, (runs, decision.looks[-1]))
    samples = [summary(outcomes[:, :look]) for look in decision.looks]
    return verdicts(decision.prediction, samples, decision.alpha)[0] != OPEN
