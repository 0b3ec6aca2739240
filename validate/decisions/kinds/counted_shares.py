"""How members are divided into groups: no count is off by more than so many standard errors."""

from typing import Any

import numpy as np

from theory.prediction import CountedShares
from validate.decisions.kinds.shares import other_divisions
from validate.decisions.rules.base import Contribution, register
from validate.decisions.rules.changed_numbers import Change
from validate.decisions.rules.shares_of_units import ShareOfSuccesses, one_if


@register
class CountedSharesKind(ShareOfSuccesses[CountedShares]):
    """Predicted are the chances of a member of each group, observed the numbers of members."""

    decides = CountedShares
    place = 9
    share_is = "share of units"

    @property
    def shown(self) -> str:
        return (
            f"have all counts within {self.prediction.margin:g} standard errors of the predicted "
            "ones"
        )

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        chance, counts = np.asarray(predicted, dtype=float), np.asarray(observed, dtype=float)
        total = counts.sum()
        # a normal error means nothing for the rarest: a single member is then the unit
        error = np.maximum(np.sqrt(total * chance * (1 - chance)), 1.0)
        largest = float(np.max(np.abs(counts - total * chance) / error))
        return one_if(largest <= self.prediction.margin, largest)

    def changes(self) -> dict[str, Change]:
        return other_divisions()
