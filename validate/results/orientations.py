"""Records of orientations, predicted and measured, and which of them belong together."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import ConfigDict, PlainSerializer, WrapValidator

from theory.direction import Direction
from validate.results import words as words
from validate.results.records import Record

UNIT_LENGTH = 1e-6  # how far from 1 the length of a direction may be, and of an angle in radians
PAIRED = 30.0  # degrees; a measured direction farther off is shown on a line of its own


class FiniteRecord(Record):
    """A record whose numbers are finite: JSON has no NaN."""

    model_config = ConfigDict(allow_inf_nan=False)


def _read(value: Any, read: Callable[[Any], Direction]) -> Direction:
    """A direction, or its JSON form, which may come from anywhere and say anything."""
    if not isinstance(value, Mapping):
        return _sound(read(value))
    if not set(value) <= set(_KEYS):
        raise ValueError(f"a direction has nothing but {', '.join(_KEYS)}")
    if "share" not in value:  # null where none is predicted
        raise ValueError("a direction must say its share")
    if value.get("sign") not in (1, -1):  # "1" is none either
        raise ValueError("a sign must be 1 or -1")
    angle = value.get("angle_degrees")
    one = _sound(read({key: value[key] for key in value if key != "angle_degrees"}))
    if angle is None:
        return replace(one, bias=len(one.direction) != 2)
    if not isinstance(angle, int | float) or not 0 <= angle < 360:
        raise ValueError("an angle must be in [0, 360)")
    radians = math.radians(angle)
    if math.dist(one.direction, (math.cos(radians), math.sin(radians))) > 2 * UNIT_LENGTH:
        raise ValueError("the angle must be that of the direction")
    return one


def _sound(one: Direction) -> Direction:
    if not abs(math.hypot(*one.direction) - 1) <= UNIT_LENGTH:  # NaN is not
        raise ValueError("a direction must have unit length")
    if one.sign not in (1, -1):
        raise ValueError("a sign must be 1 or -1")
    if one.share is not None and not math.isfinite(one.share):
        raise ValueError("the share of a direction must be a finite number, or null")
    return one


def _written(one: Direction) -> dict[str, Any]:
    return {
        "direction": one.direction,
        "angle_degrees": _angle(one),
        "sign": one.sign,
        "share": one.share,
    }


def _angle(one: Direction) -> float | None:
    return one.angle_degrees if one.in_plane else None


_KEYS = ("direction", "angle_degrees", "sign", "share")
# a direction in a record; the angle is written for one input with bias only
RecordedDirection = Annotated[Direction, WrapValidator(_read), PlainSerializer(_written)]


@dataclass(frozen=True)
class Pair:
    """A predicted and the measured direction nearest to it, or one without the other.

    Attributes:
        predicted: None where something was measured near no prediction.
        measured: None where nothing was measured near the prediction.
        degrees: angle between both, None where one is missing.
    """

    predicted: Direction | None
    measured: Direction | None
    degrees: float | None


class OptimizerCheck(FiniteRecord):
    """Predicted and measured orientations under one optimizer.

    Attributes:
        predicted: where neurons are to end, each a unit vector with the sign of the output weights.
        measured: where they did, empty where nothing was trained.
        trained: False where only the prediction was asked for.
        dead_share: share of neurons that shrank or hardly grew and belong to no orientation.
        predicted_dead: share of those predicted to.
        margin_degrees: the largest angle that counts as agreement.
    """

    predicted: tuple[RecordedDirection, ...]
    measured: tuple[RecordedDirection, ...] = ()
    trained: bool = True
    dead_share: float | None = None
    predicted_dead: float | None = None
    margin_degrees: float | None = None

    def pairs(self) -> tuple[Pair, ...]:
        """Predicted directions each with the measured one of its sign, the closest pairs first
        taken; then what was measured and is near no prediction."""
        near = sorted(
            (p.angle_to(m), i, j)
            for i, p in enumerate(self.predicted)
            for j, m in enumerate(self.measured)
            if p.sign == m.sign
        )
        partner: dict[int, tuple[int, float]] = {}
        taken: set[int] = set()
        for degrees, i, j in near:
            if degrees <= PAIRED and i not in partner and j not in taken:
                partner[i] = (j, degrees)
                taken.add(j)
        found = []
        for i, predicted in enumerate(self.predicted):
            j, degrees = partner.get(i, (None, None))
            found.append(Pair(predicted, None if j is None else self.measured[j], degrees))
        left = [m for j, m in enumerate(self.measured) if j not in taken]
        return (*found, *(Pair(None, m, None) for m in left))


HEADER = ("optimizer", "predicted", "sign", "share", "measured", "share", "off by")


def rows(
    optimizers: Mapping[str, OptimizerCheck],
    most: int | None = words.COMPONENTS,
    names: Sequence[str] = (),
) -> list[tuple[str, ...]]:
    """Predicted and measured orientations as a table of text with `HEADER`.

    Of a direction of more than ``most`` components the largest are written, with their names.
    """
    made = []
    for key, check in optimizers.items():
        name = words.OPTIMIZERS.get(key, key)
        pairs = check.pairs()
        for pair in pairs:
            made.append((name, *_cells(pair, check, most, names)))
            name = ""
        if not pairs:
            nothing = "nothing" if check.trained else "not trained"
            made.append((name, "none", "", "", nothing, "", ""))
    return made


def _cells(
    pair: Pair, check: OptimizerCheck, most: int | None, names: Sequence[str]
) -> tuple[str, ...]:
    nowhere = ("none", "") if check.trained else ("not trained", "")
    known = pair.predicted or pair.measured
    predicted = _place(pair.predicted, most, names) if pair.predicted else ("none", "")
    measured = _place(pair.measured, most, names) if pair.measured else nowhere
    off = "" if pair.degrees is None else f"{pair.degrees:.1f}°"
    if pair.degrees is not None and check.margin_degrees is not None:
        off += f" > {check.margin_degrees:g}°" * (pair.degrees > check.margin_degrees)
    sign = words.sign(known.sign) if known else ""
    return (predicted[0], sign, predicted[1], *measured, off)


def _place(one: Direction, most: int | None, names: Sequence[str]) -> tuple[str, str]:
    share = "" if one.share is None else words.share(one.share)
    return words.direction(one.direction, _angle(one), most, names), share
