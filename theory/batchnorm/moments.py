"""Moments of the noise that reaches γ and β of a unit with batch normalization and (leaky) ReLU.

A pre-activation is z = γ x̂ + β with the normalized input x̂, the gate g is 1 where z > 0 and the
slope a elsewhere. Per-sample gradients δ at the output, independent with mean 0 and variance s²,
give Var Δγ = A γ² M₂, Cov(Δγ, Δβ) = sign(γ) A γ² M₁ and Var Δβ = A γ² M₀ in one step, with

    M_k = E[g² x̂^k],  r = β / |γ|,  A = η² s² / (B γ²).

All of the one-step laws follow from M₀, M₁, M₂ by Taylor's formula, see `theory.batchnorm.taylor`.
Source: our derivation.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy
from jaxtyping import Float
from scipy import special

from theory.batchnorm.taylor import ANGLE, RATIO, SHARE, M, R

X = sympy.Symbol("x", real=True)
SMALLEST_BATCH = 3  # two samples are normalized to ±1, whatever they are
_NODES = 200  # of Gauss and Legendre, for moments of two samples of a batch

Numbers = Float[np.ndarray, "*shape"]


@dataclass(frozen=True)
class Moments:
    """M₀, M₁, M₂ at some r: covariance of (Δγ, Δβ) is A γ² ((M₂, M₁), (M₁, M₀)) for γ > 0."""

    m0: Float[np.ndarray, "*shape"]
    m1: Float[np.ndarray, "*shape"]
    m2: Float[np.ndarray, "*shape"]


@dataclass(frozen=True)
class Drift:
    """Moments of one step to first order in A, in units of A.

    Attributes:
        mean_r: E[Δr], r = β/|γ|.
        var_r: Var[Δr].
        mean_p: E[ΔP], P = Φ(r).
        mean_theta: E[Δθ] in radians, θ = atan2(β, |γ|).
    """

    mean_r: Float[np.ndarray, "*shape"]
    var_r: Float[np.ndarray, "*shape"]
    mean_p: Float[np.ndarray, "*shape"]
    mean_theta: Float[np.ndarray, "*shape"]

    def of(self, coordinate: str) -> Float[np.ndarray, "*shape"]:
        """The mean change of "r", "P" or "θ"."""
        return {"r": self.mean_r, "P": self.mean_p, "θ": self.mean_theta}[coordinate]


# -- Gaussian x̂: a large batch ----------------------------------------------------------------


@functools.cache
def symbolic_moments() -> tuple[sympy.Expr, sympy.Expr, sympy.Expr]:
    """∫ x^k φ(x) dx over x > −r for k = 0, 1, 2 in the symbol `R`: the moments of ReLU.

    From antiderivatives by parts, x φ = −φ', which are checked: sympy takes half a second to find
    them.

    Raises:
        ArithmeticError: one of them has another derivative.
    """
    density = sympy.exp(-(X**2) / 2) / sympy.sqrt(2 * sympy.pi)
    below = sympy.erf(X / sympy.sqrt(2)) / 2
    found = []
    for k, whole in enumerate((below, -density, below - X * density)):
        if sympy.expand(whole.diff(X) - X**k * density) != 0:
            raise ArithmeticError(f"this is no antiderivative of x^{k} φ(x): {whole}")
        found.append(sympy.expand(whole.limit(X, sympy.oo) - whole.subs(X, -R)))
    m0, m1, m2 = found
    return m0, m1, m2


@functools.cache
def _gaussian() -> Callable[[np.ndarray], tuple[np.ndarray, ...]]:
    """The moments as numpy functions of −r: erfc(−r/√2) keeps its digits where few are active."""
    turned = [sympy.expand(m.rewrite(sympy.erfc).subs(R, -R)) for m in symbolic_moments()]
    return sympy.lambdify(R, turned, modules=["scipy", "numpy"])


def gaussian_moments(r: Numbers, slope: float = 0.0) -> Moments:
    """Moments for x̂ ~ N(0, 1), exact as the batch size B → ∞."""
    m0, m1, m2 = _gaussian()(-r)
    return _leaky(m0, m1, m2, slope)


def _leaky(m0: Numbers, m1: Numbers, m2: Numbers, slope: float) -> Moments:
    """Moments of leaky ReLU: g² = a² + (1 − a²) 1[z > 0], and x̂ has mean 0 and variance 1."""
    kept, gated = slope**2, 1.0 - slope**2
    return Moments(
        np.asarray(kept + gated * m0), np.asarray(gated * m1), np.asarray(kept + gated * m2)
    )


# -- x̂ normalized over a batch ----------------------------------------------------------------


def finite_batch_moments(r: Numbers, batch: int, slope: float = 0.0) -> Moments:
    """Exact moments of Gaussian inputs normalized by the mean and variance of their batch.

    A normalized batch is uniform on the sphere Σ x̂ = 0, Σ x̂² = B, so that one sample has the
    density f(x) ∝ (1 − x²/(B−1))^((B−4)/2) on |x| < √(B−1).

    Raises:
        ValueError: a batch smaller than `SMALLEST_BATCH`.
    """
    m0, m1, m2 = _one_sided(r, batch)
    return _leaky(m0, m1, m2, slope)


def _one_sided(r: Numbers, batch: int) -> tuple[Numbers, Numbers, Numbers]:
    """∫ x^k f(x) dx over x > −r: x f = −h' with h = (B−1)/(B−2) (1 − x²/(B−1)) f, itself the
    density of such a sample from two more, scaled alike.
    """
    if batch < SMALLEST_BATCH:
        raise ValueError(f"a batch of {batch} has no such moments: at least {SMALLEST_BATCH}")
    half, edge = (batch - 2) / 2, math.sqrt(batch - 1)
    u = np.clip(r / edge, -1.0, 1.0)
    top = (
        edge / (2 * math.sqrt(math.pi)) * math.exp(math.lgamma(half + 0.5) - math.lgamma(half + 1))
    )
    m1 = top * ((1 - u) * (1 + u)) ** half
    m0 = special.betainc(half, half, (1 + u) / 2)
    m2 = special.betainc(half + 1, half + 1, (1 + u) / 2) - edge * u * m1
    return m0, m1, m2


@functools.cache
def gauss_legendre(
    nodes: int,
) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]:
    """Nodes on [−1, 1] and weights of Gauss–Legendre quadrature, found once."""
    node, weight = np.polynomial.legendre.leggauss(nodes)
    return node, weight


# -- noise that sums to zero in a batch, and Adam ---------------------------------------------


def centered_moments(r: Numbers, slope: float = 0.0) -> Moments:
    """Moments E[g² x̂^k] − (E[g x̂ⁱ]) (E[g x̂ʲ]), i + j = k, for noise with Σ δ = 0 in each batch.

    A linear layer with batch normalization that follows forces this sum to vanish; s² is E[δ²].
    """
    p, m1, m2 = _gaussian()(-r)
    plain = _leaky(p, m1, m2, slope)
    mean, tilt = slope + (1 - slope) * p, (1 - slope) * m1
    return Moments(
        np.asarray(plain.m0 - mean**2),
        np.asarray(plain.m1 - mean * tilt),
        np.asarray(plain.m2 - tilt**2),
    )


def finite_batch_centered_moments(r: Numbers, batch: int) -> Moments:
    """`centered_moments` of ReLU with the exact law of two samples of a normalized batch.

    With Cov δ = s² B/(B−1) (1 − J/B), J all ones, they are E[g x̂^k] − E[g x̂ⁱ g' x̂'ʲ] over two
    samples of a batch. Given one, x̂, the others are a normalized batch of B − 1 about −x̂/(B−1).

    Raises:
        ValueError: a batch of `SMALLEST_BATCH` or fewer.
    """
    if batch <= SMALLEST_BATCH:
        raise ValueError(f"a batch of {batch} has no such moments: more than {SMALLEST_BATCH}")
    m0, m1, m2 = _one_sided(r, batch)
    edge = math.sqrt(batch - 1)
    node, weight = gauss_legendre(_NODES)
    low = np.clip(r, -edge, edge)[..., None]  # active: x̂ > −r
    # x = edge·sin makes the density smooth at both ends
    start, end = np.arcsin(-low / edge), math.pi / 2
    angle = start + (end - start) * (node + 1) / 2
    x = edge * np.sin(angle)
    half = (batch - 2) / 2
    scale = math.exp(math.lgamma(half + 0.5) - math.lgamma(half)) / math.sqrt(math.pi)
    mass = scale * np.cos(angle) ** (batch - 3) * weight * (end - start) / 2
    center = -x / (batch - 1)
    spread = np.sqrt(np.maximum((batch - x**2) / (batch - 1) - center**2, 0.0))
    threshold = (r[..., None] + center) / np.maximum(spread, 1e-100)
    other0, other, _ = _one_sided(threshold, batch - 1)
    other1 = center * other0 + spread * other
    pairs = [np.sum(mass * one, axis=-1) for one in (other0, x * other0, x * other1)]
    return Moments(*(np.asarray(m - both) for m, both in zip((m0, m1, m2), pairs, strict=True)))


def adam_moments(r: Numbers) -> Moments:
    """Correlation of the gradients of γ and β: Adam divides both by their root mean square.

    A law of long runs with A = η²/γ², for gradients of ReLU; not one of the first steps.
    """
    m0, m1, m2 = _gaussian()(-r)
    one = np.ones_like(r)
    return Moments(one, np.asarray(m1 / np.sqrt(m0 * m2)), one)


# -- one step ---------------------------------------------------------------------------------


@functools.cache
def _laws() -> tuple[Callable[..., np.ndarray], ...]:
    formulas = (RATIO.mean, RATIO.variance, SHARE.mean, ANGLE.mean)
    return tuple(
        sympy.lambdify((R, *M), formula, modules=["scipy", "numpy"]) for formula in formulas
    )


def drift(moments: Moments, r: Numbers) -> Drift:
    """What one step does on average to r, P = Φ(r) and θ, to first order in A, per unit of A."""
    values = (law(r, moments.m0, moments.m1, moments.m2) for law in _laws())
    return Drift(*(np.asarray(value) for value in values))
