"""An exact number: a unit has it where it is off by the margin at most."""

from typing import Any

from theory.prediction import Count
from validate.decisions.kinds.base import Contribution, register
from validate.decisions.kinds.shares_of_units import ShareOfSuccesses, one_if


@register
class CountKind(ShareOfSuccesses[Count]):
    """Predicted and observed are numbers."""

    decides = Count
    place = 7

    @property
    def shown(self) -> str:
        return "have the predicted number"

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        distance = abs(float(observed) - float(predicted))
        return one_if(distance <= self.prediction.margin, distance)
