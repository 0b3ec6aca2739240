"""Local maxima of |H| on the boundary of the ℓ∞ square, counted on a grid.

It knows nothing of slopes or roots: values alone are compared, and where one is higher than what
comes before and after by more than rounding, there is a maximum in between. So a grid never counts
too many; it may miss maxima that are closer than its points. Points lie close together near the
corners and, in powers of ten, near the axes, where coefficients of different size put maxima.
"""

import functools

import numpy as np
from jaxtyping import Float, Int

PER_DECADE = 24
AXIS = 10.0  # decades towards an axis
CORNER = 6.0  # decades towards a corner
EVEN = 1200  # points that are evenly spread
ROUNDING = 4 * np.finfo(float).eps  # of a term and operation

Values = Float[np.ndarray, "forms points"]


@functools.cache
def points() -> tuple[Float[np.ndarray, " points"], Float[np.ndarray, " points"]]:
    """(w, b) on half of the boundary, the other half being its mirror image, in order."""
    axis = 10 ** -np.linspace(0, AXIS, int(AXIS * PER_DECADE), endpoint=False)
    corner = 1 - 10 ** -np.linspace(1, CORNER, int(CORNER * PER_DECADE))
    positive = np.concatenate([axis, corner])
    side = np.unique(np.concatenate([positive, -positive, np.linspace(-1, 1, EVEN + 1)]))
    ones = np.ones(len(side) - 1)  # each corner once
    return np.concatenate([ones, side[:0:-1]]), np.concatenate([side[:-1], ones])


@functools.cache
def _powers(p: int) -> Float[np.ndarray, "terms points"]:
    w, b = points()
    return np.stack([w**k * b ** (p - k) for k in range(p + 1)])


def on_square(terms: Float[np.ndarray, "forms terms"]) -> tuple[Values, Values]:
    """|H| at the points, for forms with these coefficients of w^k b^(p−k), and its rounding."""
    p = terms.shape[1] - 1
    powers = _powers(p)
    rounding = (p + 3) * ROUNDING * (np.abs(terms) @ np.abs(powers))
    return np.abs(terms @ powers), rounding


def count_maxima(values: Values, rounding: Values) -> Int[np.ndarray, " forms"]:
    """How often a profile rises and then falls on the way around, by more than rounding."""
    step = np.roll(values, -1, axis=1) - values
    told = np.abs(step) > np.maximum(rounding, np.roll(rounding, -1, axis=1))
    last = np.maximum.accumulate(np.where(told, np.arange(step.shape[1]), -1), axis=1)
    last = np.where(last < 0, last[:, -1:], last)  # before the first step comes the last one
    rises = np.take_along_axis(np.where(told, step, 0.0), last, axis=1)
    return np.sum((rises > 0) & (np.roll(rises, -1, axis=1) < 0), axis=1)
