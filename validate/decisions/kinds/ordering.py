"""An order: the mean paired difference exceeds the margin (AGREE) or is negative (DISAGREE)."""

from typing import Any

import numpy as np

from theory.prediction import Ordering
from validate.decisions import guards
from validate.decisions.case import TEST, Case
from validate.decisions.intervals import student
from validate.decisions.noise import FOR_MEANS, mirrored
from validate.decisions.rules.base import NEARLY_SURE, Contribution, Kind, register, two_digits
from validate.decisions.rules.means import LOOKS, largest, units_for_means, unlucky
from validate.decisions.ruling import AGREE, DISAGREE, Ruling, Statement, decided
from validate.decisions.sample import Sample
from validate.results.records import Demand


@register
class OrderingKind(Kind[Ordering]):
    """Units contribute the effect on one pair."""

    decides = Ordering
    place = 4

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        """The measured value minus the one it is compared with."""
        return float(observed) - float(predicted)

    def rule(self, sample: Sample, alpha: float) -> Ruling:
        low, high = student(sample.mean, sample.sd, sample.n, alpha)
        agree, disagree = low > self.prediction.margin, high < 0
        return decided((low, high), agree, disagree, guards.STUDENT, sample, alpha)

    def statement(self, sample: Sample, ruling: Ruling) -> Statement:
        mean, low, high = (float(a[0, 0]) for a in (sample.mean, ruling.low, ruling.high))
        text = (
            f"mean effect {mean:.4g} in [{low:.4g}, {high:.4g}], "
            f"required above {self.prediction.margin:.4g}"
        )
        return Statement(mean, (low, high), self.prediction.unit, text)

    def tightest(self, sample: Sample, ruling: Ruling) -> tuple[Demand, ...]:
        """The largest effect that could have been required."""
        low, prediction = float(ruling.low[0, 0]), self.prediction
        effect = Demand(
            of="required effect", value=low, declared=prediction.margin, unit=prediction.unit
        )
        return (effect,)

    def units_needed(self, sample: Sample, ruling: Ruling, alpha: float) -> float:
        mean, margin = sample.mean[0], self.prediction.margin
        if 0 <= float(mean[0]) <= margin:
            return np.inf  # between the two verdicts no number of units helps
        return units_for_means(sample, ruling, np.minimum(np.abs(mean), np.abs(mean - margin)))

    def fewest_to_decide(self, alpha: float, agree: bool) -> int:
        return guards.outcomes_needed(alpha)

    def power(self, n: int, alpha: float, agree: bool, distance: float | None) -> str:
        """The smallest effect beyond its edge, in standard deviations of normal outcomes."""
        edge = self.prediction.margin if agree else 0.0
        side, wanted = (1.0, AGREE) if agree else (-1.0, DISAGREE)

        def decides(sd: float) -> bool:
            sample = unlucky(n, np.array([edge + side]), np.array([sd]), outward=not agree)
            return bool(self.rule(sample, alpha).verdict[0] == wanted)

        beyond = f"{two_digits(1 / largest(decides))} sd of a unit"
        where = f"above {edge:g}" if agree else "below 0"
        return f"{100 * NEARLY_SURE:g} % from an effect of {beyond} {where}"

    def would_change(self, n: int, alpha: float) -> str:
        return (
            f"AGREE needs the whole interval above {self.prediction.margin:.3g}, "
            "DISAGREE all of it below 0."
        )

    @classmethod
    def cases(cls) -> tuple[Case, ...]:
        """The effect is predicted at 2 margins: AGREE is false at 1, DISAGREE at 0."""
        sided = FOR_MEANS + tuple(mirrored(n) for n in FOR_MEANS if "skewed" in n.name)
        order = Ordering(*TEST)
        return (
            Case("Ordering", order, LOOKS, sided, ((1.0,),), ((0.0,),), center=(2.0,), away=-1.0),
        )
