"""The first powers of a function beside 0, c |x|^order on one side, from its values in float64.

The order is d log|σ − σ(0)| / d log x where that is the same over several octaves, the
coefficient the extrapolated ratio to |x|^order. What float64 cannot tell is not claimed: a
function that is exactly 0 from some distance on counts as vanishing. Source: our derivation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Float64

from sim.activation.extrapolation import EPS, Estimate, extrapolated
from sim.activation.rounding import AROUND, drifts, lost_from, noise

MAX_ORDER = 12

Values = Callable[[Float64[np.ndarray, "*shape"]], Float64[np.ndarray, "*shape"]]

# Distances from 0: powers of 2, so that dividing by them has no rounding error.
_DISTANCES = 2.0 ** -np.arange(1.0, 71.0)
# An order is trusted where it is the same within an octave and between octaves, …
_WITHIN, _SAME = 0.125, 0.05
# … and stable when it moves by less over so many octaves.
_STABLE, _STABLE_OCTAVES = 1e-3, 6
# Differences below are no longer exact, subnormal numbers have lost digits.
_SMALLEST = 1e-290
# What falls from this to exactly 0 was not lost in the rounding of numbers of order 1.
_ABOVE_ROUNDING = 1e-10
_NO_POWER = "no power of x stands out near 0: no power law, or lost in rounding"
# Of a coefficient, where the order was 1e-4 off at a distance of 1e-6, at the distances of 1e-2
# that are extrapolated from.
_IN_NOISE = 1e-8
_NOISE = "not determined: values near 0 are noise, larger than rounding in float64"
_HIDDEN = "not determined: a lower order begins to show where float64 loses the digits"
_TOO_FLAT = f"flat at 0: no term up to order {MAX_ORDER}"


@dataclass(frozen=True)
class Side:
    """One side of 0: the limit, then c |x|^order; order None where nothing follows.

    A failure says why there is no such description.

    Attributes:
        lost_within: distance from 0 within which rounding leaves no digits to see anything by;
            None where they are seen as near as float64 reaches.
    """

    limit: Estimate
    order: int | None = None
    coefficient: Estimate | None = None
    failure: str | None = None
    lost_within: float | None = None

    @property
    def vanishes(self) -> bool:
        """Whether nothing but the limit is there."""
        return self.order is None and self.failure is None


def one_side(values: Values, sign: int) -> Side:
    """The limit and the leading part of a function for x = ``sign`` · t, t > 0."""
    center = float(values(np.zeros(1))[0])
    side = _side(values, sign, Estimate(center, 4 * EPS * abs(center)))
    if side.order != 0 or side.coefficient is None:
        return side
    # The value at 0 is not the limit on this side.
    jump = side.coefficient
    return _side(values, sign, Estimate(center + jump.value, jump.error))


def next_on_side(values: Values, sign: int, leading: Side) -> Side:
    """What follows a leading part, in the same form; a failure where that cannot be told."""
    if leading.order is None or leading.coefficient is None:
        return leading
    order, c = leading.order, float(leading.coefficient.exact())
    return _side(
        lambda x: values(x) - leading.limit.value - c * np.abs(x) ** order,
        sign,
        Estimate(0.0, 0.0),
        above=order,
    )


def _side(values: Values, sign: int, limit: Estimate, above: int = -1) -> Side:
    factors = np.concatenate([2.0 ** np.array([-_WITHIN, 0.0, _WITHIN]), AROUND])
    growth = values(sign * factors[:, None] * _DISTANCES) - limit.value
    if not np.isfinite(growth).all():
        return Side(limit, failure="not finite near 0")
    sizes = np.abs(growth[:3])
    if _vanishes(sizes[1]):
        return Side(limit)
    orders, trusted = _orders(sizes)
    largest = float(np.abs(growth).max()) + abs(limit.value)
    lost, by_rounding = lost_from(growth[3:], trusted, largest)
    if not by_rounding:
        return Side(limit, failure=_NOISE)
    if lost is not None:
        trusted[lost:] = False
    last = _last_stable(orders, trusted, above + 0.5)
    within = None if lost is None else float(_DISTANCES[lost])
    if last is None:
        steep = trusted.any() and orders[trusted][-1] > MAX_ORDER
        return Side(limit, failure=_TOO_FLAT if steep else _no_power(within), lost_within=within)
    stable = float(np.median(orders[last - _STABLE_OCTAVES : last]))
    order = round(stable)
    nearer = slice(last, lost)
    hidden = lost is not None and above < 0
    if hidden and drifts(orders[nearer], growth[3:, nearer], stable, 2 * _STABLE):
        return Side(limit, failure=_HIDDEN, lost_within=within)
    if abs(stable - order) > 2 * _STABLE:
        return Side(limit, failure=f"the leading order is {_shown(stable)}, no integer")
    if order > MAX_ORDER:
        return Side(limit, failure=_TOO_FLAT)
    with np.errstate(over="ignore", invalid="ignore"):
        ratios = growth / (factors[:, None] * _DISTANCES) ** order
    ratios = np.where(trusted, ratios, np.nan)
    try:
        c = extrapolated(ratios[1], noise(ratios[3:]))
    except ValueError:
        return Side(limit, failure=_no_power(within), lost_within=within)
    if lost is not None:  # a lower order in the noise would change it by that
        c = Estimate(c.value, max(c.error, _IN_NOISE * abs(c.value)))
    return Side(limit, order, c, lost_within=within)


def _no_power(lost_within: float | None) -> str:
    if lost_within is None:
        return _NO_POWER
    return (
        f"not determined: within |x| < {lost_within:.0e} the values are lost in rounding, and no "
        "power of x stands out beyond"
    )


def _shown(order: float) -> str:
    simple = Fraction(order).limit_denominator(12)
    return str(simple) if abs(float(simple) - order) <= 2 * _STABLE else f"{order:.3g}"


def _vanishes(sizes: Float64[np.ndarray, " octaves"]) -> bool:
    """Exactly 0 from some distance on, and not because it was lost in rounding before."""
    present = np.flatnonzero(sizes)
    if len(present) == 0:
        return True
    # At the distance before, a function of order 12 or less would still be seen.
    last = present[-1]
    steep = last < 2 or sizes[last] < sizes[last - 1] * 2.0 ** -(2 * MAX_ORDER)
    return bool(last < len(sizes) - 1 and (sizes[last] > _ABOVE_ROUNDING or steep))


def _orders(
    sizes: Float64[np.ndarray, "3 octaves"],
) -> tuple[Float64[np.ndarray, " octaves"], Bool[np.ndarray, " octaves"]]:
    """d log|σ − σ(0)| / d log x at each distance, and where rounding leaves it meaning."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log2(sizes)
        within = (logs[2] - logs[0]) / (2 * _WITHIN)
        between = -np.gradient(logs[1])
        same = np.abs(within - between) <= _SAME * np.maximum(1.0, np.abs(between))
    return within, same & (sizes.min(axis=0) > _SMALLEST)


def _last_stable(
    orders: Float64[np.ndarray, " octaves"], trusted: Bool[np.ndarray, " octaves"], above: float
) -> int | None:
    """Where, nearest to 0, the order has been the same over enough octaves; those end before it."""
    windows = np.lib.stride_tricks.sliding_window_view(
        np.where(trusted & (orders > above), orders, np.nan), _STABLE_OCTAVES
    )
    stable = np.flatnonzero(np.ptp(windows, axis=1) < _STABLE)
    return int(stable[-1]) + _STABLE_OCTAVES if len(stable) else None
