"""Richardson extrapolation to distance 0 on halved distances, with an error estimate."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy
from jaxtyping import Float64

EPS = float(np.finfo(np.float64).eps)

_COLUMNS = 9
# The product of (2^k + 1)/(2^k − 1) over the columns: what noise in the values grows to.
_AMPLIFIED = 9.0
_LARGEST_DENOMINATOR = 120
# 4·10³ rationals with such denominators lie between 0 and 1: that a number has one of them this
# close by accident has a chance of about 1e-5.
_NO_ACCIDENT = 1e-9


@dataclass(frozen=True)
class Estimate:
    """A number and an estimate of its error, in absolute terms."""

    value: float
    error: float

    def exact(self) -> sympy.Expr:
        """A simple rational where one lies within the error, else a Float of the known digits."""
        simple = Fraction(self.value).limit_denominator(_LARGEST_DENOMINATOR)
        allowed = min(self.error, _NO_ACCIDENT * abs(self.value))
        if abs(float(simple) - self.value) <= allowed:
            return sympy.Rational(simple.numerator, simple.denominator)
        digits = -math.log10(max(self.error / abs(self.value), EPS))
        return sympy.Float(self.value, max(1, math.floor(digits)))

    def same(self, other: "Estimate") -> bool:
        """Whether the two may be the same number."""
        return abs(self.value - other.value) <= self.error + other.error


def extrapolated(
    values: Float64[np.ndarray, " halvings"], noise: Float64[np.ndarray, " halvings"]
) -> Estimate:
    """The limit of c + c₁t + c₂t² + … for t → 0, from its values at t, t/2, t/4, …

    Of all entries of the extrapolation table the one with the smallest estimated error is taken:
    three times the largest of its differences to its neighbors over three halvings, plus the
    noise that the extrapolation amplifies. Values that are NaN are left out.

    Args:
        noise: size of the errors of the values; differences do not show errors that neighboring
            values have in common, as from rounding at powers of 2.

    Raises:
        ValueError: fewer than four values in a row.
    """
    table = [values]
    for column in range(1, _COLUMNS):
        before = table[-1]
        step = np.full_like(values, np.nan)
        step[1:] = before[1:] + (before[1:] - before[:-1]) / (2.0**column - 1)
        table.append(step)
    entries = np.stack(table)
    errors = np.full_like(entries, np.nan)
    changes = np.abs(entries[1:] - entries[:-1])
    # Three halvings: two entries may agree by accident.
    errors[1:, 2:] = np.maximum(np.maximum(changes[:, 2:], changes[:, 1:-1]), changes[:, :-2])
    errors = 3 * errors + _AMPLIFIED * noise
    if np.isnan(errors).all():
        raise ValueError("too few values to extrapolate")
    best = np.unravel_index(np.nanargmin(errors), errors.shape)
    value = float(entries[best])
    return Estimate(value, float(errors[best]) + 4 * EPS * abs(value))
