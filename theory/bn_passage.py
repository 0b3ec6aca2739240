"""When noise collapses a batch-normalized unit: the law of the first passage of r = β/|γ| below −τ.

The cone diffusion of `theory.bn_cone` has no scale, so the probability u(ρ, θ, t) that a unit has
not passed by step t depends on ℓ = log ρ and ct through U(ℓ − ½ log ct, θ) alone, and the backward
equation ∂u/∂t = (c/2) … u becomes one linear boundary value problem for U, solved once for all
times. With A₀ = c/γ₀² and r₀, ct/ρ₀² = A₀ t / (1 + r₀²): the clock is A₀t.

Units are looked at once a step, so they pass a little later than the diffusion does: to first order
as if the absorbing side lay K standard deviations of a step's normal part further out (Siegmund
1979, Adv. Appl. Probab. 11, 701), which moves U by √A₀ times a second function of the same
arguments. Both come with their error from a grid twice as coarse. Source: our derivation.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from jaxtyping import Float
from scipy.interpolate import CubicSpline
from scipy.special import erf

from theory.bn_cone import ANGLES, Cone, MomentLaw, cone, tail_exponent

GAUSSIAN_OVERSHOOT = 0.5825971579390107  # −ζ(1/2)/√(2π), for Gaussian steps
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

    def __call__(self, clock: Column, rate: float = 0.0, overshoot: float = GAUSSIAN_OVERSHOOT) -> Column:
        """F at A₀t = ``clock``, looked at continuously or, with A₀ = ``rate``, once a step.

        Args:
            clock: A₀t > 0.
            rate: A₀; 0 for the limit of small steps.
            overshoot: K, see `overshoot`.

        Raises:
            ValueError: a clock outside the range that was solved for.
        """
        s = np.asarray(clock, dtype=float) / (1 + self.start**2)
        if not ((s >= EARLIEST) & (s <= LATEST)).all():
            raise ValueError(f"A₀t outside [{EARLIEST * (1 + self.start**2):g}, {LATEST:g}]")
        at = -0.5 * np.log(s)
        later = overshoot * math.sqrt(rate / (1 + self.start**2)) * self._shift(at)
        return 1 - self._survival(at) - later

    def slope(self, clock: Column) -> Column:
        """d log F / d log η at A₀t = ``clock``: twice the slope in the clock."""
        at = -0.5 * np.log(np.asarray(clock, dtype=float) / (1 + self.start**2))
        return self._survival(at, 1) / (1 - self._survival(at))


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
        start, threshold, exponent, float(error.max()), CubicSpline(log, survival), CubicSpline(log, shift)
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
    along = scipy.sparse.diags_array(
        [-np.ones(rows - 1), np.ones(rows - 1)], offsets=[-1, 1], shape=(rows, rows)
    ) / (2 * step)
    twice = scipy.sparse.diags_array(
        [np.ones(rows - 1), -2 * np.ones(rows), np.ones(rows - 1)], offsets=[-1, 0, 1], shape=(rows, rows)
    ) / step**2
    one = scipy.sparse.eye_array(rows)
    clock = scipy.sparse.diags_array(0.5 * np.exp(2 * log)) @ along
    shifted = along + power * one
    squared = twice + 2 * power * along + power**2 * one
    inside = (
        scipy.sparse.kron(squared, np.diag(spread / 2))
        + scipy.sparse.kron(shifted, mixed[:, None] * cone.slope + np.diag(growth / 2))
        + scipy.sparse.kron(one, cone.turning)
        + scipy.sparse.kron(clock, np.eye(columns))
    )
    tail = np.zeros((1, rows))
    tail[0, :3] = np.array([-3, 4, -1]) / (2 * step)
    tail[0, 0] -= 2 * tail_exponent(cone)
    matrix, right = _bordered(cone, inside.tocsr(), tail, wall, first)
    return scipy.sparse.linalg.spsolve(matrix, right).reshape(rows, columns)


def _bordered(
    cone: Cone,
    inside: scipy.sparse.csr_array,
    tail: Float[np.ndarray, "1 clock"],
    wall: Column,
    first: Float[np.ndarray, " angles"],
) -> tuple[scipy.sparse.csc_array, Float[np.ndarray, " unknowns"]]:
    """The equations inside with those of the four sides in the rows of their points."""
    rows, columns = len(wall), len(cone.theta)
    kind = np.zeros((rows, columns), dtype=int)
    kind[0], kind[-1] = 1, 2
    kind[:, -1], kind[:, 0] = 3, 4
    kind[-1] = 2
    ends = np.zeros((1, rows))
    every, unit = scipy.sparse.eye_array(rows), scipy.sparse.eye_array(columns)
    ends = scipy.sparse.csr_array(np.vstack([tail, np.zeros((rows - 1, rows))]))
    flat = np.vstack([np.zeros((columns - 1, columns)), cone.slope[-1]])
    parts = (
        inside,
        scipy.sparse.kron(ends, unit),
        scipy.sparse.eye_array(rows * columns),
        scipy.sparse.kron(every, flat),
        scipy.sparse.eye_array(rows * columns),
    )
    picked = [scipy.sparse.diags_array((kind.ravel() == k).astype(float)) for k in range(5)]
    matrix = sum((pick @ part for pick, part in zip(picked[1:], parts[1:], strict=True)), picked[0] @ parts[0])
    right = np.zeros((rows, columns))
    right[:, 0], right[-1] = wall, first
    return scipy.sparse.csc_array(matrix), right.ravel()


def _interpolation(nodes: Float[np.ndarray, " angles"], at: float) -> Float[np.ndarray, " angles"]:
    """Weights of the values at Chebyshev points in their polynomial at one angle (barycentric)."""
    gap = at - nodes
    if (gap == 0).any():
        return (gap == 0).astype(float)
    weights = (-1.0) ** np.arange(len(nodes))
    weights[[0, -1]] /= 2
    weights /= gap
    return weights / weights.sum()
