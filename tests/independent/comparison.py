"""What an independent training says of one verdict of the checker.

The rule was written before anything was trained. A cluster is *unexpected* where no predicted
orientation of its sign is within `MARGIN`. A predicted orientation that at least `LEAST_SHARE` of
the neurons go to is *missing* where no cluster is within `MARGIN` of it; but in a network whose
neurons grow at different rates only where it is visible: the fastest neurons grew by a factor G,
those there grow by G^ρ, ρ = H(u)/max |H| (order 1), and `VISIBLE` is needed; at order 2 and above
the fastest blow up first, and the others are looked for in networks of one neuron.

AGREE is confirmed where nothing is unexpected or missing, DISAGREE where something is.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.independent.clustering import Gathered, apart
from tests.independent.network import PROBE, Sigma

MARGIN = 5.0  # degrees, that of the checker
LEAST_SHARE = 0.05
VISIBLE = 30.0
WORDS = {"gd": "gradient descent", "adam": "Adam"}


@dataclass(frozen=True)
class Seen:
    """Clusters of one kind of network, and the share of the fastest rate that they can show."""

    kind: str
    gathered: Gathered
    least_rate: float  # of the fastest; 0: every orientation shows, above 1: none but the fastest


@dataclass(frozen=True)
class Predicted:
    """One orientation that the checker predicts, with its rate by our own form."""

    angle: float
    sign: int
    share: float
    rate: float


def predictions(
    found: list[dict[str, Any]], of: Sigma, x: np.ndarray, y: np.ndarray
) -> list[Predicted]:
    """The orientations of a checker's record, with |H| as a share of the largest on the circle."""
    target = y - y.mean() if of.at_zero else y
    circle = np.radians(np.arange(0.0, 360.0, 0.25))

    def form(angle: np.ndarray) -> np.ndarray:
        z = x @ np.stack([np.cos(angle), np.sin(angle)])
        return np.abs(target @ of.beyond(PROBE * z))

    largest = form(circle).max()
    return [
        Predicted(
            one["angle_degrees"],
            one["sign"],
            one["share"],
            float(form(np.radians([one["angle_degrees"]]))[0] / largest),
        )
        for one in found
    ]


def unexpected(predicted: list[Predicted], seen: list[Seen]) -> list[str]:
    """Clusters that are at no predicted orientation."""
    return [
        f"{one.kind}: {angle:.0f}°{_sign(sign)} {share:.0%} unexpected"
        for one in seen
        for angle, sign, share in one.gathered.clusters
        if not any(p.sign == sign and apart(p.angle, angle) <= MARGIN for p in predicted)
    ]


def missing(predicted: list[Predicted], seen: list[Seen]) -> list[str]:
    """Predicted orientations that should show and have no cluster."""
    return [
        f"{one.kind}: {p.angle:.0f}°{_sign(p.sign)} missing"
        for one in seen
        for p in predicted
        if p.share >= LEAST_SHARE and p.rate >= one.least_rate and not _there(p, one)
    ]


def above(record: dict[str, Any], optimizer: str, seen: list[Seen]) -> list[str]:
    """Networks with more clusters than a bound 2p allows that the checker agrees with."""
    name = f"at most 2p = {record['bound']}, {WORDS[optimizer]}"
    if not any(v["name"] == name and v["verdict"] == "AGREE" for v in record["verdicts"]):
        return []
    counts = [(one.kind, len(one.gathered.clusters)) for one in seen]
    return [f"{kind}: {n} clusters" for kind, n in counts if n > record["bound"]]


def word(verdict: str, predicted: list[Predicted], faults: list[str]) -> str:
    """Whether the independent training bears the verdict out."""
    if verdict == "AGREE":
        return "CONTRADICTED" if faults else "confirmed"
    if verdict == "DISAGREE":
        return "confirmed" if faults else "NOT CONFIRMED"
    if not predicted:
        return "nothing predicted"
    return "not as predicted" if faults else "as predicted"


def verdict_on(record: dict[str, Any], optimizer: str) -> tuple[str, str]:
    """The checker's verdict on the orientations, and its reason."""
    for one in record["verdicts"]:
        if one["name"] == f"orientations, {WORDS[optimizer]}":
            return one["verdict"], one["reason"]
    return "none", record.get("reason") or ""


def _there(wanted: Predicted, seen: Seen) -> bool:
    return any(
        sign == wanted.sign and apart(wanted.angle, angle) <= MARGIN
        for angle, sign, _ in seen.gathered.clusters
    )


def _sign(sign: int) -> str:
    return "+" if sign > 0 else "−"
