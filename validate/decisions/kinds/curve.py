"""A function on a grid: at every point the mean lies within the margin of it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from theory.prediction import Curve
from validate.decisions.case import TEST, Case
from validate.decisions.noise import FOR_MEANS
from validate.decisions.rules import simple_factors
from validate.decisions.rules.base import Contribution, register
from validate.decisions.rules.means import LOOKS, Equivalence
from validate.decisions.ruling import Ruling, Statement
from validate.decisions.sample import Sample

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


@register
class CurveKind(Equivalence[Curve]):
    """Units contribute their deviation at every point."""

    decides = Curve
    place = 2

    @property
    def bounded(self) -> tuple[float, float] | None:
        return self.prediction.bounded

    @property
    def expected(self) -> tuple[float, ...]:
        return tuple(map(float, self.prediction.expected)) or super().expected

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        return np.asarray(observed, dtype=float) - np.asarray(predicted, dtype=float)

    def statement(self, sample: Sample, ruling: Ruling) -> Statement:
        """At the point whose interval reaches farthest from the prediction."""
        reach = np.maximum(np.abs(ruling.low[0]), np.abs(ruling.high[0]))
        point = int(reach.argmax())
        center = self.prediction.expected[point] if self.prediction.expected else 0.0
        told = point < len(ORDINALS)
        which = f"the {ORDINALS[point]}" if told else f"number {point + 1}"
        name = f"worst of {reach.size} points ({which}): mean"
        return self.at_point(point, center, name, sample, ruling)

    def remarks_on_disagreement(self, ruling: Ruling) -> Sequence[str]:
        return simple_factors.remarks(self.prediction.expected, ruling)

    @classmethod
    def cases(cls) -> tuple[Case, ...]:
        zeros = (0.0, 0.0, 0.0)
        edges = ((1.0, 1.0, 1.0), (-1.0, -1.0, -1.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
        curve = Curve(*TEST, expected=zeros)
        return (Case("Curve", curve, LOOKS, FOR_MEANS, edges, edges, zeros),)

    @property
    def points(self) -> int:
        return max(len(self.prediction.expected), 1)
