"""From the outcomes of independent units to a verdict with its interval and its sentence.

What depends on the kind of prediction is asked of it (`validate.decisions.kinds`). The α of a look
is the decision's share of the run's α divided by its looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.prediction import Prediction
from validate.decisions import guards
from validate.decisions.rules.base import MOST_UNITS, Contribution, Kind, kind_of
from validate.decisions.ruling import AGREE, DISAGREE, OPEN, Ruling
from validate.decisions.sample import Sample, summary
from validate.results.records import Demand, Verdict

VERDICTS = {AGREE: Verdict.AGREE, OPEN: Verdict.INCONCLUSIVE, DISAGREE: Verdict.DISAGREE}
FAR_BELOW = 0.1  # sampling error against the theory's own


@dataclass(frozen=True)
class Judgement:
    """What one look says. ``measured`` and ``interval`` are in ``unit``, at ``point``.

    ``point`` is the place among the prediction's numbers, where it has several; ``tightest`` what
    could have been demanded of a prediction that agrees.
    """

    measured: float | None
    interval: tuple[float, float] | None
    unit: str
    n: int
    verdict: Verdict
    reason: str
    tightest: tuple[Demand, ...] = ()
    point: int = 0


def outcome(prediction: Prediction, predicted: Any, observed: Any) -> Contribution:
    """What one unit contributes to the decision, by kind of prediction; NaN if unusable."""
    return kind_of(prediction).outcome(predicted, observed)


def judge(
    prediction: Prediction, outcomes: Sequence[Any], alpha: float, hints: bool = True
) -> Judgement:
    """The verdict on a prediction from the units' outcomes at one look of level ``alpha``.

    ``hints``: whether a disagreement is to be explained; not where the prediction or the experiment
    is wrong on purpose.
    """
    n = len(outcomes)
    if n == 0:
        reason = "no unit could be judged"
        return Judgement(None, None, prediction.unit, 0, Verdict.INCONCLUSIVE, reason)
    kind = kind_of(prediction)
    sample = summary(np.asarray(outcomes, dtype=float).reshape(1, n, -1))
    ruling = kind.rule(sample, alpha)
    refusal = guards.reason(ruling.guards, sample, ruling.level)
    if refusal:
        return Judgement(None, None, prediction.unit, n, Verdict.INCONCLUSIVE, refusal)
    verdict = VERDICTS[int(ruling.verdict[0])]
    found = kind.statement(sample, ruling)
    remarks = _remarks(kind, sample, ruling, verdict, alpha)
    if verdict is Verdict.DISAGREE and hints:
        remarks += kind.remarks_on_disagreement(ruling)
    reason = "; ".join([found.text, *remarks])
    tightest = kind.tightest(sample, ruling) if verdict is Verdict.AGREE else ()
    return Judgement(
        found.measured, found.interval, found.unit, n, verdict, reason, tightest, found.point
    )


def _remarks(
    kind: Kind[Any], sample: Sample, ruling: Ruling, verdict: Verdict, alpha: float
) -> list[str]:
    """What a reason should add: units needed, a needless precision."""
    remarks = []
    if verdict is Verdict.INCONCLUSIVE:
        remarks.append(_units_sentence(kind.units_needed(sample, ruling, alpha)))
    error = kind.prediction.theory_error
    sampling = float((sample.sd[0] / np.sqrt(sample.n)).max())
    if error is not None and sampling < FAR_BELOW * error:
        remarks.append(
            f"the sampling error {sampling:.2g} is far below the theory's own error {error:.2g} "
            "at this size: more units cannot sharpen this"
        )
    return remarks


def _units_sentence(needed: float) -> str:
    if np.isnan(needed):
        return "too close to the edge of the margin to say how many units would decide it"
    if needed > MOST_UNITS:
        return "no feasible number of units would decide it"
    return f"about {float(f'{needed:.2g}'):.0f} units would probably decide it"


def combine(verdicts: Sequence[Verdict]) -> Verdict:
    """A claim's verdict from those of its decisions: the most serious one."""
    order = (Verdict.ERROR, Verdict.OUT_OF_SCOPE, Verdict.DISAGREE, Verdict.INCONCLUSIVE)
    return next((verdict for verdict in order if verdict in verdicts), Verdict.AGREE)
