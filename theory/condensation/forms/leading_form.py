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

SAME_ANGLE = 1e-7  # radians; roots closer than this are one root found twice
CORNERS = np.pi / 4 + np.pi / 2 * np.arange(4)  # of the ℓ∞ square
ROUNDED = 1e-15  # of cos θ and sin θ
FLAT = 1e-12  # values and derivatives of H this small against its terms are rounding


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
    """The leading form of one data set: the numbers c and M_0 … M_p.

    Attributes:
        c: leading coefficient of the activation.
        moments: M_k = (1/n) Σ yᵢ xᵢ^k for k = 0 … p.
        scale: size of the terms that were added up to give H on the unit circle; moments that
            cancel to rounding are seen by it. 0 where the moments are exact.
    """

    c: float
    moments: tuple[float, ...]
    scale: float = 0.0

    @property
    def p(self) -> int:
        return len(self.moments) - 1

    @property
    def target_norm(self) -> float:
        """Norm of the moment tensor (1/n) Σ yᵢ x̃ᵢ^{⊗p}."""
        return math.sqrt(sum(math.comb(self.p, k) * m * m for k, m in enumerate(self.moments)))

    @property
    def negligible(self) -> float:
        """Values and derivatives of H up to this size are rounding."""
        return FLAT * max(self.scale, float(np.max(np.abs(self.terms))))

    def rounding(
        self, geometry: Geometry, theta: Float[np.ndarray, "*n"]
    ) -> Float[np.ndarray, "*n"]:
        """Differences of the profile at an angle up to this size are rounding.

        It is `negligible`, or less where the terms at that angle are smaller than elsewhere; what
        the rounding of the angle itself may add is in it.
        """
        w, b = (np.abs(one(theta)) for one in (np.cos, np.sin))
        radius = np.maximum(w, b) if geometry is Geometry.LINF else 1.0
        w, b = (
            np.where(one < ROUNDED, 0.0, one / radius) for one in (w, b)
        )  # alike at θ and θ + π
        sizes = np.abs(self.terms)
        there = _homogeneous(sizes, w, b)
        beside = _homogeneous(sizes, w + ROUNDED, b + ROUNDED)
        return np.minimum(self.negligible, FLAT * np.maximum(self.scale, there) + beside - there)

    @property
    def vanishes(self) -> bool:
        """Whether H is zero in all directions, up to rounding."""
        return bool(np.max(np.abs(self.terms)) <= FLAT * self.scale)

    def lead(self, z: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """The leading part c z^p of the activation."""
        return np.asarray(self.c * z**self.p)

    def polynomial(self, which: str) -> Float[np.ndarray, " terms"]:
        """Coefficients in t, highest first: "angular", "edge_w" or "edge_b"."""
        return np.array(_coefficients(self.p, which)(self.c, *self.moments), dtype=float)

    def value(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """H(cos θ, sin θ)."""
        return _homogeneous(self.terms, np.cos(theta), np.sin(theta))

    def slope(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """dH/dθ on the unit circle."""
        ascending = self.polynomial("angular")[::-1]
        return _homogeneous(ascending, np.sin(theta), np.cos(theta))

    def curvature(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """d²H/dθ² on the unit circle, by the product rule on cos^k sin^(p-k)."""
        return _homogeneous(self._second, np.cos(theta), np.sin(theta))

    @functools.cached_property
    def _second(self) -> Float[np.ndarray, " terms"]:
        """Coefficients of d²H/dθ², as those of `terms`."""
        p, terms, k = self.p, self.terms, np.arange(self.p + 1)
        second = -(2 * k * (p - k) + p) * terms
        second[2:] += ((p - k) * (p - k - 1) * terms)[:-2]
        second[:-2] += (k * (k - 1) * terms)[2:]
        return second

    def on_square(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """H where the ray at angle θ meets the boundary of the ℓ∞ square."""
        radius = np.maximum(np.abs(np.cos(theta)), np.abs(np.sin(theta)))
        return np.asarray(self.value(theta) / radius**self.p)

    def gradient(
        self, w: float | Float[np.ndarray, "*n"], b: float | Float[np.ndarray, "*n"]
    ) -> tuple[Float[np.ndarray, "*n"], Float[np.ndarray, "*n"]]:
        """(∂H/∂w, ∂H/∂b)."""
        p, k = self.p, np.arange(self.p + 1)
        at, terms = (np.asarray(w, dtype=float), np.asarray(b, dtype=float)), self.terms
        return _homogeneous((k * terms)[1:], *at), _homogeneous(((p - k) * terms)[:-1], *at)

    def kappa(self, angle: float, sign: int) -> float:
        """Exponent of the angle error at an orientation on the circle: it is ∝ G^(-kappa)."""
        at = np.array(angle)
        return -sign * float(self.curvature(at)) / (self.p * sign * float(self.value(at)))

    def steepness(self, angle: float) -> float:
        """|dH/dθ| / (p|H|) beside an orientation, in radians: 0, as there is no kink."""
        return 0.0

    def candidates(self, geometry: Geometry) -> Float[np.ndarray, " n"]:
        """Angles in radians between which the profile of the geometry is monotone."""
        return _circle_roots(self) if geometry is Geometry.L2 else _square_candidates(self)

    def plateaus(self, geometry: Geometry) -> tuple[tuple[float, float], ...]:
        """Intervals of angle (radians) on which the profile of the geometry is constant."""

        def flat(which: str) -> bool:
            return bool(np.max(np.abs(self.polynomial(which))) <= self.negligible)

        if geometry is Geometry.L2:
            return ((0.0, 2 * math.pi),) if flat("angular") else ()
        quarter, edges = math.pi / 4, []
        if flat("edge_w"):
            edges += [(-quarter, quarter), (3 * quarter, 5 * quarter)]
        if flat("edge_b"):
            edges += [(quarter, 3 * quarter), (5 * quarter, 7 * quarter)]
        return tuple(edges)

    def dead_sectors(self) -> tuple[tuple[float, float], ...]:
        """Intervals of angle on which H vanishes: none, as H is a polynomial that is not zero."""
        return ()

    @functools.cached_property
    def terms(self) -> Float[np.ndarray, " terms"]:
        """Coefficient of w^k b^(p-k) for k = 0 … p."""
        binomials = np.array([math.comb(self.p, k) for k in range(self.p + 1)], dtype=float)
        return self.c * binomials * np.array(self.moments)


def form_of(
    x: Float[np.ndarray, "samples 1"], y: Float[np.ndarray, " samples"], p: int, c: float
) -> Form:
    """The leading form of a data set for an activation with leading part c z^p."""
    moments = tuple(float(np.mean(y * x[:, 0] ** k)) for k in range(p + 1))
    return Form(float(c), moments, abs(float(c)) * typical_term(x, y, p))


def typical_term(
    x: Float[np.ndarray, "samples 1"], y: Float[np.ndarray, " samples"], p: int
) -> float:
    """(1/n) Σ |yᵢ| |x̃ᵢ|^p: what H would be on the unit circle at most, if nothing canceled."""
    return float(np.mean(np.abs(y) * np.hypot(x[:, 0], 1.0) ** p))


def real_roots(coefficients: Float[np.ndarray, " terms"]) -> Float[np.ndarray, " n"]:
    """Real roots of a polynomial, highest coefficient first; those at infinity are left out."""
    significant = np.abs(coefficients) > 1e-13 * np.max(np.abs(coefficients))
    if not significant.any():
        return np.empty(0)
    roots = np.roots(coefficients[np.argmax(significant) :])
    return roots.real[np.abs(roots.imag) < 1e-9 * (1 + np.abs(roots.real))]


def _circle_roots(form: Form) -> Float[np.ndarray, " n"]:
    coefficients = form.polynomial("angular")
    lines = np.arctan(real_roots(coefficients))
    if abs(coefficients[0]) <= 1e-13 * np.max(np.abs(coefficients)):
        lines = np.append(lines, np.pi / 2)  # the root t = ∞
    return np.concatenate([lines, lines + np.pi])


def _square_candidates(form: Form) -> Float[np.ndarray, " n"]:
    """Corners of the ℓ∞ square and the critical points inside its edges."""
    on_w, on_b = (real_roots(form.polynomial(edge)) for edge in ("edge_w", "edge_b"))
    inside_w = np.arctan(on_w[np.abs(on_w) < 1])
    inside_b = np.arctan2(1.0, on_b[np.abs(on_b) < 1])
    edges = np.concatenate([inside_w, inside_b])
    return np.concatenate([CORNERS, edges, edges + np.pi])


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
