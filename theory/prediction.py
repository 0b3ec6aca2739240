"""The few kinds of prediction that a theory can make.

A prediction is one sympy expression with the meaning of its symbols, the assumptions under
which it holds, and the margin that still counts as agreement together with the reason for it.
Reports print the same expression that the validation evaluates.
"""

from dataclasses import dataclass
from itertools import pairwise

import sympy


@dataclass(frozen=True)
class Symbol:
    """One row of a prediction's symbol table."""

    symbol: sympy.Basic
    meaning: str
    unit: str = "1"


@dataclass(frozen=True)
class Step:
    """One step of a derivation: a sentence and, usually, the formula that it leads to."""

    text: str
    formula: sympy.Basic | None = None


@dataclass(frozen=True)
class Prediction:
    """What a theory says, as one expression.

    Attributes:
        formula: the prediction, symbolically.
        symbols: meaning and unit of every free symbol.
        assumptions: sentences, each a condition of the theory.
        margin: largest deviation that still counts as agreement, in ``unit``.
        margin_reason: why that margin and no other.
        unit: unit of the margin and of the measured quantity.
        theory_error: the theory's own error at the size of the experiment (such as its next
            term in 1/width), in ``unit``, where it is known.
    """

    formula: sympy.Basic
    symbols: tuple[Symbol, ...]
    assumptions: tuple[str, ...]
    margin: float
    margin_reason: str
    unit: str = "1"
    theory_error: float | None = None

    def __post_init__(self) -> None:
        if not self.margin_reason.strip():
            raise ValueError(f"{type(self).__name__}: a margin needs a written reason")
        if self.margin < 0:
            raise ValueError(f"{type(self).__name__}: the margin {self.margin} is negative")


@dataclass(frozen=True)
class Value(Prediction):
    """A number: the mean of the observable lies within ``margin`` of ``expected``.

    ``bounded`` is the range that every deviation from the prediction lies in whatever the truth,
    if there is one: a share predicted to be 0.3 deviates by −0.3 to 0.7, any share by −1 to 1. It
    holds 0. It replaces Student's interval, which leans on normality, with one that does not.
    """

    expected: float = 0.0
    bounded: tuple[float, float] | None = None


@dataclass(frozen=True)
class Curve(Prediction):
    """A function: at every grid point the mean lies within ``margin`` of ``expected``.

    ``bounded`` as for `Value`, the same range at every point.
    """

    expected: tuple[float, ...] = ()
    bounded: tuple[float, float] | None = None


@dataclass(frozen=True)
class Exponent(Prediction):
    """A power law: the log-log slope over a fixed window lies within ``margin``.

    ``window`` holds the values of the variable, increasing and positive, fixed before anything is
    measured. With a ``local_margin`` the slope between every two neighbors must lie within it, so
    that no curve is taken for a power law.
    """

    expected: float = 0.0
    window: tuple[float, ...] = ()
    local_margin: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        rising = all(0 < a < b for a, b in pairwise(self.window))
        if len(self.window) < 2 or not rising:
            raise ValueError(f"Exponent: {self.window} is no window of growing positive values")
        if self.local_margin is not None and self.local_margin < self.margin:
            raise ValueError("Exponent: local slopes need a wider margin than the slope")

    @property
    def margins(self) -> tuple[float, ...]:
        """Margin of the slope and, where there are any, of the local slopes."""
        if self.local_margin is None:
            return (self.margin,)
        return (self.margin,) + (self.local_margin,) * (len(self.window) - 1)


@dataclass(frozen=True)
class Bound(Prediction):
    """An inequality: a unit violates it where the observable exceeds the bound by the margin.

    ``tolerated_rate`` is the share of violating units below which the bound counts as kept.
    """

    tolerated_rate: float = 0.05


@dataclass(frozen=True)
class Successes(Prediction):
    """What each unit shows or does not; ``required_share`` of the units must show it."""

    required_share: float = 0.9


@dataclass(frozen=True)
class Orientations(Successes):
    """A set of directed orientations with signs; ``margin`` is an angle in degrees.

    A unit must have every judged orientation and nothing else.
    """

    unit: str = "degree"


@dataclass(frozen=True)
class Count(Successes):
    """An exact number, such as one of groups: a unit has it where it is off by ``margin`` at most.

    By default more than half of the units must have it: it is the usual number. ``shown`` says
    what a unit that has it does, for what is called no number.
    """

    required_share: float = 0.5
    shown: str = "have the predicted number"


@dataclass(frozen=True)
class Shares(Successes):
    """How a whole is divided: a unit has it where no share is off by more than ``margin``."""

    unit: str = "share"


@dataclass(frozen=True)
class CountedShares(Successes):
    """The same for what is counted: no count is off by more than ``margin`` standard errors.

    Predicted are the chances of a member of each group, observed the numbers of members.
    """

    unit: str = "standard error"


@dataclass(frozen=True)
class Ordering(Prediction):
    """An order: the mean paired difference exceeds ``margin`` (agree) or is negative (disagree)."""


@dataclass(frozen=True)
class Identity(Prediction):
    """An exact equality up to rounding: every deviation is at most ``margin``."""
