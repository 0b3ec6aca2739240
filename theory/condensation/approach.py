"""How fast a neuron turns to its orientation: the angle error is ∝ G^(−κ), G = |w|/|w₀|.

κ = 1 − μ/(pH), with μ the largest eigenvalue of the Hessian of sign(a)·H in the tangent space of
the unit sphere and H its height. Derived by linearizing the reduced flow of direction u and
balance s = a/|w| about its fixed point. Source: our derivation.
"""

import functools
from collections.abc import Callable

import numpy as np
import sympy
from jaxtyping import Float

from theory.condensation.laws import ASSUMPTIONS, SYMBOLS
from theory.prediction import Step, Symbol, Value

P, HEIGHT = sympy.symbols("p H", positive=True)
MU = sympy.Symbol("μ", real=True)
MARGIN = 0.05
MARGIN_REASON = (
    "below an angle of 10⁻³ the linearization is good to about 1 % even where curvature is small; "
    "the rest is room for chance, and a control must differ by 10 %"
)

_ANGLE, _BALANCE = sympy.symbols("θ s", real=True)
_H = sympy.Function("h")  # H on the unit circle, sign(a)·H in general


def reduced_flow() -> tuple[sympy.Expr, sympy.Expr, sympy.Expr]:
    """dθ/dτ, ds/dτ and d log r/dτ for a direction at angle θ, with dτ = r^(p−1) dt.

    From w' = a ∇H, a' = H with H = r^p h(θ), r = |w| and s = a/r: checked here.
    """
    r, h = sympy.Symbol("r", positive=True), _H(_ANGLE)
    potential = r**P * h
    a = _BALANCE * r
    radial = a * sympy.diff(potential, r)  # r'
    turning = a * sympy.diff(potential, _ANGLE) / r**2  # θ', for ∇H has (1/r) ∂H/∂θ across
    balance = (potential - _BALANCE * radial) / r  # s' = a'/r − s r'/r
    flow = (turning, balance, radial / r)
    theta, s, log_r = (sympy.simplify(one / r ** (P - 1)) for one in flow)
    if any(one.has(r) for one in (theta, s, log_r)):
        raise ArithmeticError("the reduced flow depends on the radius")
    return theta, s, log_r


@functools.cache
def exponents() -> tuple[sympy.Expr, sympy.Expr]:
    """Rates at which the errors of angle and balance fade, per growth of log r.

    Eigenvalues of the flow linearized at h' = 0, s = 1/√p, over −d log r/dτ there, in the plane of
    u and an eigenvector of the tangent Hessian with eigenvalue μ.
    """
    theta, s, log_r = reduced_flow()
    bend = _bend()
    jacobian = sympy.Matrix([theta, s]).jacobian([_ANGLE, _BALANCE])

    def at_fixed_point(expression: sympy.Expr) -> sympy.Expr:
        # innermost last: h'' would otherwise become the derivative of a number
        values = [(_curvature(), bend), (sympy.diff(_H(_ANGLE)), 0), (_H(_ANGLE), HEIGHT)]
        return sympy.sympify(expression.subs([*values, (_BALANCE, 1 / sympy.sqrt(P))]))

    linear = jacobian.applyfunc(at_fixed_point)
    if any(at_fixed_point(one) != 0 for one in (theta, s)) or not linear.is_diagonal():
        raise ArithmeticError("s = 1/√p at a critical direction is no such fixed point")
    growth = at_fixed_point(log_r)
    angle, balance = (sympy.expand(sympy.simplify(-linear[i, i] / growth)) for i in (0, 1))
    return angle, balance


def _curvature() -> sympy.Expr:
    return sympy.diff(_H(_ANGLE), _ANGLE, 2)


def _bend() -> sympy.Expr:
    """h'' in terms of μ, the second derivative of r^p h along the straight tangent line.

    On it r = √(1 + t²) and the angle is θ + atan t.
    """
    t, bend = sympy.Symbol("t", real=True), sympy.Symbol("bend")
    along = (1 + t**2) ** (P / 2) * _H(_ANGLE + sympy.atan(t))
    second = sympy.expand(sympy.diff(along, t, 2).subs(t, 0).doit())
    # h'' first: it would otherwise become the derivative of a number
    excess = second.subs([(_curvature(), bend), (_H(_ANGLE), HEIGHT)]) - MU
    return sympy.expand(sympy.solve(excess, bend)[0])


def kappa() -> sympy.Expr:
    """κ in p, μ and H."""
    return exponents()[0]


@functools.cache
def _kappa() -> Callable[[float, float, float], float]:
    return sympy.lambdify((P, MU, HEIGHT), kappa(), modules="math")


def leading_hessian(
    x: Float[np.ndarray, "samples dimension"],
    y: Float[np.ndarray, " samples"],
    direction: Float[np.ndarray, " dimension"],
    p: int,
    c: float,
) -> Float[np.ndarray, "dimension dimension"]:
    """Euclidean Hessian of H(u) = (c/n) Σ yᵢ (u·x̃ᵢ)^p; ``x`` with the bias column."""
    if p == 1:
        return np.zeros((x.shape[1], x.shape[1]))
    weight = c * p * (p - 1) * y * (x @ direction) ** (p - 2) / len(y)
    return (x * weight[:, None]).T @ x


def convergence_exponent(
    hessian: Float[np.ndarray, "dimension dimension"],
    direction: Float[np.ndarray, " dimension"],
    height: float,
    p: int,
) -> float:
    """κ of the slowest mode at a maximum of sign(a)·H on the unit sphere, in any dimension.

    Args:
        hessian: Euclidean Hessian of sign(a)·H at ``direction``.
        direction: of unit length.
        height: sign(a)·H there, positive.
    """
    tangent = np.linalg.svd(direction[None, :])[2][1:]
    mu = float(np.linalg.eigvalsh(tangent @ hessian @ tangent.T)[-1])
    return float(_kappa()(float(p), mu, height))


def unrestricted_exponent(
    hessian: Float[np.ndarray, "dimension dimension"], height: float, p: int
) -> float:
    """A wrong κ, for controls: μ the largest eigenvalue of the whole Hessian."""
    mu = float(np.linalg.eigvalsh(hessian)[-1])
    return float(_kappa()(float(p), mu, height))


def approach_prediction() -> Value:
    """The angle error is ∝ G^(−κ); measured exponents are judged in units of κ."""
    growth, error = sympy.Symbol("G", positive=True), sympy.Symbol("δ", positive=True)
    start = sympy.Symbol("K", positive=True)
    return Value(
        formula=sympy.Eq(error, start * growth ** (-kappa())),
        symbols=(
            Symbol(error, "angle between a neuron and its orientation", "radian"),
            Symbol(growth, "growth |w|/|w₀| of the neuron"),
            Symbol(MU, "largest eigenvalue of the Hessian of sign(a) H in the tangent space"),
            Symbol(HEIGHT, "sign(a) H at the orientation"),
            SYMBOLS[0],
            Symbol(start, "a constant of the initial direction"),
        ),
        assumptions=(*ASSUMPTIONS, "the orientation is a strict maximum of sign(a) H"),
        margin=MARGIN,
        margin_reason=MARGIN_REASON,
        unit="κ",
        expected=1.0,
    )


def approach_steps() -> tuple[Step, ...]:
    """From the reduced flow to κ."""
    theta, s, log_r = reduced_flow()
    tau = sympy.Symbol("τ")
    angle, balance = exponents()
    linear = {P: 1, MU: 0}  # H is linear for p = 1: no Hessian
    return (
        Step(
            "With u = w/r, s = a/r and the time dτ = r^(p−1) dt the radius drops out; in the plane "
            "of u and one tangent direction, H = r^p h(θ), the direction follows",
            sympy.Eq(sympy.Derivative(_ANGLE, tau), theta),
        ),
        Step("the balance", sympy.Eq(sympy.Derivative(_BALANCE, tau), s)),
        Step(
            "and the growth",
            sympy.Eq(sympy.Derivative(sympy.log(sympy.Symbol("r")), tau), log_r),
        ),
        Step(
            "The fixed point is a critical direction with s = 1/√p. There h'' = μ − pH with μ the "
            "eigenvalue of the Hessian of H in that tangent direction, and the linearized flow is "
            "diagonal: per growth of log r the angle error fades at the rate",
            sympy.Eq(sympy.Symbol("κ"), angle),
        ),
        Step("and that of the balance at", balance),
        Step(
            "The largest μ gives the slowest mode. For p = 1 H is linear, μ = 0, and",
            sympy.Eq(sympy.Symbol("κ"), angle.subs(linear)),
        ),
    )
