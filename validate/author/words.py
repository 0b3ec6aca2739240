"""What an author ties a law to measurements with: meanings, margins, windows, limits."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy

from validate.author.faults import refuse


@dataclass(frozen=True)
class Given:
    """What a symbol of the law stands for.

    Attributes:
        symbol: a sympy symbol of the law.
        source: name of a setting of the simulation, or of a number that it measures, or a function
            of all of these by name; None for a constant that cancels, as the prefactor of a power
            law.
        meaning: a few words for the table of symbols.
        unit: of its value; "1" where it has none.

    Raises:
        AuthorError: it is no symbol, the source no name, or the meaning is missing.
    """

    symbol: Any
    source: Any
    meaning: Any
    unit: str = "1"

    def __post_init__(self) -> None:
        if not isinstance(self.symbol, sympy.Symbol):
            refuse(f"Given: {self.symbol!r} is no sympy symbol")
        if self.source is not None and not isinstance(self.source, str | Callable):
            refuse(f"Given({self.symbol}): a source is a name, not {self.source!r}")
        if not isinstance(self.meaning, str) or not self.meaning.strip():
            refuse(f"Given({self.symbol}): a symbol needs a meaning in words")


@dataclass(frozen=True)
class Margin:
    """The largest deviation that still counts as agreement, and why that and no other.

    AGREE needs the whole confidence interval within it, DISAGREE all of it beyond.

    Attributes:
        value: at least 0, in the unit of the observable; of measured / law for ``relative=True``,
            of the exponent for ``exponent=…``.
        reason: a sentence, which the report prints.
        unit: of the value; "1" where it has none.

    Raises:
        AuthorError: the value is negative or no finite number, or there is no reason.
    """

    value: float | int
    reason: str = ""
    unit: str = "1"

    def __post_init__(self) -> None:
        if not _is_number(self.value) or self.value < 0:
            refuse(f"Margin: {self.value!r} is no number of at least 0")
        if not isinstance(self.reason, str) or not self.reason.strip():
            refuse(f"Margin({self.value:g}): a margin needs a written reason")


@dataclass(frozen=True)
class Power:
    """That the observable is a power of one setting over a window of it.

    Attributes:
        setting: of the simulation.
        window: its values, positive and growing, at least two, fixed before anything is measured.
        local: margin of the slope between every two neighbors, so that no curve is taken for a
            power law; by default three times the margin of the slope, None for no such test.

    Raises:
        AuthorError: the window has fewer than two values, or they are not positive and growing.
    """

    setting: str
    window: tuple[Any, ...]
    local: float | int | str | None = "default"

    def __post_init__(self) -> None:
        if not isinstance(self.window, tuple) or not all(map(_is_number, self.window)):
            refuse(f"Power({self.setting!r}): the window is a tuple of numbers")
        rising = all(a < b for a, b in zip(self.window, self.window[1:], strict=False))
        if len(self.window) < 2 or self.window[0] <= 0 or not rising:
            refuse(f"Power({self.setting!r}): the window has two or more growing positive values")


@dataclass(frozen=True)
class Limit:
    """An assumption as a limit on what is measured (or set): every unit must keep to it.

    Attributes:
        source: name of a number that the simulation measures, or of a setting.
        at_most: the largest value that is in scope, in the unit of the source; or else
        at_least: the smallest one.

    Raises:
        AuthorError: both limits are given, or none.
    """

    source: str
    at_most: float | int = math.inf
    at_least: float | int = -math.inf

    def __post_init__(self) -> None:
        if (self.at_most == math.inf) == (self.at_least == -math.inf):
            refuse(f"Limit({self.source!r}): either at_most or at_least is a number")


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)
