"""How a whole is divided: a unit has it where no share is off by more than the margin."""

from typing import Any

import numpy as np

from theory.prediction import Shares
from validate.decisions.rules.base import Contribution, register
from validate.decisions.rules.changed_numbers import Change
from validate.decisions.rules.shares_of_units import ShareOfSuccesses, one_if


@register
class SharesKind(ShareOfSuccesses[Shares]):
    """Predicted and observed are the shares of a whole."""

    decides = Shares
    place = 8
    share_is = "share of units"

    @property
    def shown(self) -> str:
        return f"have all shares within {self.prediction.margin:g} of the predicted ones"

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        distance = np.abs(np.asarray(observed, dtype=float) - np.asarray(predicted, dtype=float))
        largest = float(np.max(distance))
        return one_if(largest <= self.prediction.margin, largest)

    def changes(self) -> dict[str, Change]:
        return other_divisions()


def other_divisions() -> dict[str, Change]:
    """Changes of the shares of a whole that leave it a whole."""
    return {
        "next in turn": lambda found: (*found[1:], found[0]),
        "equal shares": lambda found: (1 / len(found),) * len(found),
        "squares": lambda found: tuple(v * v / sum(u * u for u in found) for v in found),
    }
