"""Records of the share of networks that agree with a prediction, against their width."""

import json
from collections.abc import Sequence
from typing import Any

from validate.results.activation import Unanswered
from validate.results.orientations import FiniteRecord
from validate.results.records import Verdict


class WidthVerdict(FiniteRecord):
    """One optimizer at one width.

    Attributes:
        width: neurons of a network, or how many single ones of a network seed are trained.
        optimizer: "gd" or "adam".
        networks: network seeds that were trained, None where none were.
        share: of them with exactly the predicted orientations.
        interval: that holds the true share, at this verdict's part of α.
        reason: of the verdict.
    """

    width: int
    optimizer: str
    networks: int | None
    share: float | None
    interval: tuple[float, float] | None
    verdict: Verdict
    reason: str


class WidthCheck(FiniteRecord):
    """What was found for one activation at several widths; all verdicts share α."""

    expression: str
    data: str
    widths: tuple[WidthVerdict, ...]
    notes: tuple[str, ...] = ()
    seed: int
    alpha: float
    reproduce: str

    def to_data(self) -> dict[str, Any]:
        """The JSON form as plain data."""
        return self.model_dump(mode="json")


def widths_to_json(checks: Sequence[WidthCheck | Unanswered]) -> str:
    """One object for one expression, a list for several."""
    data = [check.to_data() for check in checks]
    found = data[0] if len(data) == 1 else data
    return json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
