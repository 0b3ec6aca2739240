"""The decision rules: from summaries of outcomes to intervals and verdicts, by kind of prediction.

Each works on any number of runs at once; a real run is a single one, so that
`validate.trust.calibration` exercises exactly the code that judges. The interval comes from
`validate.decisions.intervals`:

- AGREE where the whole interval lies inside the margin, DISAGREE where it lies outside;
- several intervals in one decision (a curve's points, local slopes) share α equally (Bonferroni),
  AGREE needs all of them inside and DISAGREE one of them outside;
- where a guard refuses the sample there is no verdict.

A wrong AGREE or DISAGREE needs an interval that misses the truth. With at most α/K for each of K
planned looks and α = Σ α_k over the decisions, the chance of any in a run is at most α by the
union bound, however looks and decisions depend on each other.
"""

from dataclasses import dataclass
from functools import singledispatch

import numpy as np
from jaxtyping import Bool, Float, Int

from theory.prediction import (
    Bound,
    Curve,
    Exponent,
    Identity,
    Ordering,
    Prediction,
    Successes,
    Value,
)
from validate.decisions import guards
from validate.decisions.guards import Guard
from validate.decisions.intervals import clopper_pearson, empirical_bernstein, student
from validate.decisions.sample import Moment, Sample

AGREE, OPEN, DISAGREE = 1, 0, -1


@dataclass(frozen=True)
class Ruling:
    """What a rule says of each run: intervals at every point, one verdict, or a refusal.

    ``level`` is that of each interval, ``guards`` those that were asked.
    """

    low: Moment
    high: Moment
    verdict: Int[np.ndarray, " runs"]
    refused: Bool[np.ndarray, " runs"]
    level: float
    guards: tuple[Guard, ...]


@singledispatch
def rule(prediction: Prediction, sample: Sample, alpha: float) -> Ruling:
    """The ruling on a prediction at one look of level ``alpha``."""
    raise TypeError(f"no decision rule for {type(prediction).__name__}")


@rule.register
def _(prediction: Value, sample: Sample, alpha: float) -> Ruling:
    return _equivalence(sample, (prediction.margin,), alpha, prediction.bounded)


@rule.register
def _(prediction: Curve, sample: Sample, alpha: float) -> Ruling:
    margins = (prediction.margin,) * sample.mean.shape[1]
    return _equivalence(sample, margins, alpha, prediction.bounded)


@rule.register
def _(prediction: Exponent, sample: Sample, alpha: float) -> Ruling:
    return _equivalence(sample, prediction.margins, alpha)


@rule.register
def _(prediction: Ordering, sample: Sample, alpha: float) -> Ruling:
    low, high = student(sample.mean, sample.sd, sample.n, alpha)
    agree, disagree = low > prediction.margin, high < 0
    return _ruling(low, high, agree, disagree, guards.STUDENT, sample, alpha)


@rule.register
def _(prediction: Bound, sample: Sample, alpha: float) -> Ruling:
    low, high = clopper_pearson(_count(sample), sample.n, alpha)
    agree, disagree = high < prediction.tolerated_rate, low > prediction.tolerated_rate
    return _ruling(low, high, agree, disagree, guards.ANY, sample, alpha)


@rule.register
def _(prediction: Successes, sample: Sample, alpha: float) -> Ruling:
    low, high = clopper_pearson(_count(sample), sample.n, alpha)
    agree, disagree = low > prediction.required_share, high < prediction.required_share
    return _ruling(low, high, agree, disagree, guards.ANY, sample, alpha)


@rule.register
def _(prediction: Identity, sample: Sample, alpha: float) -> Ruling:
    worst = sample.highest
    agree = worst <= prediction.margin
    return _ruling(np.zeros_like(worst), worst, agree, ~agree, guards.ANY, sample, alpha)


def _equivalence(
    sample: Sample,
    margins: tuple[float, ...],
    alpha: float,
    bounded: tuple[float, float] | None = None,
) -> Ruling:
    margin, level = np.asarray(margins), alpha / len(margins)
    if bounded is None:
        asked = guards.STUDENT
        low, high = student(sample.mean, sample.sd, sample.n, level)
    else:
        asked = (*guards.ANY, guards.within(*bounded))
        width = bounded[1] - bounded[0]
        low, high = empirical_bernstein(sample.mean, sample.sd, sample.n, width, level)
    inside, outside = (low >= -margin) & (high <= margin), (low > margin) | (high < -margin)
    return _ruling(low, high, inside, outside, asked, sample, level)


def _ruling(
    low: Moment,
    high: Moment,
    agree: Bool[np.ndarray, "runs points"],
    disagree: Bool[np.ndarray, "runs points"],
    asked: tuple[Guard, ...],
    sample: Sample,
    level: float,
) -> Ruling:
    refused = np.asarray(guards.refused(asked, sample, level).any(axis=1))
    verdict = np.where(agree.all(axis=1), AGREE, np.where(disagree.any(axis=1), DISAGREE, OPEN))
    return Ruling(low, high, np.where(refused, OPEN, verdict), refused, level, asked)


def _count(sample: Sample) -> Float[np.ndarray, "runs points"]:
    return np.rint(sample.mean * sample.n)
