"""An exact equality up to rounding: every deviation is at most the margin."""

from typing import Any

import numpy as np

from theory.prediction import Identity
from validate.decisions import guards
from validate.decisions.case import TEST, Case
from validate.decisions.noise import Noise
from validate.decisions.rules.base import Contribution, Kind, register
from validate.decisions.ruling import Ruling, Statement, decided
from validate.decisions.sample import Sample
from validate.results.records import Demand

ROUNDING = Noise("rounding", lambda rng, shape: rng.uniform(0, 1, shape))


@register
class IdentityKind(Kind[Identity]):
    """A tolerance, nothing random; units contribute how far they are off."""

    decides = Identity
    place = 10
    takes_share = False

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        return abs(float(observed) - float(predicted))

    def rule(self, sample: Sample, alpha: float) -> Ruling:
        worst = sample.highest
        agree = worst <= self.prediction.margin
        return decided((np.zeros_like(worst), worst), agree, ~agree, guards.ANY, sample, alpha)

    def statement(self, sample: Sample, ruling: Ruling) -> Statement:
        worst = float(sample.highest[0, 0])
        text = (
            f"largest deviation among {sample.n} units: {worst:.3g}, "
            f"tolerance {self.prediction.margin:.3g}"
        )
        return Statement(worst, (0.0, worst), self.prediction.unit, text)

    def tightest(self, sample: Sample, ruling: Ruling) -> tuple[Demand, ...]:
        """The largest deviation of all."""
        worst, prediction = float(sample.highest[0, 0]), self.prediction
        return (
            Demand(of="tolerance", value=worst, declared=prediction.margin, unit=prediction.unit),
        )

    def units_needed(self, sample: Sample, ruling: Ruling, alpha: float) -> float:
        """Never asked for: the first unit decides."""
        return 1.0

    def power(self, n: int, alpha: float, agree: bool, distance: float | None) -> str:
        return "nothing is random: every unit decides"

    def would_change(self, n: int, alpha: float) -> str:
        margin = self.prediction.margin
        return f"A single deviation above {margin:.3g} means DISAGREE, none means AGREE."

    @classmethod
    def cases(cls) -> tuple[Case, ...]:
        identity = Identity(*TEST)
        return (Case("Identity", identity, (16, 32), (ROUNDING,), ((1.0,),), (), spreads=(1.0,)),)
