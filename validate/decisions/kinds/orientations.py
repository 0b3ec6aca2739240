"""A set of directed orientations with signs: a unit has every one of them and no other."""

from typing import Any

from theory.prediction import Orientations
from validate.decisions.direction_sets import mismatches
from validate.decisions.kinds.base import Contribution, register
from validate.decisions.kinds.shares_of_units import ShareOfSuccesses


@register
class OrientationsKind(ShareOfSuccesses[Orientations]):
    """Predicted and observed are sets of orientations."""

    decides = Orientations
    place = 6

    @property
    def shown(self) -> str:
        return f"have exactly the predicted orientations within {self.prediction.margin:g}°"

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        return float(not mismatches(predicted, observed, self.prediction.margin))
