"""A set of directed orientations with signs: a unit has every one of them and no other."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from theory.direction import Direction
from theory.direction_sets import distance_to, mismatches, set_distance
from theory.prediction import Orientations
from validate.decisions.rules.base import Contribution, register
from validate.decisions.rules.changed_numbers import EXPONENTS, FACTORS, Change
from validate.decisions.rules.shares_of_units import ShareOfSuccesses


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

    def changes(self) -> dict[str, Change]:
        """Factors act on the bias, exponents on every component of the direction."""
        turns: dict[str, Callable[[np.ndarray], np.ndarray]] = {
            f"bias {name}": lambda u, f=f: np.append(u[:-1], f * u[-1])
            for name, f in FACTORS.items()
        }
        turns |= {name: lambda u, e=e: np.sign(u) * np.abs(u) ** e for name, e in EXPONENTS.items()}
        made: dict[str, Change] = {
            name: lambda found, turn=turn: tuple(_turned(one, turn) for one in found)
            for name, turn in turns.items()
        }
        made["sign"] = lambda found: tuple(Direction(one.direction, -one.sign) for one in found)
        made["one removed"] = lambda found: tuple(found[1:])
        made["one added"] = _with_one_more
        return made

    def distance(self, first: Any, second: Any) -> float:
        return set_distance(first, second)


def _turned(one: Direction, turn: Callable[[np.ndarray], np.ndarray]) -> Direction:
    u = turn(np.array(one.direction))
    return Direction(tuple((u / np.linalg.norm(u)).tolist()), one.sign)


def _with_one_more(found: Sequence[Direction]) -> tuple[Direction, ...]:
    """One more orientation, on the coordinate axis that is farthest from the others."""
    dimension = len(found[0].direction)
    axes = [
        Direction(tuple((direction * np.eye(dimension)[axis]).tolist()), sign)
        for axis in range(dimension)
        for direction in (1.0, -1.0)
        for sign in (1, -1)
        if any(one.sign == sign for one in found)
    ]
    return (*found, max(axes, key=lambda axis: distance_to(axis, found)))
