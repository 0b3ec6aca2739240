"""An inequality: few units exceed the bound by more than the margin."""

from typing import Any

from theory.prediction import Bound
from validate.decisions.kinds.base import Contribution, register
from validate.decisions.kinds.shares_of_units import ShareOfUnits, one_if


@register
class BoundKind(ShareOfUnits[Bound]):
    """Units show a violation."""

    decides = Bound
    place = 5
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
