"""What would have changed a verdict: the sentence that makes it attackable."""

from functools import singledispatch

import numpy as np

from theory.prediction import Bound, Identity, Ordering, Prediction, Successes
from validate.decisions.intervals import clopper_pearson
from validate.decisions.judge import Judgement


@singledispatch
def would_change(prediction: Prediction, judgement: Judgement, alpha: float) -> str:
    """One sentence on the outcomes that would have led to another verdict, by kind."""
    return (
        f"AGREE needs the whole interval within {prediction.margin:.3g} of the prediction, "
        "DISAGREE needs all of it farther away."
    )


@would_change.register
def _(prediction: Ordering, judgement: Judgement, alpha: float) -> str:
    return (
        f"AGREE needs the whole interval above {prediction.margin:.3g}, DISAGREE all of it below 0."
    )


@would_change.register
def _(prediction: Identity, judgement: Judgement, alpha: float) -> str:
    return f"A single deviation above {prediction.margin:.3g} means DISAGREE, none means AGREE."


@would_change.register
def _(prediction: Bound, judgement: Judgement, alpha: float) -> str:
    most, least = limits(judgement.n, prediction.tolerated_rate, alpha)
    return _sentence(
        judgement.n,
        "" if most is None else f"at most {most} beyond the bound",
        "" if least is None else f"at least {least}",
    )


@would_change.register
def _(prediction: Successes, judgement: Judgement, alpha: float) -> str:
    most, least = limits(judgement.n, prediction.required_share, alpha)
    return _sentence(
        judgement.n,
        "" if least is None else f"at least {least} as predicted",
        "" if most is None else f"at most {most}",
    )


def limits(n: int, threshold: float, alpha: float) -> tuple[int | None, int | None]:
    """Most successes whose interval lies below the threshold, fewest whose lies above it."""
    if n == 0:
        return None, None
    low, high = clopper_pearson(np.arange(n + 1.0), n, alpha)
    below, above = np.flatnonzero(high < threshold), np.flatnonzero(low > threshold)
    most = int(below[-1]) if len(below) else None
    return most, int(above[0]) if len(above) else None


def _sentence(n: int, agree: str, disagree: str) -> str:
    for_agreement = f"it takes {agree} to agree" if agree else "they are too few to agree"
    for_disagreement = f"{disagree} to disagree" if disagree else "too few to disagree"
    return f"Of {n} units, {for_agreement} and {for_disagreement}; in between it stays open."
