"""From the outcomes of independent units to a verdict with its interval and its sentence.

`outcome` says what one unit contributes, `validate.decisions.rules` decides, `judge` puts the
decision into words. The α of a look is the decision's share of the run's α divided by its looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np
from jaxtyping import Float

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
    Value,
)
from validate.decisions import guards
from validate.decisions.direction_sets import mismatches
from validate.decisions.remarks import flags
from validate.decisions.rules import AGREE, DISAGREE, OPEN, Ruling, rule
from validate.decisions.sample import Sample, summary
from validate.decisions.slopes import slopes
from validate.decisions.units_needed import replicates, sentence
from validate.results.records import Verdict

Contribution = float | Float[np.ndarray, " points"]
VERDICTS = {AGREE: Verdict.AGREE, OPEN: Verdict.INCONCLUSIVE, DISAGREE: Verdict.DISAGREE}


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
def outcome(prediction: Prediction, predicted: Any, observed: Any) -> Contribution:
    """What one unit contributes to the decision, by kind of prediction; NaN if unusable."""
    raise TypeError(f"no decision rule for {type(prediction).__name__}")


@outcome.register
def _(prediction: Value, predicted: Any, observed: Any) -> Contribution:
    return float(observed) - float(predicted)


@outcome.register
def _(prediction: Ordering, predicted: Any, observed: Any) -> Contribution:
    """The effect on one pair: the measured value minus the one it is compared with."""
    return float(observed) - float(predicted)


@outcome.register
def _(prediction: Curve, predicted: Any, observed: Any) -> Contribution:
    return np.asarray(observed, dtype=float) - np.asarray(predicted, dtype=float)


@outcome.register
def _(prediction: Exponent, predicted: Any, observed: Any) -> Contribution:
    """Slope and local slopes of one block, measured at the window's points, minus the exponent."""
    values = np.asarray(observed, dtype=float)
    logs = np.log(np.where(values > 0, values, np.nan))
    local = prediction.local_margin is not None
    return slopes(np.log(np.asarray(prediction.window)), logs, local) - float(predicted)


@outcome.register
def _(prediction: Identity, predicted: Any, observed: Any) -> Contribution:
    return abs(float(observed) - float(predicted))


@outcome.register
def _(prediction: Bound, predicted: Any, observed: Any) -> Contribution:
    excess = float(observed) - float(predicted)
    return excess if np.isnan(excess) else float(excess > prediction.margin)


@outcome.register
def _(prediction: Orientations, predicted: Any, observed: Any) -> Contribution:
    return float(not mismatches(predicted, observed, prediction.margin))


@outcome.register
def _(prediction: Count, predicted: Any, observed: Any) -> Contribution:
    distance = abs(float(observed) - float(predicted))
    return distance if np.isnan(distance) else float(distance <= prediction.margin)


@outcome.register
def _(prediction: Shares, predicted: Any, observed: Any) -> Contribution:
    distance = np.abs(np.asarray(observed, dtype=float) - np.asarray(predicted, dtype=float))
    largest = float(np.max(distance))
    return largest if np.isnan(largest) else float(largest <= prediction.margin)


@outcome.register
def _(prediction: CountedShares, predicted: Any, observed: Any) -> Contribution:
    chance, counts = np.asarray(predicted, dtype=float), np.asarray(observed, dtype=float)
    total = counts.sum()
    # a normal error means nothing for the rarest: a single member is then the unit
    error = np.maximum(np.sqrt(total * chance * (1 - chance)), 1.0)
    largest = float(np.max(np.abs(counts - total * chance) / error))
    return largest if np.isnan(largest) else float(largest <= prediction.margin)


def judge(prediction: Prediction, outcomes: Sequence[Any], alpha: float) -> Judgement:
    """The verdict on a prediction from the units' outcomes at one look of level ``alpha``."""
    n = len(outcomes)
    if n == 0:
        reason = "no unit could be judged"
        return Judgement(None, None, prediction.unit, 0, Verdict.INCONCLUSIVE, reason)
    sample = summary(np.asarray(outcomes, dtype=float).reshape(1, n, -1))
    ruling = rule(prediction, sample, alpha)
    refusal = guards.reason(ruling.guards, sample, ruling.level)
    if refusal:
        return Judgement(None, None, prediction.unit, n, Verdict.INCONCLUSIVE, refusal)
    verdict = VERDICTS[int(ruling.verdict[0])]
    found = statement(prediction, sample, ruling)
    remarks = flags(prediction, sample, ruling.low[0], ruling.high[0], verdict)
    if verdict is Verdict.INCONCLUSIVE:
        remarks.insert(0, sentence(replicates(prediction, sample, ruling, alpha)))
    reason = "; ".join([found.text, *remarks])
    return Judgement(found.measured, found.interval, found.unit, n, verdict, reason)


@dataclass(frozen=True)
class Statement:
    """A measured value with its interval, in words and in numbers."""

    measured: float
    interval: tuple[float, float]
    unit: str
    text: str


@singledispatch
def statement(prediction: Prediction, sample: Sample, ruling: Ruling) -> Statement:
    """What a single run's sample says on a prediction, without the verdict."""
    raise TypeError(f"no decision rule for {type(prediction).__name__}")


@statement.register
def _(prediction: Value, sample: Sample, ruling: Ruling) -> Statement:
    return _at(prediction, 0, prediction.expected, prediction.margin, "mean", sample, ruling)


@statement.register
def _(prediction: Curve, sample: Sample, ruling: Ruling) -> Statement:
    """At the point whose interval reaches farthest from the prediction."""
    reach = np.maximum(np.abs(ruling.low[0]), np.abs(ruling.high[0]))
    point = int(reach.argmax())
    center = prediction.expected[point] if prediction.expected else 0.0
    name = f"farthest of {reach.size} points, number {point + 1}: mean"
    return _at(prediction, point, center, prediction.margin, name, sample, ruling)


@statement.register
def _(prediction: Exponent, sample: Sample, ruling: Ruling) -> Statement:
    center = prediction.expected
    whole = _at(prediction, 0, center, prediction.margin, "slope", sample, ruling)
    if prediction.local_margin is None:
        return whole
    low, high = center + ruling.low[0, 1:].min(), center + ruling.high[0, 1:].max()
    text = f"{whole.text}; local slopes in [{low:.4g}, {high:.4g}] ± {prediction.local_margin:.4g}"
    return Statement(whole.measured, whole.interval, whole.unit, text)


@statement.register
def _(prediction: Ordering, sample: Sample, ruling: Ruling) -> Statement:
    mean, low, high = (float(a[0, 0]) for a in (sample.mean, ruling.low, ruling.high))
    text = (
        f"mean effect {mean:.4g} in [{low:.4g}, {high:.4g}], required above {prediction.margin:.4g}"
    )
    return Statement(mean, (low, high), prediction.unit, text)


@statement.register
def _(prediction: Identity, sample: Sample, ruling: Ruling) -> Statement:
    worst = float(sample.highest[0, 0])
    text = f"largest deviation {worst:.3g} of {sample.n}, tolerance {prediction.margin:.3g}"
    return Statement(worst, (0.0, worst), prediction.unit, text)


@statement.register
def _(prediction: Bound, sample: Sample, ruling: Ruling) -> Statement:
    share, low, high = (float(a[0, 0]) for a in (sample.mean, ruling.low, ruling.high))
    text = (
        f"{share * sample.n:.0f} of {sample.n} units exceed the bound: rate in "
        f"[{low:.1%}, {high:.1%}], tolerated {prediction.tolerated_rate:.0%}"
    )
    return Statement(share, (low, high), "share", text)


@statement.register
def _(prediction: Orientations, sample: Sample, ruling: Ruling) -> Statement:
    share, low, high = (float(a[0, 0]) for a in (sample.mean, ruling.low, ruling.high))
    text = (
        f"{share * sample.n:.0f} of {sample.n} units have exactly the predicted orientations "
        f"within {prediction.margin:g}°: share in [{low:.1%}, {high:.1%}], "
        f"required {prediction.required_share:.0%}"
    )
    return Statement(share, (low, high), "share", text)


@statement.register
def _(prediction: Count, sample: Sample, ruling: Ruling) -> Statement:
    share, low, high = (float(a[0, 0]) for a in (sample.mean, ruling.low, ruling.high))
    text = (
        f"{share * sample.n:.0f} of {sample.n} units have the predicted number: share in "
        f"[{low:.1%}, {high:.1%}], required {prediction.required_share:.0%}"
    )
    return Statement(share, (low, high), "share", text)


@statement.register
def _(prediction: Shares, sample: Sample, ruling: Ruling) -> Statement:
    share, low, high = (float(a[0, 0]) for a in (sample.mean, ruling.low, ruling.high))
    text = (
        f"{share * sample.n:.0f} of {sample.n} units have all shares within {prediction.margin:g} "
        f"of the predicted ones: share of units in [{low:.1%}, {high:.1%}], "
        f"required {prediction.required_share:.0%}"
    )
    return Statement(share, (low, high), "share", text)


@statement.register
def _(prediction: CountedShares, sample: Sample, ruling: Ruling) -> Statement:
    share, low, high = (float(a[0, 0]) for a in (sample.mean, ruling.low, ruling.high))
    text = (
        f"{share * sample.n:.0f} of {sample.n} units have all counts within {prediction.margin:g} "
        f"standard errors of the predicted ones: share of units in [{low:.1%}, {high:.1%}], "
        f"required {prediction.required_share:.0%}"
    )
    return Statement(share, (low, high), "share", text)


def _at(
    prediction: Prediction,
    point: int,
    center: float,
    margin: float,
    name: str,
    sample: Sample,
    ruling: Ruling,
) -> Statement:
    mean, low, high = (center + float(a[0, point]) for a in (sample.mean, ruling.low, ruling.high))
    text = f"{name} {mean:.4g} in [{low:.4g}, {high:.4g}] against {center:.4g} ± {margin:.4g}"
    return Statement(mean, (low, high), prediction.unit, text)


def combine(verdicts: Sequence[Verdict]) -> Verdict:
    """A claim's verdict from those of its decisions: the most serious one."""
    order = (Verdict.ERROR, Verdict.OUT_OF_SCOPE, Verdict.DISAGREE, Verdict.INCONCLUSIVE)
    return next((verdict for verdict in order if verdict in verdicts), Verdict.AGREE)
