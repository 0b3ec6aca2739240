"""An exact number: a unit has it where it is off by the margin at most."""

from typing import Any

from theory.prediction import Count
from validate.decisions.rules.base import Contribution, register
from validate.decisions.rules.changed_numbers import Change
from validate.decisions.rules.shares_of_units import ShareOfSuccesses, one_if


@register
class CountKind(ShareOfSuccesses[Count]):
    """Predicted and observed are numbers; where one is not confirmed, the next may be right."""

    decides = Count
    place = 7

    @property
    def shown(self) -> str:
        return self.prediction.shown

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        distance = abs(float(observed) - float(predicted))
        return one_if(distance <= self.prediction.margin, distance)

    def changes(self) -> dict[str, Change]:
        return {"one more": lambda number: number + 1, "one fewer": lambda number: number - 1}
