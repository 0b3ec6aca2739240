"""Filters under batch normalization and gradient noise: what one step does, and what it does not.

Source: our derivation. Zhou, Wang, Luo, Feng, Li, Zhang (arXiv:2001.11216, abstract) say that the
parameters of BN "tend to become sparser during SGD updates with high gradient noise", with a
probability ∝ η²/γ²; that this speaks of the mean drift in one step is our reading.

A unit has z = γ x̂ + β and a (leaky) ReLU. It collapses where r = β/|γ| → −∞: no sample is active.
θ = atan2(β, |γ|) is the coordinate in which noise always drives towards collapse.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
from scipy import optimize

from theory.batchnorm.moments import (
    drift,
    finite_batch_centered_moments,
    finite_batch_moments,
    symbolic_moments,
)
from theory.batchnorm.taylor import (
    ANGLE,
    RATIO,
    SHARE,
    A,
    Coordinate,
    M,
    R,
)
from theory.prediction import Curve, Identity, Ordering, Symbol, Value

REFERENCE = """@misc{zhou2020collapsed,
  title = {How Does {BN} Increase Collapsed Neural Network Filters?},
  author = {Zhou, Sheng and Wang, Xinjiang and Luo, Ping and Feng, Litong and Li, Wenjie and
            Zhang, Wei},
  year = {2020},
  note = {arXiv:2001.11216}
}"""

ETA, S, GAMMA, SLOPE = sympy.symbols("η s γ a", positive=True)
BATCH = sympy.Symbol("B", integer=True, positive=True)
X = sympy.Symbol("x", real=True)
_SHARE, DENSITY = sympy.Symbol("Φ", positive=True), sympy.Symbol("φ", positive=True)
THETA = sympy.Symbol("θ", real=True)
MEAN, CHANGE = sympy.Function("E"), sympy.Function("Δ")

NOISE = ETA**2 * S**2 / (BATCH * GAMMA**2)  # A

ASSUMPTIONS = (
    "the gradients of the samples at the output of a unit are independent of each other and of "
    "the inputs, with mean 0 and variance s²",
    "the inputs of a unit are Gaussian and are normalized over each batch",
    "one step of stochastic gradient descent without momentum, A ≤ 3·10⁻³",
)

SYMBOLS = (
    Symbol(A, "size of the noise in one step, η²s²/(Bγ²)"),
    Symbol(R, "r = β/|γ|, scaled shift of a unit"),
    Symbol(THETA, "atan2(β, |γ|); −π/2 is collapse", "radian"),
    Symbol(ETA, "learning rate"),
    Symbol(S, "standard deviation of a sample's gradient at the output of the unit"),
    Symbol(BATCH, "batch size"),
    Symbol(GAMMA, "scale of batch normalization"),
    *(Symbol(m, f"mean of g² x̂^{k}, g = 1 or a the slope of the gate") for k, m in enumerate(M)),
)

SLOPE_MARGIN, CONSTANT_MARGIN, ROOT_MARGIN = 0.03, 0.03, 0.03
SLOPE_REASON = (
    "the next order in A shifts slopes by less than 0.002 in the window; the rest is room for "
    "chance. Exponents differ by 1 from those of the controls"
)
CONSTANT_REASON = (
    "the next order in A changes means by less than 0.25 % up to A = 3·10⁻³; the rest is room for "
    "chance. Controls, such as moments that ignore the finite batch, are off by 6 % or more where "
    "they are judged"
)
ROOT_REASON = (
    "the next order in A moves the roots by less than 0.001 at A = 10⁻³; the rest is room for "
    "chance. The roots of r and P are 1.8 apart"
)


# -- laws -------------------------------------------------------------------------------------


def on_gaussian(formula: sympy.Expr) -> sympy.Expr:
    """A formula in M_k for Gaussian inputs, in Φ and φ at r, with the moments of `sympy`."""
    short = {
        sympy.exp(-(R**2) / 2): sympy.sqrt(2 * sympy.pi) * DENSITY,
        sympy.erf(sympy.sqrt(2) * R / 2): 2 * _SHARE - 1,
    }
    moments = dict(zip(M, symbolic_moments(), strict=True))
    return sympy.factor(sympy.expand(formula.subs(moments).subs(short)))  # type: ignore[return-value]


def angle_law() -> sympy.Expr:
    """E[Δθ] per A for a large batch and ReLU: −φ/(1 + r²)².

    Raises:
        ArithmeticError: the moments do not reduce to it.
    """
    law = on_gaussian(ANGLE.mean)
    if sympy.simplify(law + DENSITY / (1 + R**2) ** 2) != 0:
        raise ArithmeticError("the drift of the angle does not reduce to −φ/(1 + r²)²")
    return law


def leaky_factor() -> sympy.Expr:
    """E[Δθ] of leaky ReLU over that of ReLU, whatever the distribution of x̂.

    Raises:
        ArithmeticError: the ratio depends on the moments.
    """
    kept, gated = SLOPE**2, 1 - SLOPE**2
    leaky = {M[0]: kept + gated * M[0], M[1]: gated * M[1], M[2]: kept + gated * M[2]}
    ratio = sympy.expand(sympy.cancel(ANGLE.mean.subs(leaky, simultaneous=True) / ANGLE.mean))
    if ratio.free_symbols - {SLOPE}:
        raise ArithmeticError("the factor of leaky ReLU depends on the moments")
    return ratio  # type: ignore[return-value]


def one_signed_law() -> sympy.Expr:
    """(1 + r²)² E[Δθ]/A for any symmetric x̂ of variance 1: −E[(x̂ − |r|)(1 + |r| x̂); x̂ > |r|].

    By symmetry M₂ − M₀ = −E[x̂² − 1; x̂ > r] and M₁ = E[x̂; x̂ > r] for r ≥ 0, and both are turned
    into those at |r| for r < 0. So it is negative for every r: never away from collapse.

    Returns:
        The integrand, without its sign.

    Raises:
        ArithmeticError: the two integrands differ.
    """
    tails = {M[0]: 0, M[1]: X, M[2]: -(X**2 - 1)}  # only M₂ − M₀ enters
    integrand = sympy.expand(ANGLE.mean.subs(tails) * (1 + R**2) ** 2)
    product = (X - R) * (1 + R * X)
    if sympy.simplify(integrand + product) != 0 or ANGLE.mean.subs({M[2]: M[0], M[1]: 0}) != 0:
        raise ArithmeticError("the drift of the angle is not that integral")
    return product


@functools.cache
def gaussian_root(coordinate: Coordinate, start: float) -> float:
    """Where the mean change of a coordinate changes sign for a large batch, by nsolve.

    Raises:
        ValueError: the solver finds no root near ``start``.
    """
    moments = list(zip(M, symbolic_moments(), strict=True))
    return _solved(coordinate.mean.subs(moments), start)


def _solved(law: Any, start: float) -> float:
    root: Any = sympy.nsolve(law, R, start)
    return float(root)


@functools.cache
def ratio_root(batch: int) -> float:
    """r at which E[Δr] changes sign, for a batch of this size."""
    return _root("mean_r", gaussian_root(RATIO, 0.6), batch)


@functools.cache
def share_root(batch: int) -> float:
    """r at which E[ΔP] changes sign, for a batch of this size."""
    return _root("mean_p", gaussian_root(SHARE, -1.2), batch)


@functools.cache
def centered_batch_root(batch: int) -> float:
    """`centered_root` for a batch of this size."""

    def law(r: float) -> float:
        at = np.array([r])
        return float(drift(finite_batch_centered_moments(at, batch), at).mean_theta[0])

    return _zero(law, centered_root())


def _root(name: str, near: float, batch: int) -> float:
    def law(r: float) -> float:
        at = np.array([r])
        return float(getattr(drift(finite_batch_moments(at, batch), at), name)[0])

    return _zero(law, near)


def _zero(law: Callable[[float], float], near: float) -> float:

    return float(optimize.brentq(law, near - 0.3, near + 0.3))  # type: ignore[arg-type]


def centered_symbolic() -> tuple[sympy.Expr, sympy.Expr, sympy.Expr]:
    """M_k of ReLU in Φ and φ for noise that sums to 0 over a large batch: less the means' product.

    δ is replaced by δ − mean(δ), so that g x̂ⁱ becomes g x̂ⁱ − E[g x̂ⁱ] in each sum.
    """
    m0, m1, m2 = (on_gaussian(m) for m in M)  # g² = g
    first, second, third = m0 - m0**2, m1 - m0 * m1, m2 - m1**2
    return first, sympy.factor(second), third  # type: ignore[return-value]


def centered_law() -> sympy.Expr:
    """E[Δθ] per A for such noise, in Φ and φ at r."""
    law = ANGLE.mean.subs(list(zip(M, centered_symbolic(), strict=True)))
    return sympy.factor(law)  # type: ignore[return-value]


@functools.cache
def centered_root() -> float:
    """r above which noise centered in each batch drives away from collapse, by nsolve."""
    normal = [
        (_SHARE, (1 + sympy.erf(R / sympy.sqrt(2))) / 2),
        (DENSITY, sympy.exp(-(R**2) / 2) / sympy.sqrt(2 * sympy.pi)),
    ]
    return _solved(centered_law().subs(normal), 0.5)


# -- predictions ------------------------------------------------------------------------------


def slope_prediction(variable: sympy.Symbol, exponent: float) -> Value:
    """E[Δθ] ∝ variable^exponent, everything else being equal."""
    constant = sympy.Symbol("K", real=True)
    power = sympy.Integer(int(exponent)) if exponent == int(exponent) else sympy.Float(exponent)
    return Value(
        formula=sympy.Eq(MEAN(CHANGE(THETA)), constant * variable**power),
        symbols=(
            *SYMBOLS[1:7],
            Symbol(constant, "what does not depend on it"),
        ),
        assumptions=ASSUMPTIONS,
        margin=SLOPE_MARGIN,
        margin_reason=SLOPE_REASON,
        expected=exponent,
        theory_error=0.002,
    )


def theta_prediction(points: int) -> Curve:
    """E[Δθ] with the moments of each grid point, as the ratio of measured and predicted."""
    return Curve(
        formula=sympy.Eq(MEAN(CHANGE(THETA)), A * ANGLE.mean),
        symbols=SYMBOLS,
        assumptions=ASSUMPTIONS,
        margin=CONSTANT_MARGIN,
        margin_reason=CONSTANT_REASON,
        unit="of the prediction",
        expected=(1.0,) * points,
        theory_error=0.0025,
    )


def scatter_prediction() -> Value:
    """Var[Δr], as the ratio of measured and predicted."""
    return Value(
        formula=sympy.Eq(MEAN(CHANGE(R) ** 2), A * RATIO.variance),
        symbols=SYMBOLS,
        assumptions=ASSUMPTIONS,
        margin=CONSTANT_MARGIN,
        margin_reason=CONSTANT_REASON,
        unit="of the prediction",
        expected=1.0,
    )


def still_prediction() -> Identity:
    """Without an active sample ReLU units do not move at all."""
    return Identity(
        formula=sympy.Eq(CHANGE(R), 0),
        symbols=SYMBOLS,
        assumptions=ASSUMPTIONS,
        margin=0.0,
        margin_reason="every gradient is exactly 0",
    )


def root_prediction(coordinate: Coordinate, root: float) -> Value:
    """r at which the mean change of a coordinate changes sign."""
    return Value(
        formula=sympy.Eq(coordinate.mean, 0),
        symbols=SYMBOLS,
        assumptions=ASSUMPTIONS,
        margin=ROOT_MARGIN,
        margin_reason=ROOT_REASON,
        expected=root,
    )


def sign_prediction(coordinate: Coordinate, sign: int) -> Ordering:
    """The mean change of a coordinate is positive (sign 1) or negative (−1)."""
    relation = sympy.Gt if sign > 0 else sympy.Lt
    return Ordering(
        formula=relation(A * coordinate.mean, 0),
        symbols=SYMBOLS,
        assumptions=ASSUMPTIONS,
        margin=0.0,
        margin_reason="the sign is the statement: any difference from 0 counts",
        unit="A",
    )
