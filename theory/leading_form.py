"""The leading form H of a data set with one input and a bias, symbolically and in numbers.

H(u) = (c/n) Σᵢ yᵢ (u·x̃ᵢ)^p with x̃ = (x, 1) and u = (w, b): a binary form of degree p whose
coefficients are the moments M_k = (1/n) Σ yᵢ xᵢ^k. The polynomials that decide about critical
directions are derived here once with sympy; their numeric coefficients come from the same
expressions that reports print. Source: our derivation.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import sympy
from jaxtyping import Float

W, B, T, C = sympy.symbols("w b t c", real=True)


class Geometry(StrEnum):
    """The unit ball on whose boundary a neuron climbs the leading form."""

    L2 = "l2"  # gradient flow
    LINF = "linf"  # Adam's sign-like steps


def moment_symbols(p: int) -> tuple[sympy.Symbol, ...]:
    """Symbols M_0 … M_p of the data moments M_k = (1/n) Σ yᵢ xᵢ^k."""
    return tuple(sympy.Symbol(f"M_{k}", real=True) for k in range(p + 1))


def leading_form(p: int) -> sympy.Expr:
    """H(w, b) = c Σ_k C(p, k) M_k w^k b^(p-k), by the binomial theorem."""
    moments = moment_symbols(p)
    terms = [sympy.binomial(p, k) * moments[k] * W**k * B ** (p - k) for k in range(p + 1)]
    return C * sympy.Add(*terms)


def angular_polynomial(p: int) -> sympy.Expr:
    """(w ∂_b − b ∂_w) H at (1, t): zero exactly where tan θ = t is critical on the circle.

    Of degree p in t, hence at most p lines and 2p directions: the bound.
    """
    h = leading_form(p)
    turning = W * sympy.diff(h, B) - B * sympy.diff(h, W)
    return sympy.expand(turning.subs({W: 1, B: T}))


def edge_polynomial(p: int, axis: str) -> sympy.Expr:
    """Derivative of H along an edge of the square: "w" for w = 1 (t = b), "b" for b = 1 (t = w)."""
    h = leading_form(p)
    if axis == "w":
        return sympy.expand(sympy.diff(h, B).subs({W: 1, B: T}))
    return sympy.expand(sympy.diff(h, W).subs({W: T, B: 1}))


@functools.cache
def _coefficients(p: int, which: str) -> Callable[..., list[float]]:
    polynomial, degree = {
        "angular": (angular_polynomial(p), p),
        "edge_w": (edge_polynomial(p, "w"), p - 1),
        "edge_b": (edge_polynomial(p, "b"), p - 1),
    }[which]
    collected = sympy.Poly(polynomial, T)
    terms = [collected.coeff_monomial(T**k) for k in range(degree, -1, -1)]
    return sympy.lambdify((C, *moment_symbols(p)), terms, modules="math")


@dataclass(frozen=True)
class Form:
    """The leading form of one data set: the numbers c and M_0 … M_p."""

    c: float
    moments: tuple[float, ...]

    @property
    def p(self) -> int:
        return len(self.moments) - 1

    @property
    def target_norm(self) -> float:
        """Norm of the moment tensor (1/n) Σ yᵢ x̃ᵢ^{⊗p}."""
        return math.sqrt(sum(math.comb(self.p, k) * m * m for k, m in enumerate(self.moments)))

    def polynomial(self, which: str) -> Float[np.ndarray, "terms"]:
        """Coefficients in t, highest first: "angular", "edge_w" or "edge_b"."""
        return np.array(_coefficients(self.p, which)(self.c, *self.moments), dtype=float)

    def value(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """H(cos θ, sin θ)."""
        return _homogeneous(self.terms(), np.cos(theta), np.sin(theta))

    def slope(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """dH/dθ on the unit circle."""
        ascending = self.polynomial("angular")[::-1]
        return _homogeneous(ascending, np.sin(theta), np.cos(theta))

    def curvature(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """d²H/dθ² on the unit circle, by the product rule on cos^k sin^(p-k)."""
        p, terms, k = self.p, self.terms(), np.arange(self.p + 1)
        second = -(2 * k * (p - k) + p) * terms
        second[2:] += ((p - k) * (p - k - 1) * terms)[:-2]
        second[:-2] += (k * (k - 1) * terms)[2:]
        return _homogeneous(second, np.cos(theta), np.sin(theta))

    def on_square(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """H where the ray at angle θ meets the boundary of the ℓ∞ square."""
        radius = np.maximum(np.abs(np.cos(theta)), np.abs(np.sin(theta)))
        return np.asarray(self.value(theta) / radius**self.p)

    def gradient(self, w: float, b: float) -> tuple[float, float]:
        """(∂H/∂w, ∂H/∂b)."""
        p, k = self.p, np.arange(self.p + 1)
        terms = self.terms()
        by_w = float(_homogeneous((k * terms)[1:], np.array(w), np.array(b))) if p else 0.0
        by_b = float(_homogeneous(((p - k) * terms)[:-1], np.array(w), np.array(b)))
        return by_w, by_b

    def terms(self) -> Float[np.ndarray, "terms"]:
        """Coefficient of w^k b^(p-k) for k = 0 … p."""
        binomials = np.array([math.comb(self.p, k) for k in range(self.p + 1)], dtype=float)
        return self.c * binomials * np.array(self.moments)


def form_of(
    x: Float[np.ndarray, "samples 1"], y: Float[np.ndarray, "samples"], p: int, c: float
) -> Form:
    """The leading form of a data set for an activation with leading part c z^p."""
    return Form(float(c), tuple(float(np.mean(y * x[:, 0] ** k)) for k in range(p + 1)))


def _homogeneous(
    terms: Float[np.ndarray, "terms"],
    first: Float[np.ndarray, "*n"] | np.float64,  # what numpy makes of an array without axes
    second: Float[np.ndarray, "*n"] | np.float64,
) -> Float[np.ndarray, "*n"]:
    """Σ_k terms[k] first^k second^(K-k), K = len(terms) - 1."""
    total = np.full_like(first, terms[0])
    power = np.ones_like(first)
    for term in terms[1:]:
        power = power * first
        total = total * second + term * power
    return np.asarray(total)
