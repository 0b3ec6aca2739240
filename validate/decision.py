"""Decision rules: from the outcomes of independent units to an interval and a verdict.

AGREE is an equivalence statement: the whole interval lies inside the margin. DISAGREE: it lies
outside. Everything else is INCONCLUSIVE. Each rule computes an ordinary fixed-n interval of
level 1 − α; the α of a look is the decision's share of the run's α divided by its looks, so
the guarantee holds over all looks by the union bound. Intervals come from scipy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np
from scipy import stats

from theory.prediction import Bound, Identity, Orientations, Prediction, Value
from validate.orientation import mismatches
from validate.results import Verdict

MIN_BLOCKS = 16  # below this Student t leans too hard on normality


@dataclass(frozen=True)
class Judgement:
    """What one look says. ``measured`` and ``interval`` are in ``unit``."""

    measured: float | None
    interval: tuple[float, float] | None
    unit: str
    n: int
    verdict: Verdict
    reason: str


@singledispatch
def outcome(prediction: Prediction, predicted: Any, observed: Any) -> float:
    """What one unit contributes to the decision, by kind of prediction."""
    raise TypeError(f"no decision rule for {type(prediction).__name__}")


@outcome.register
def _(prediction: Value, predicted: Any, observed: Any) -> float:
    return float(observed) - float(predicted)


@outcome.register
def _(prediction: Identity, predicted: Any, observed: Any) -> float:
    return abs(float(observed) - float(predicted))


@outcome.register
def _(prediction: Bound, predicted: Any, observed: Any) -> float:
    return float(observed > predicted + prediction.margin)


@outcome.register
def _(prediction: Orientations, predicted: Any, observed: Any) -> float:
    return float(not mismatches(predicted, observed, prediction.margin))


@singledispatch
def judge(prediction: Prediction, outcomes: Sequence[float], alpha: float) -> Judgement:
    """The verdict on a prediction from the units' outcomes at one look of level ``alpha``."""
    raise TypeError(f"no decision rule for {type(prediction).__name__}")


@judge.register
def _(prediction: Value, outcomes: Sequence[float], alpha: float) -> Judgement:
    n = len(outcomes)
    if n < MIN_BLOCKS:
        reason = f"{n} units are fewer than the {MIN_BLOCKS} that the t interval needs"
        return Judgement(None, None, prediction.unit, n, Verdict.INCONCLUSIVE, reason)
    deviation = np.asarray(outcomes, dtype=float)
    mean = float(deviation.mean())
    half = float(stats.t.ppf(1 - alpha / 2, n - 1) * stats.sem(deviation))
    low, high = mean - half, mean + half
    verdict = Verdict.INCONCLUSIVE
    if max(abs(low), abs(high)) <= prediction.margin:
        verdict = Verdict.AGREE
    elif low > prediction.margin or high < -prediction.margin:
        verdict = Verdict.DISAGREE
    center = prediction.expected
    reason = (
        f"mean {center + mean:.4g} in [{center + low:.4g}, {center + high:.4g}] "
        f"against {center:.4g} ± {prediction.margin:.4g}"
    )
    interval = (center + low, center + high)
    return Judgement(center + mean, interval, prediction.unit, n, verdict, reason)


@judge.register
def _(prediction: Identity, outcomes: Sequence[float], alpha: float) -> Judgement:
    n = len(outcomes)
    if n == 0:
        return _nothing(prediction.unit)
    worst = float(np.max(outcomes))
    verdict = Verdict.AGREE if worst <= prediction.margin else Verdict.DISAGREE
    reason = f"largest deviation {worst:.3g} of {n}, tolerance {prediction.margin:.3g}"
    return Judgement(worst, (0.0, worst), prediction.unit, n, verdict, reason)


@judge.register
def _(prediction: Bound, outcomes: Sequence[float], alpha: float) -> Judgement:
    n, violations = len(outcomes), int(np.sum(outcomes))
    if n == 0:
        return _nothing("share")
    low, high = clopper_pearson(violations, n, alpha)
    verdict = _side(low, high, prediction.tolerated_rate, agree_below=True)
    reason = (
        f"{violations} of {n} units exceed the bound: rate in [{low:.1%}, {high:.1%}], "
        f"tolerated {prediction.tolerated_rate:.0%}"
    )
    return Judgement(violations / n, (low, high), "share", n, verdict, reason)


@judge.register
def _(prediction: Orientations, outcomes: Sequence[float], alpha: float) -> Judgement:
    n, matched = len(outcomes), int(np.sum(outcomes))
    if n == 0:
        return _nothing("share")
    low, high = clopper_pearson(matched, n, alpha)
    verdict = _side(low, high, prediction.required_share, agree_below=False)
    reason = (
        f"{matched} of {n} units have exactly the predicted orientations within "
        f"{prediction.margin:g}°: share in [{low:.1%}, {high:.1%}], "
        f"required {prediction.required_share:.0%}"
    )
    return Judgement(matched / n, (low, high), "share", n, verdict, reason)


def clopper_pearson(successes: int, n: int, alpha: float) -> tuple[float, float]:
    """Exact two-sided interval for a proportion (Clopper and Pearson 1934)."""
    interval = stats.binomtest(successes, n).proportion_ci(1 - alpha, method="exact")
    return float(interval.low), float(interval.high)


def _side(low: float, high: float, threshold: float, agree_below: bool) -> Verdict:
    if high < threshold:
        return Verdict.AGREE if agree_below else Verdict.DISAGREE
    if low > threshold:
        return Verdict.DISAGREE if agree_below else Verdict.AGREE
    return Verdict.INCONCLUSIVE


def _nothing(unit: str) -> Judgement:
    return Judgement(None, None, unit, 0, Verdict.INCONCLUSIVE, "no unit could be judged")


def combine(verdicts: Sequence[Verdict]) -> Verdict:
    """A claim's verdict from those of its decisions: the most serious one."""
    order = (Verdict.ERROR, Verdict.OUT_OF_SCOPE, Verdict.DISAGREE, Verdict.INCONCLUSIVE)
    return next((verdict for verdict in order if verdict in verdicts), Verdict.AGREE)
