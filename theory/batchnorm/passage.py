"""When noise collapses a batch-normalized unit: the law of the first passage of r = β/|γ| below −τ.

The cone diffusion of `theory.batchnorm.cone` has no scale, so the probability u(ρ, θ, t) that a
unit has not passed by step t depends on ℓ = log ρ and ct through U(ℓ − ½ log ct, θ) alone, and the
backward equation ∂u/∂t = (c/2) … u becomes one linear boundary value problem for U, solved once for
all times. With A₀ = c/γ₀² and r₀, ct/ρ₀² = A₀ t / (1 + r₀²): the clock is A₀t.

Units are looked at once a step, so they pass a little later than the diffusion does: to first order
as if the absorbing side lay K standard deviations of a step's normal part further out (Siegmund
1979, Adv. Appl. Probab. 11, 701), which moves U by √A₀ times a second function of the same
arguments. Both come with their error from a grid twice as coarse. Source: our derivation.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.sparse
from jaxtyping import Float
from scipy.interpolate import CubicSpline
from scipy.optimize import root_scalar
from scipy.special import erf

from theory.batchnorm.cone import ANGLES, Cone, MomentLaw, cone, tail_exponent
from theory.batchnorm.overshoot import GAUSSIAN_OVERSHOOT

EARLIEST, LATEST = 3e-3, 1e5  # of ct/ρ², between which U is solved for
STEP = 0.04  # of ℓ

Column = Float[np.ndarray, " clock"]


@dataclass(frozen=True)
class Passage:
    """F(A₀t): the chance to have passed r = −τ by step t, from r₀.

    Attributes:
        exponent: p of 1 − F ~ (A₀t)^(−p); where p ≤ 1 the mean time is infinite.
        error: largest difference of F on the grid to one of half the resolution.
    """

    start: float
    threshold: float
    exponent: float
    error: float
    _survival: CubicSpline
    _shift: CubicSpline

    def __call__(
        self, clock: Column, rate: float | Column = 0.0, overshoot: float = GAUSSIAN_OVERSHOOT
    ) -> Column:
        """F at A₀t = ``clock``, looked at continuously or, with A₀ = ``rate``, once a step.

        Args:
            clock: A₀t > 0.
            rate: A₀, of each clock where steps grow; 0 for the limit of small steps.
            overshoot: K, see `overshoot`.

        Raises:
            ValueError: a clock outside the range that was solved for.
        """
        s = np.asarray(clock, dtype=float) / (1 + self.start**2)
        if not ((s >= EARLIEST) & (s <= LATEST)).all():
            raise ValueError(f"A₀t outside [{EARLIEST * (1 + self.start**2):g}, {LATEST:g}]")
        at = -0.5 * np.log(s)
        later = overshoot * np.sqrt(rate / (1 + self.start**2)) * self._shift(at)
        return 1 - self._survival(at) - later

    def slope(self, clock: Column) -> Column:
        """d log F / d log η at A₀t = ``clock``: twice the slope in the clock."""
        at = -0.5 * np.log(np.asarray(clock, dtype=float) / (1 + self.start**2))
        return self._survival(at, 1) / (1 - self._survival(at))

    def clock_of_slope(self, slope: float) -> float:
        """A₀t at which d log F / d log η has this value; the slope falls with the clock.

        Raises:
            ValueError: it does so nowhere between A₀t = 0.3 and 100.
        """

        def excess(clock: float) -> float:
            return float(self.slope(np.array([clock]))[0]) - slope

        return float(root_scalar(excess, bracket=(0.3, 100.0)).root)


def isotropic_exponent(threshold: float) -> float:
    """A wrong p, for controls: π/(4(π/2 + atan τ)), that of Brownian motion in the cone."""
    return math.pi / (4 * (math.pi / 2 + math.atan(threshold)))


@functools.cache
def passage(moments: MomentLaw, start: float, threshold: float) -> Passage:
    """The law of the first passage, to be cached by the function that gives the moments.

    Args:
        moments: a function of r.
        start: r₀ > −τ.
        threshold: τ.

    Raises:
        ValueError: a start that has already passed.
    """
    if start <= -threshold:
        raise ValueError(f"r₀ = {start:g} has passed −τ = −{threshold:g} already")
    fine, coarse = (
        _solved(cone(moments, threshold, angles), math.atan(start), step)
        for angles, step in ((ANGLES, STEP), (ANGLES * 5 // 6, 2 * STEP))
    )
    log, survival, shift = fine
    error = np.abs(survival[::2] - coarse[1])
    exponent = tail_exponent(cone(moments, threshold))
    return Passage(
        start,
        threshold,
        exponent,
        float(error.max()),
        CubicSpline(log, survival),
        CubicSpline(log, shift),
    )


def _solved(cone: Cone, theta: float, step: float) -> tuple[Column, Column, Column]:
    """ℓ on its grid, and U and its shift there at the angle ``theta``."""
    high, low = -0.5 * math.log(EARLIEST), -0.5 * math.log(LATEST)
    cells = 2 * math.ceil((high - low) / (4 * STEP)) * round(2 * STEP / step)
    log = np.linspace(low, high, cells + 1)
    weights = _interpolation(cone.theta, theta)
    survival = _survival(cone, log)
    return log, survival @ weights, _delayed(cone, log, survival) @ weights


def _survival(cone: Cone, log: Column) -> Float[np.ndarray, "clock angles"]:
    """U: 0 on the absorbing side, and at first as near to a straight wall."""
    distance = math.exp(log[-1]) * _distance(cone)
    return _boundary_problem(cone, log, 0.0, np.zeros_like(log), erf(distance / math.sqrt(2)))


def _delayed(
    cone: Cone, log: Column, survival: Float[np.ndarray, "clock angles"]
) -> Float[np.ndarray, "clock angles"]:
    """What U gains, over K √c/ρ, where the wall is a step's standard deviation further out."""
    deviation = math.sqrt(cone.normal_variance / (1 + cone.threshold**2))
    wall = deviation * (survival @ cone.slope[0])
    distance = math.exp(log[-1]) * _distance(cone)
    first = math.exp(log[-1]) * math.sqrt(2 / math.pi) * np.exp(-(distance**2) / 2)
    return _boundary_problem(cone, log, -1.0, wall, first)


def _distance(cone: Cone) -> Float[np.ndarray, " angles"]:
    """From the absorbing side at ρ = 1, in standard deviations of a step there for c = 1."""
    across = np.sin(cone.theta) + cone.threshold * np.cos(cone.theta)
    return across / math.sqrt(cone.normal_variance)


def _boundary_problem(
    cone: Cone,
    log: Column,
    power: float,
    wall: Column,
    first: Float[np.ndarray, " angles"],
) -> Float[np.ndarray, "clock angles"]:
    """W(ℓ, θ) with u = ρ^power W(ℓ − ½ log ct, θ) a solution of the backward equation.

    ``wall`` are its values on the absorbing side, ``first`` those at the largest ℓ, the earliest
    time; at the smallest ℓ it follows the tail t^(−p), at γ = 0 it has no slope.
    """
    rows, columns, step = len(log), len(cone.theta), log[1] - log[0]
    spread, mixed, _, growth, _ = cone.coefficients
    along = _differences(rows, (-1.0, 0.0, 1.0)) / (2 * step)
    twice = _differences(rows, (1.0, -2.0, 1.0)) / step**2
    one = scipy.sparse.eye_array(rows)
    shifted = along + power * one
    squared = twice + 2 * power * along + power**2 * one
    inside = (
        scipy.sparse.kron(squared, np.diag(spread / 2))
        + scipy.sparse.kron(shifted, mixed[:, None] * cone.slope + np.diag(growth / 2))
        + scipy.sparse.kron(one, cone.turning)
        + scipy.sparse.kron(
            scipy.sparse.diags_array(0.5 * np.exp(2 * log)) @ along, scipy.sparse.eye_array(columns)
        )
    )
    tail = np.array([-1.5, 2.0, -0.5]) / step
    tail[0] -= 2 * tail_exponent(cone)
    right = np.zeros((rows, columns))
    right[:, 0], right[-1] = wall, first
    return _banded(_bordered(cone, rows, inside, tail), right.ravel()).reshape(rows, columns)


def _differences(rows: int, stencil: tuple[float, float, float]) -> scipy.sparse.csr_array:
    """A matrix with this stencil on its three diagonals."""
    below, at, above = stencil
    dense = at * np.eye(rows) + below * np.eye(rows, k=-1) + above * np.eye(rows, k=1)
    return scipy.sparse.csr_array(dense)


def _bordered(
    cone: Cone, rows: int, inside: scipy.sparse.sparray, tail: Float[np.ndarray, " 3"]
) -> scipy.sparse.coo_array:
    """The equations inside, with those of the four sides in the rows of their points.

    The value itself at the earliest time and on the absorbing side, ``tail`` along ℓ at the latest
    time, the slope in θ at γ = 0.
    """
    columns = len(cone.theta)
    given = np.zeros((rows, columns), dtype=bool)
    given[:, 0] = given[-1] = True
    late, edge = np.zeros_like(given), np.zeros_like(given)
    edge[:-1, -1] = True
    late[0, 1:-1] = True
    first, last = np.zeros((rows, rows)), np.zeros((columns, columns))
    first[0, : len(tail)], last[-1] = tail, cone.slope[-1]
    parts = (
        (~(given | late | edge), inside),
        (given, scipy.sparse.eye_array(rows * columns)),
        (late, scipy.sparse.kron(scipy.sparse.csr_array(first), scipy.sparse.eye_array(columns))),
        (edge, scipy.sparse.kron(scipy.sparse.eye_array(rows), scipy.sparse.csr_array(last))),
    )
    whole = sum(
        scipy.sparse.diags_array(where.ravel().astype(float)) @ part for where, part in parts
    )
    return scipy.sparse.coo_array(whole)


def _banded(
    matrix: scipy.sparse.coo_array, right: Float[np.ndarray, " unknowns"]
) -> Float[np.ndarray, " unknowns"]:
    """Solution of a system whose entries lie near the diagonal."""
    row, column = matrix.coords
    below, above = int((row - column).max()), int((column - row).max())
    band = np.zeros((below + above + 1, len(right)))
    band[above + row - column, column] = matrix.data
    return scipy.linalg.solve_banded((below, above), band, right, overwrite_ab=True)


def _interpolation(nodes: Float[np.ndarray, " angles"], at: float) -> Float[np.ndarray, " angles"]:
    """Weights of the values at Chebyshev points in their polynomial at one angle (barycentric)."""
    gap = at - nodes
    if (gap == 0).any():
        return (gap == 0).astype(float)
    weights = (-1.0) ** np.arange(len(nodes))
    weights[[0, -1]] /= 2
    weights /= gap
    return weights / weights.sum()
