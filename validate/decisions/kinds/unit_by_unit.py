"""Numbers of every unit: a unit has them where none is off by more than the margin."""

from typing import Any

from theory.unit_by_unit import UnitByUnit
from validate.decisions.rules.base import Contribution, register
from validate.decisions.rules.changed_numbers import Change, changed_numbers, largest_difference
from validate.decisions.rules.shares_of_units import ShareOfSuccesses, one_if


@register
class UnitByUnitKind(ShareOfSuccesses[UnitByUnit]):
    """Predicted and observed are numbers, or as many of them at the same points."""

    decides = UnitByUnit
    place = 11
    share_is = "share of units"

    @property
    def shown(self) -> str:
        unit = "" if self.prediction.unit == "1" else f" {self.prediction.unit}"
        return f"are within {self.prediction.margin:g}{unit} of the prediction"

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        distance = largest_difference(predicted, observed)
        return one_if(distance <= self.prediction.margin, distance)

    def changes(self) -> dict[str, Change]:
        return changed_numbers()
