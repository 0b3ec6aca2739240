"""Noise as a diffusion of a batch-normalized unit's (γ, β) that has no scale of its own.

Pure gradient noise makes γ and β martingales; per step their covariance is c·[[M₂, ±M₁], [±M₁, M₀]]
with c = η² s² / B, the moments at r = β/|γ| and the sign that of γ. The moments depend on the angle
θ = atan2(β, |γ|) alone, so in ℓ = log √(γ² + β²) and θ the generator is e^(−2ℓ) times one whose
coefficients depend on θ only. At γ = 0, β > 0 every sample is active and x̂ is symmetric: M₁ = 0,
nothing marks the line, and since γ → −γ is a symmetry the half plane |γ| ≥ 0 reflects there. A unit
collapses where r < −τ, at θ = −atan τ: an absorbing side of the cone. Source: our derivation.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy.linalg
import sympy
from jaxtyping import Float

Points = Float[np.ndarray, " angles"]
ANGLE, LOG_SCALE, SCALE = (
    sympy.Symbol("θ", real=True),
    sympy.Symbol("ℓ", real=True),
    sympy.Symbol("ρ", positive=True),
)
M0, M1, M2 = sympy.symbols("M_0 M_1 M_2", real=True)
ANGLES = 32  # Chebyshev points; 60 change the exponents below by 10⁻⁸


class HasMoments(Protocol):
    """Second moments of the active samples: of 1, of x̂ and of x̂²."""

    @property
    def m0(self) -> np.ndarray: ...
    @property
    def m1(self) -> np.ndarray: ...
    @property
    def m2(self) -> np.ndarray: ...


# moments at r, of the shape of r
MomentLaw = Callable[[np.ndarray], HasMoments]


@functools.cache
def generator() -> tuple[sympy.Expr, sympy.Expr, sympy.Expr, sympy.Expr, sympy.Expr]:
    """ρ²/c times the generator, as twice the coefficients of ∂ℓ², 2∂ℓ∂θ, ∂θ², ∂ℓ and ∂θ.

    Raises:
        ArithmeticError: a coefficient depends on the scale ρ.
    """
    gamma, beta = sympy.symbols("γ β", positive=True)
    covariance = sympy.Matrix([[M2, M1], [M1, M0]])
    log_scale = sympy.log(gamma**2 + beta**2) / 2
    # atan(β/γ) has the derivatives of the angle on γ > 0, the half plane that is left
    angle = sympy.atan(beta / gamma)

    def slope(one: sympy.Expr) -> sympy.Matrix:
        return sympy.Matrix([sympy.cancel(sympy.diff(one, by)) for by in (gamma, beta)])

    def second(one: sympy.Expr, other: sympy.Expr) -> sympy.Expr:
        return (slope(one).T * covariance * slope(other))[0]

    def curved(one: sympy.Expr) -> sympy.Expr:
        return (covariance * slope(one).jacobian([gamma, beta])).trace()

    def polar(one: sympy.Expr) -> sympy.Expr:
        square = gamma**2 + beta**2
        scaled = one.subs({gamma: SCALE * gamma, beta: SCALE * beta}, simultaneous=True)
        if sympy.cancel(SCALE**2 * scaled - one) != 0:
            raise ArithmeticError("the diffusion has a scale")
        on_circle = sympy.factor(one).subs(square, 1)
        return sympy.expand(on_circle.subs({gamma: sympy.cos(ANGLE), beta: sympy.sin(ANGLE)}))

    return (
        polar(second(log_scale, log_scale)),
        polar(second(log_scale, angle)),
        polar(second(angle, angle)),
        polar(curved(log_scale)),
        polar(curved(angle)),
    )


@functools.cache
def _numeric() -> Callable[..., tuple[Points, ...]]:
    return sympy.lambdify((ANGLE, M0, M1, M2), generator(), modules="numpy")


@dataclass(frozen=True)
class Cone:
    """The cone θ ∈ [−atan τ, π/2] with its diffusion, at Chebyshev points (ascending).

    Attributes:
        theta: angles; the first is the absorbing side, the last γ = 0.
        slope: matrix of d/dθ at these points.
        coefficients: twice those of ∂ℓ², 2∂ℓ∂θ, ∂θ², ∂ℓ, ∂θ at these points.
        normal_variance: variance per step of β + τ|γ| at the absorbing side, over c.
    """

    threshold: float
    theta: Points
    slope: Float[np.ndarray, "angles angles"]
    coefficients: tuple[Points, Points, Points, Points, Points]
    normal_variance: float

    @property
    def turning(self) -> Float[np.ndarray, "angles angles"]:
        """The part of the generator with ∂θ alone."""
        _, _, bend, _, drift = self.coefficients
        return 0.5 * (bend[:, None] * (self.slope @ self.slope) + drift[:, None] * self.slope)


def cone(moments: MomentLaw, threshold: float, angles: int = ANGLES) -> Cone:
    """The cone where r ≥ −``threshold`` for moments that are a function of r.

    Raises:
        ValueError: the noise vanishes at the threshold, which is then never passed.
    """
    low, high = -math.atan(threshold), math.pi / 2
    nodes, slope = _chebyshev(angles)
    theta = low + (high - low) * (nodes + 1) / 2
    # r is infinite at γ = 0; moments have long reached their limit at 10⁶
    at = moments(np.minimum(np.tan(theta[:-1]), 1e6))
    m0, m1, m2 = (
        np.append(one, end)
        for one, end in zip((at.m0, at.m1, at.m2), _symmetric(moments), strict=True)
    )
    variance = float(m0[0] + 2 * threshold * m1[0] + threshold**2 * m2[0])
    if variance <= 0:
        raise ValueError(f"no sample is active at r = −{threshold:g}: no unit ever passes it")
    parts = _numeric()(theta, m0, m1, m2)
    spread, mixed, bend, growth, turn = (np.asarray(one, dtype=float) for one in parts)
    coefficients = (spread, mixed, bend, growth, turn)
    return Cone(threshold, theta, slope * 2 / (high - low), coefficients, variance)


def _symmetric(moments: MomentLaw) -> tuple[float, float, float]:
    """Moments at γ = 0, β > 0."""
    at = moments(np.array([1e6]))
    return float(at.m0[0]), 0.0, float(at.m2[0])


def _chebyshev(points: int) -> tuple[Points, Float[np.ndarray, "angles angles"]]:
    """Chebyshev points on [−1, 1] and the matrix of the derivative (Trefethen 2000, ch. 6)."""
    k = np.arange(points)
    x = -np.cos(np.pi * k / (points - 1))
    weight = np.where((k == 0) | (k == points - 1), 2.0, 1.0) * (-1.0) ** k
    matrix = np.outer(weight, 1 / weight) / (x[:, None] - x[None, :] + np.eye(points))
    return x, matrix - np.diag(matrix.sum(axis=1))


def tail_exponent(cone: Cone) -> float:
    """p of 1 − F(t) ~ t^(−p): ρ^(2p) Θ(θ) is harmonic, Θ > 0 inside, 0 on the absorbing side.

    The smallest positive eigenvalue q = 2p of the quadratic problem
    (q² a/2 + q (b ∂θ + e/2) + turning) Θ = 0 with Θ′ = 0 at γ = 0.
    """
    spread, mixed, _, growth, _ = cone.coefficients
    size = len(cone.theta) - 1  # Θ = 0 at the first point
    inner = slice(1, None)
    constant = cone.turning[inner, inner].copy()
    linear = (mixed[:, None] * cone.slope + np.diag(growth / 2))[inner, inner]
    square = np.diag(spread / 2)[inner, inner]
    constant[-1], linear[-1], square[-1] = cone.slope[-1, inner], 0.0, 0.0
    zero, one = np.zeros((size, size)), np.eye(size)
    companion = np.block([[zero, one], [-constant, -linear]])
    values = np.asarray(scipy.linalg.eigvals(companion, np.block([[one, zero], [zero, square]])))
    real = np.real(values)[np.isfinite(values) & (np.abs(np.imag(values)) < 1e-6)]
    return float(real[real > 1e-6].min() / 2)
