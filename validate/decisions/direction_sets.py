"""Sets of directed orientations with signs: how far apart they are, what one has too many."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

APART = 180.0  # degrees: the distance to a set that has no orientation of the sign


@dataclass(frozen=True)
class Directed:
    """A direction of unit length with the sign of the output weights there."""

    direction: tuple[float, ...]
    sign: int

    @property
    def angle_degrees(self) -> float:
        """atan2(bias, weight) in [0, 360); one-dimensional input only."""
        return math.degrees(math.atan2(self.direction[1], self.direction[0])) % 360.0


def directed(orientations: Iterable[Any]) -> tuple[Directed, ...]:
    """From anything with ``direction`` and ``sign``, as attributes or as keys."""
    made = []
    for one in orientations:
        if isinstance(one, dict):
            made.append(Directed(tuple(one["direction"]), one["sign"]))
        else:
            made.append(Directed(tuple(one.direction), one.sign))
    return tuple(made)


def angle_between(first: Directed, second: Directed) -> float:
    """Degrees between two directions, accurate for small angles too."""
    u, v = np.array(first.direction), np.array(second.direction)
    return math.degrees(2 * math.atan2(np.linalg.norm(u - v), np.linalg.norm(u + v)))


def distance_to(one: Directed, others: Sequence[Directed]) -> float:
    """Degrees to the nearest orientation of the same sign; `APART` where there is none."""
    same = [angle_between(one, other) for other in others if other.sign == one.sign]
    return min(same, default=APART)


def set_distance(first: Sequence[Directed], second: Sequence[Directed]) -> float:
    """Hausdorff distance in degrees: the largest distance of a member to the other set."""
    one_way = [distance_to(one, second) for one in first]
    other_way = [distance_to(one, first) for one in second]
    return max([*one_way, *other_way], default=0.0)


def mismatches(
    predicted: Sequence[Directed], measured: Sequence[Directed], margin: float
) -> list[Directed]:
    """Predicted orientations without neurons, and measured ones that nothing predicts."""
    missing = [one for one in predicted if distance_to(one, measured) > margin]
    spurious = [one for one in measured if distance_to(one, predicted) > margin]
    return missing + spurious
