"""Words for an activation function: its leading part, directions and numbers as plain text."""

import math
import unicodedata
from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"
NAME = 24  # characters of a component's name
COMPONENTS = 3  # of a direction that are written out on a terminal
OPTIMIZERS = {"gd": "gradient descent", "adam": "Adam"}
_SAME = 1e-9  # relative difference of coefficients that are equal but for rounding


def printable(text: str, length: int | None = None) -> str:
    """Text on one line without control and bidirectional characters, cut where it is longer."""
    kept = "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else " " for c in text)
    joined = " ".join(kept.split())
    return joined if length is None or len(joined) <= length else joined[: length - 1] + "…"


def number(value: float | int) -> str:
    """At most four significant digits."""
    return f"{value:.4g}".replace("-", MINUS)


def power(coefficient: float, order: int, base: str = "x") -> str:
    """``c x^n`` with the exponent raised."""
    exponent = "" if order == 1 else str(order).translate(_RAISED)
    if coefficient == 0:
        return "0"
    factor = {1.0: "", -1.0: MINUS}.get(coefficient, f"{number(coefficient)} ")
    return f"{factor}{base}{exponent}" if order else number(coefficient)


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def leading_part(
    right: tuple[int | None, float | None] | None, left: tuple[int | None, float | None] | None
) -> str:
    """The leading part from (order, coefficient) on both sides: one power, or one a side.

    Empty where neither side has one.
    """
    sides = [
        None if side is None or side[0] is None or side[1] is None else (side[0], side[1])
        for side in (right, left)
    ]
    if sides == [None, None]:
        return ""
    if sides[0] and sides[1] and is_one_power(sides[0], sides[1]):
        return power(sides[0][1], sides[0][0])
    signs, bases = ("x > 0", "x < 0"), ("x", "|x|")
    written = [
        "no power" if side is None else power(side[1], side[0], base)
        for side, base in zip(sides, bases, strict=True)
    ]
    return ", ".join(f"{text} for {sign}" for text, sign in zip(written, signs, strict=True))


def is_one_power(right: tuple[int, float], left: tuple[int, float]) -> bool:
    """Whether c₊ x^p and c₋ |x|^q are the same power c x^p."""
    mirrored = (-1) ** right[0] * left[1]
    return right[0] == left[0] and math.isclose(right[1], mirrored, rel_tol=_SAME)


def direction(
    components: Sequence[float],
    angle: float | None,
    most: int | None = COMPONENTS,
    names: Sequence[str] = (),
) -> str:
    """The angle for one input, else the components; of more than ``most`` the largest by name.

    Args:
        components: of the direction.
        angle: in degrees, None for other numbers of inputs.
        most: how many are written; None: all by name.
        names: of the components, x1, x2, … where there are none.
    """
    if angle is not None:
        return f"{angle:.1f}°"
    shown = [f"{u:.2f}".replace("-", MINUS) for u in components]
    if most is not None and len(shown) <= most:
        return f"({', '.join(shown)})"
    known = names if len(names) == len(shown) else [f"x{k + 1}" for k in range(len(shown))]
    order = range(len(shown))
    if most is not None:
        largest = sorted(order, key=lambda k: -abs(components[k]))[:most]
        order = [k for k in largest if float(f"{components[k]:.2f}")] or largest[:1]
    told = [f"{printable(known[k], NAME)} {shown[k]}" for k in order]
    return ", ".join([*told, "…"] if len(told) < len(shown) else told)


def share(value: float) -> str:
    """A share in percent."""
    return f"{100 * value:.0f} %" if value == 0 or value >= 0.01 else f"{100 * value:.1g} %"


def sign(value: int) -> str:
    """The sign of the output weight."""
    return "+" if value > 0 else MINUS
