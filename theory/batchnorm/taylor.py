"""What one noisy step does to r = β/|γ|, P = Φ(r) and θ = atan2(β, |γ|), by Taylor's formula.

Noise of mean 0 moves (γ, β) by (Δγ, Δβ) with covariance A γ² ((M₂, M₁), (M₁, M₀)), for γ > 0 (for
γ < 0 the same holds for |γ|). All coordinates depend on β/γ alone, so that the scale drops out and
the results are functions of r and the moments M_k, per unit of A. Source: our derivation.
"""

import functools
from dataclasses import dataclass

import sympy

A, R = sympy.Symbol("A", positive=True), sympy.Symbol("r", real=True)
GAMMA, BETA = sympy.Symbol("γ", positive=True), sympy.Symbol("β", real=True)
M = sympy.symbols("M_0 M_1 M_2", real=True)
PARAMETERS = (GAMMA, BETA)
_START = sympy.Symbol("γ_0", positive=True)  # the covariance stays that of the starting point

COVARIANCE = sympy.Matrix([[M[2], M[1]], [M[1], M[0]]])  # of (Δγ, Δβ), per A γ²


@dataclass(frozen=True)
class Coordinate:
    """A function of (γ, β) with γ > 0."""

    name: str
    formula: sympy.Expr

    @functools.cached_property
    def mean(self) -> sympy.Expr:
        """E of its change to first order in A, per A: half the Hessian against the covariance."""
        return _at_r(_contracted(self.formula) / 2)

    @functools.cached_property
    def variance(self) -> sympy.Expr:
        """Var of its change to first order in A, per A."""
        gradient = sympy.Matrix([self.formula.diff(p) for p in PARAMETERS])
        return _at_r(_START**2 * (gradient.T * COVARIANCE * gradient)[0])

    @functools.cached_property
    def next_mean(self) -> sympy.Expr:
        """The term of order A² in E of its change, per A², for a large batch.

        There (Δγ, Δβ) is Gaussian and E[Δᵢ Δⱼ Δₖ Δₗ] the sum of three products of covariances.
        """
        return _at_r(_contracted(_contracted(self.formula)) / 8)


def _contracted(formula: sympy.Expr) -> sympy.Expr:
    """Σ ∂ᵢ∂ⱼ f Cov(Δᵢ, Δⱼ), per A."""
    terms = [
        _START**2 * COVARIANCE[i, j] * formula.diff(p, q)
        for i, p in enumerate(PARAMETERS)
        for j, q in enumerate(PARAMETERS)
    ]
    return sympy.Add(*terms)


def _at_r(formula: sympy.Expr) -> sympy.Expr:
    placed = formula.subs({BETA: R * GAMMA, _START: GAMMA}, simultaneous=True)
    return sympy.factor(placed)  # type: ignore[return-value]


RATIO = Coordinate("r", BETA / GAMMA)
SHARE = Coordinate("P", (1 + sympy.erf(BETA / GAMMA / sympy.sqrt(2))) / 2)
ANGLE = Coordinate("θ", sympy.atan(BETA / GAMMA))
COORDINATES = (RATIO, SHARE, ANGLE)
