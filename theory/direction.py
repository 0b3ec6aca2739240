"""A direction of condensed neurons: where their input weights point, with which output sign.

Predicted, measured and recorded directions are of this type, and angles between directions are
computed here: from |u − v| and |u + v|, which is accurate for small angles where the arc cosine
of u·v is not.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, SupportsFloat

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class Direction:
    """Where condensed neurons point, and the sign of their output weights.

    Attributes:
        direction: (w₁, …, w_d, bias), of unit length; without bias (w₁, …, w_d).
        sign: sign of the output weights, 1 or -1.
        share: share of the neurons that are there, or are predicted to end there; None where it
            is not known.
        bias: whether the last component belongs to a bias.
    """

    direction: tuple[float, ...]
    sign: int
    share: float | None = None
    bias: bool = field(default=True, kw_only=True)

    @staticmethod
    def of(
        vector: Iterable[SupportsFloat],
        sign: SupportsFloat,
        share: float | None = None,
        *,
        bias: bool = True,
    ) -> "Direction":
        """From a vector of any length, and a number of the sign.

        Raises:
            ValueError: if the vector is zero or not finite.
        """
        components = [float(u) for u in vector]
        size = math.hypot(*components)
        if not 0 < size < math.inf:
            raise ValueError(f"no direction has the length {size}")
        # by the largest first: lengths of the smallest numbers have no digits left
        largest = max(map(abs, components))
        scaled = [u / largest for u in components]
        unit = tuple(u / math.hypot(*scaled) for u in scaled)
        return Direction(unit, 1 if float(sign) > 0 else -1, share, bias=bias)

    @staticmethod
    def from_data(entry: Mapping[str, Any]) -> "Direction":
        """From its JSON form in a measurement."""
        return Direction(tuple(entry["direction"]), entry["sign"], entry["share"])

    def to_data(self) -> dict[str, Any]:
        """Its JSON form in a measurement."""
        return {"direction": list(self.direction), "sign": self.sign, "share": self.share}

    @property
    def in_plane(self) -> bool:
        """Whether it is (weight, bias) of one input, so that the angle says all."""
        return self.bias and len(self.direction) == 2

    @property
    def angle_degrees(self) -> float:
        """atan2(bias, weight) in [0, 360); for two components only.

        Raises:
            ValueError: for another number of components.
        """
        weight, bias = self.direction
        return plane_angle(weight, bias)

    def angle_to(self, other: "Direction") -> float:
        """Degrees between two directions, whatever their signs.

        Raises:
            ValueError: if they are not of one dimension.
        """
        apart = math.dist(self.direction, other.direction)
        together = math.hypot(
            *(u + v for u, v in zip(self.direction, other.direction, strict=True))
        )
        return math.degrees(2 * math.atan2(apart, together))


def plane_angle(weight: float, bias: float) -> float:
    """atan2(bias, weight) in degrees, in [0, 360)."""
    angle = math.degrees(math.atan2(bias, weight)) % 360.0
    return 0.0 if angle == 360.0 else angle  # what the remainder makes of a tiny negative angle


def angles_between(
    first: Float[np.ndarray, "n dimension"], second: Float[np.ndarray, "m dimension"]
) -> Float[np.ndarray, "n m"]:
    """Degrees between each unit vector of one array and each of another."""
    apart = np.linalg.norm(first[:, None] - second, axis=2)
    together = np.linalg.norm(first[:, None] + second, axis=2)
    return np.degrees(2 * np.arctan2(apart, together))
