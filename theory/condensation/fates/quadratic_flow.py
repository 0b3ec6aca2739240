"""The flow of a small neuron for multiplicity 2, solved: w' = 2a Mw, a' = wᵀMw.

In the eigenbasis of M every weight is an exponential of one clock T, dT = 2a dt, and a² − |w|²/2
does not change:

    w_k(T) = w_k(0) exp(λ_k T),    a² = a(0)² + (|w(T)|² − |w(0)|²)/2.

T runs on while a > 0 and back once a < 0. |w(T)|² is convex, so a changes its sign at most once,
where |w|² has fallen to |w(0)|² − 2a(0)². What `theory.condensation.fates.flow` integrates step by
step is then a matter of roots. Source: our derivation.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from theory.condensation.fates.flow import GROWTH, RESIDUAL, SHRUNK, Arrivals, Flowed, Starts
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.orientations.plane import Orientation
from theory.condensation.orientations.quadratic import moment_matrix

HALVINGS = 45  # digits of a clock
EIGENVECTOR = 1e-6  # by which a target may differ from an eigenvector of M

Clock = Float[np.ndarray, " n"]


def quadratic_flow(
    form: HomogeneousForm,
    starts: Starts,
    growth: float = GROWTH,
    targets: tuple[Orientation, ...] = (),
) -> Flowed:
    """What `theory.condensation.fates.flow.flow` gives, without its steps, for a smooth form of
    order 2.

    Raises:
        ValueError: for other forms.
        ArithmeticError: a target is no eigenvector of M.
    """
    values, vectors = np.linalg.eigh(moment_matrix(form))
    along, sign = starts.w @ vectors, np.where(starts.a > 0, 1, -1)
    path = _Path(2 * np.log(np.abs(along)), sign[:, None] * values)
    # |w|² may fall so far that a = 0 (then T runs back), or that the neuron counts as dead
    squared = np.sum(starts.w**2, axis=1)
    least, turning = 2 * np.log(SHRUNK), squared - 2 * starts.a**2
    floor = np.maximum(least, np.log(np.maximum(turning / squared, np.finfo(float).tiny)))
    fall = path.falls_to(floor)
    flips = np.isfinite(fall) & (floor > least)
    sign = np.where(flips, -sign, sign)
    path = _Path(path.start, np.where(flips[:, None], -path.rates, path.rates))
    alive = (flips | np.isinf(fall)) & (path.rates.max(axis=1) > 0)
    end = np.where(alive, path.grows_to(2 * np.log(growth)), np.where(np.isinf(fall), 0.0, fall))
    w = np.sign(along) * path.direction(end) @ vectors.T
    # the neuron has its final output sign from here on
    began = np.where(flips, -fall, 0.0)
    arrived = np.full(len(sign), np.inf)
    if targets:
        nearest = Arrivals(0, targets, form.dimension).cosines(w, sign * 1.0).argmax(axis=1)
        axis = _axes(targets, vectors)[nearest]
        same = np.array([one.sign for one in targets])[nearest] == sign
        at = path.aligns(axis, began, end)
        arrived = np.where(alive & same, path.log_growth(at), np.inf)
    return Flowed(w, sign, path.log_growth(end), alive, alive | np.isfinite(fall), arrived)


def _axes(
    targets: tuple[Orientation, ...], vectors: Float[np.ndarray, "dimension dimension"]
) -> np.ndarray:
    """The column of ``vectors`` that each target lies on."""
    cosines = np.abs(np.array([one.direction for one in targets]) @ vectors)
    if np.any(cosines.max(axis=1) < 1 - EIGENVECTOR):
        raise ArithmeticError("a target of a quadratic flow is no eigenvector")
    return cosines.argmax(axis=1)


@dataclass(frozen=True)
class _Path:
    """Weights in the eigenbasis by the clock T.

    Attributes:
        start: ln w_k² at T = 0.
        rates: λ_k, of the sign in which T runs.
    """

    start: Float[np.ndarray, "n dimension"]
    rates: Float[np.ndarray, "n dimension"]

    def logs(self, clock: Clock) -> Float[np.ndarray, "n dimension"]:
        """ln w_k²."""
        return self.start + 2 * self.rates * clock[:, None]

    def log_growth(self, clock: Clock) -> Clock:
        """ln |w|/|w₀|; infinite at an infinite T."""
        finite = np.isfinite(clock)
        grown = self._grown_twice(np.where(finite, clock, 0.0)) / 2
        return np.where(finite, grown, np.inf)

    def _grown_twice(self, clock: Clock) -> Clock:
        """ln |w|²/|w₀|² at a finite T."""
        return _log_sum(self.logs(clock)) - self._at_start

    @functools.cached_property
    def _at_start(self) -> Clock:
        """ln |w₀|²."""
        return _log_sum(self.start)

    def direction(self, clock: Clock) -> Float[np.ndarray, "n dimension"]:
        """|w_k|/|w|."""
        logs = self.logs(clock)
        return np.exp((logs - _log_sum(logs)[:, None]) / 2)

    def falls_to(self, floor: Clock) -> Clock:
        """First T > 0 at which ln |w|²/|w₀|² has fallen to a floor below 0; infinite if never."""
        low = self._lowest()
        falls = self._grown_twice(low) < floor
        return np.where(
            falls, _root(lambda t: floor - self._grown_twice(t), np.zeros(len(low)), low), np.inf
        )

    def _lowest(self) -> Clock:
        """T ≥ 0 at which |w|² is least; where it falls for ever, one at which nothing is left."""
        top = self.rates.max(axis=1)
        squares = np.exp(self.start - self.start.max(axis=1, keepdims=True))
        falling = np.sum(np.maximum(-self.rates, 0.0) * squares, axis=1)
        column = self.rates.argmax(axis=1)[:, None]
        rising = np.maximum(top * np.take_along_axis(squares, column, 1)[:, 0], 1e-300)
        scale = np.maximum(np.abs(top), 1e-12 * np.abs(self.rates).max(axis=1))
        high = np.where(top > 0, np.log(np.maximum(falling / rising, 1.0)) / 2, 30.0) / scale

        def slope(clock: Clock) -> Clock:
            logs = self.logs(clock)
            return np.sum(self.rates * np.exp(logs - logs.max(axis=1, keepdims=True)), axis=1)

        return np.where(top > 0, _root(slope, np.zeros(len(top)), high), high)

    def grows_to(self, goal: float) -> Clock:
        """T at which ln |w|²/|w₀|² reaches a goal above 0; any number where no weight grows."""
        top = self.rates.max(axis=1)
        column = self.rates.argmax(axis=1)[:, None]
        behind = self._at_start - np.take_along_axis(self.start, column, 1)[:, 0]
        high = (goal + behind) / np.where(top > 0, 2 * top, 1.0)
        return _root(lambda t: self._grown_twice(t) - goal, np.zeros(len(high)), high)

    def aligns(self, axis: np.ndarray, low: Clock, high: Clock) -> Clock:
        """First T in a range at which w is within `RESIDUAL` of an axis that outgrows all others.

        Infinite where it is not even at the end.
        """
        allowed = 2 * np.log(np.tan(np.radians(RESIDUAL)))

        def excess(clock: Clock) -> Clock:
            logs = self.logs(clock)
            mine = np.take_along_axis(logs, axis[:, None], 1)[:, 0]
            others = np.where(np.arange(logs.shape[1]) == axis[:, None], -np.inf, logs)
            return allowed + mine - _log_sum(others)

        found = np.where(excess(low) >= 0, low, _root(excess, low, high))
        return np.where(excess(high) >= 0, found, np.inf)


def _log_sum(logs: Float[np.ndarray, "n dimension"]) -> Clock:
    """ln Σ exp of short rows, column by column: numpy's reduction takes five times as long."""
    top = functools.reduce(np.maximum, logs.T)
    shift = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):  # the logarithm of nothing
        return shift + np.log(functools.reduce(np.add, (np.exp(one - shift) for one in logs.T)))


def _root(function: Callable[[Clock], Clock], low: Clock, high: Clock) -> Clock:
    """Where a function passes from below 0 to above in a range, by halving."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below: Bool[np.ndarray, " n"] = function(middle) < 0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return high
