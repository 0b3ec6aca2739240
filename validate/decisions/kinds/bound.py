"""An inequality: few units exceed the bound by more than the margin."""

import math
from typing import Any

from theory.prediction import Bound
from validate.decisions.rules.base import Contribution, register
from validate.decisions.rules.changed_numbers import Change
from validate.decisions.rules.shares_of_units import ShareOfUnits, one_if


@register
class BoundKind(ShareOfUnits[Bound]):
    """Units show a violation."""

    decides = Bound
    place = 5
    margin_is_distance = False  # it is the excess that is no violation yet
    side = "below"
    share_is = "rate"
    threshold_is = "tolerated"
    which = "beyond the bound"

    @property
    def required(self) -> float:
        return self.prediction.tolerated_rate

    @property
    def shown(self) -> str:
        return "exceed the bound"

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        excess = float(observed) - float(predicted)
        return one_if(excess > self.prediction.margin, excess)

    def changes(self) -> dict[str, Change]:
        """Downward only: a weaker bound follows from a true one."""
        return {
            "÷ √2": lambda value: value / math.sqrt(2),
            "÷ 2": lambda value: value / 2,
            "exponent by ½": lambda value: value ** (0.5 if value > 1 else 1.5),
            "sign": lambda value: -value,
        }
