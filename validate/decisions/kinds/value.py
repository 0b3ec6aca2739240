"""A number: the mean of the observable lies within the margin of it."""

from collections.abc import Sequence
from typing import Any

from theory.prediction import Value
from validate.decisions.case import TEST, Case
from validate.decisions.noise import BOUNDED, FOR_MEANS, REACH
from validate.decisions.rules import simple_factors
from validate.decisions.rules.base import Contribution, register
from validate.decisions.rules.means import BOTH_EDGES, BOUNDED_LOOKS, LOOKS, Equivalence
from validate.decisions.ruling import Ruling, Statement
from validate.decisions.sample import Sample


@register
class ValueKind(Equivalence[Value]):
    """Units contribute their deviation."""

    decides = Value
    place = 1

    @property
    def bounded(self) -> tuple[float, float] | None:
        return self.prediction.bounded

    @property
    def expected(self) -> tuple[float, ...]:
        return (float(self.prediction.expected),)

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        return float(observed) - float(predicted)

    def statement(self, sample: Sample, ruling: Ruling) -> Statement:
        return self.at_point(0, self.prediction.expected, "mean", sample, ruling)

    def remarks_on_disagreement(self, ruling: Ruling) -> Sequence[str]:
        return simple_factors.remarks(self.prediction.expected, ruling)

    @classmethod
    def cases(cls) -> tuple[Case, ...]:
        both = (BOTH_EDGES, BOTH_EDGES)
        bounded = Value(*TEST, bounded=(-REACH - 1, REACH + 1))
        return (
            Case("Value", Value(*TEST), LOOKS, FOR_MEANS, *both),
            Case(
                "Value, bounded",
                bounded,
                BOUNDED_LOOKS,
                BOUNDED,
                *both,
                spreads=(1.0,),  # the range is fixed
                power_sd=1.0,
            ),
        )
