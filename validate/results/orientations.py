"""Records of orientations, predicted and measured, and which of them belong together."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, SupportsFloat

from pydantic import ConfigDict, model_validator

from validate.results import words as words
from validate.results.records import Record

UNIT_LENGTH = 1e-6  # how far from 1 the length of a direction may be, and of an angle in radians
PAIRED = 30.0  # degrees; a measured direction farther off is shown on a line of its own


class FiniteRecord(Record):
    """A record whose numbers are finite: JSON has no NaN."""

    model_config = ConfigDict(allow_inf_nan=False)


class Direction(FiniteRecord):
    """One orientation of condensed neurons.

    Attributes:
        direction: (w₁, …, w_d, bias), of unit length; without bias (w₁, …, w_d).
        angle_degrees: atan2(bias, weight) in [0, 360) for one input with bias, else None.
        sign: sign of the output weights.
        share: share of the neurons that are there, or are predicted to end there.
    """

    direction: tuple[float, ...]
    angle_degrees: float | None = None
    sign: Literal[1, -1]
    share: float

    @classmethod
    def of(
        cls,
        vector: Iterable[SupportsFloat],
        sign: SupportsFloat,
        share: SupportsFloat,
        plane: bool = False,
    ) -> "Direction":
        """From a vector of any length; ``plane`` says that it is (weight, bias).

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
        angle = math.degrees(math.atan2(unit[1], unit[0])) % 360.0 if plane else None
        if angle == 360.0:  # what the remainder makes of a tiny negative angle
            angle = 0.0
        return cls(
            direction=unit,
            angle_degrees=angle,
            sign=1 if float(sign) > 0 else -1,
            share=float(share),
        )

    @model_validator(mode="after")
    def _consistent(self) -> "Direction":
        if abs(math.hypot(*self.direction) - 1) > UNIT_LENGTH:
            raise ValueError("a direction must have unit length")
        if self.angle_degrees is not None:
            angle = math.radians(self.angle_degrees)
            off = math.dist(self.direction, (math.cos(angle), math.sin(angle)))
            if off > 2 * UNIT_LENGTH or not 0 <= self.angle_degrees < 360:
                raise ValueError("the angle in [0, 360) must be that of the direction")
        return self

    def angle_to(self, other: "Direction") -> float:
        """Degrees between two directions, whatever their signs."""
        apart = math.dist(self.direction, other.direction)
        together = math.hypot(
            *(u + v for u, v in zip(self.direction, other.direction, strict=True))
        )
        return math.degrees(2 * math.atan2(apart, together))


@dataclass(frozen=True)
class Pair:
    """A predicted and the measured direction nearest to it, or one without the other."""

    predicted: Direction | None
    measured: Direction | None
    degrees: float | None


class OptimizerCheck(FiniteRecord):
    """Predicted and measured orientations under one optimizer.

    ``trained`` is False where only the prediction was asked for; ``dead_share`` is the share of
    neurons that shrank or hardly grew and belong to no orientation, ``predicted_dead`` the share
    of those predicted to; ``margin_degrees`` is the largest angle that counts as agreement.
    """

    predicted: tuple[Direction, ...]
    measured: tuple[Direction, ...] = ()
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
    optimizers: Mapping[str, OptimizerCheck], most: int = words.COMPONENTS
) -> list[tuple[str, ...]]:
    """Predicted and measured orientations as a table of text with `HEADER`.

    A direction of more than ``most`` components is written without those in the middle.
    """
    made = []
    for key, check in optimizers.items():
        name = words.OPTIMIZERS.get(key, key)
        pairs = check.pairs()
        for pair in pairs:
            made.append((name, *_cells(pair, check, most)))
            name = ""
        if not pairs:
            nothing = "nothing" if check.trained else "not trained"
            made.append((name, "none", "", "", nothing, "", ""))
    return made


def _cells(pair: Pair, check: OptimizerCheck, most: int) -> tuple[str, ...]:
    nowhere = ("none", "") if check.trained else ("not trained", "")
    known = pair.predicted or pair.measured
    predicted = _place(pair.predicted, most) if pair.predicted else ("none", "")
    measured = _place(pair.measured, most) if pair.measured else nowhere
    off = "" if pair.degrees is None else f"{pair.degrees:.1f}°"
    if pair.degrees is not None and check.margin_degrees is not None:
        off += f" > {check.margin_degrees:g}°" * (pair.degrees > check.margin_degrees)
    sign = words.sign(known.sign) if known else ""
    return (predicted[0], sign, predicted[1], *measured, off)


def _place(one: Direction, most: int) -> tuple[str, str]:
    return words.direction(one.direction, one.angle_degrees, most), words.share(one.share)
