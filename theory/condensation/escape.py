"""How long the initial stage lasts: log(1/ε) for p = 1 and kinked activations, else ε^(1−p).

A neuron whose direction is a maximum of sign(a)·H keeps it, and its balance |w|² = p a² holds, so
that r = |w| grows by r' = √p H r^p. The time from r = ε to a fixed r = A and its dependence on ε
follow with sympy; by scale invariance the power holds for every initial direction. For p = 1 the
rate is the largest |H| of all directions, found here exactly for activations with a kink as well.
Source: our derivation.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy
from jaxtyping import Float

from theory.condensation.laws import ASSUMPTIONS, SYMBOLS
from theory.prediction import Exponent, Step, Symbol, Value

EPSILON, RADIUS, AMPLITUDE, HEIGHT = sympy.symbols("ε r A H", positive=True)
POWER_MARGIN, LOCAL_MARGIN, LOG_MARGIN = 0.05, 0.1, 0.05
POWER_REASON = (
    "where the stage ends shortens it by the share (ε/A)^(p−1), at most a few percent at the "
    "largest ε, which shifts the exponent by less than 0.01 and that of the last two ε by about "
    "0.01; the rest is room for chance. Laws with exponents a whole number away are told apart "
    "by far"
)
LOG_REASON = (
    "with a kink the fastest direction has not quite won at the largest ε, and finite steps across "
    "a kink slow growth, each by about 1 %; 5 % covers both, and a control must differ by 10 %"
)
_GRID = 500  # angles per half circle, for the width of a basin


# -- the laws ---------------------------------------------------------------------------------


def ray_time(p: int) -> sympy.Expr:
    """Time on the ray from r = ε to r = A, by separation of r' = √p H r^p.

    Raises:
        ArithmeticError: sympy's integral fails the check by substitution.
    """
    speed = sympy.sqrt(p) * HEIGHT * RADIUS**p
    time = sympy.integrate(1 / speed, (RADIUS, EPSILON, AMPLITUDE))
    # T(A) = 0, and starting lower by dε takes dε / r' longer
    slower = sympy.simplify(sympy.diff(time, EPSILON) + 1 / speed.subs(RADIUS, EPSILON))
    if slower != 0 or sympy.simplify(time.subs(EPSILON, AMPLITUDE)) != 0:
        raise ArithmeticError(f"the time on the ray for p = {p} does not solve the flow")
    return sympy.expand_log(time)


@functools.cache
def escape_exponent(p: int) -> int:
    """The exponent of T ∝ ε^exponent as ε → 0, from `ray_time`; 0 for p = 1, a logarithm."""
    time = ray_time(p)
    local = sympy.simplify(EPSILON * sympy.diff(time, EPSILON) / time)
    return int(sympy.limit(local, EPSILON, 0, "+"))


def log_slope() -> sympy.Expr:
    """dT/d log(1/ε) for p = 1, in the height H of the direction."""
    return sympy.simplify(-EPSILON * sympy.diff(ray_time(1), EPSILON))


@functools.cache
def _log_slope() -> Callable[[float], float]:
    return sympy.lambdify(HEIGHT, log_slope(), modules="math")


def time_per_log(height: float) -> float:
    """dT/d log(1/ε) where the fastest direction has this height."""
    return float(_log_slope()(height))


# -- the fastest direction for p = 1, kinked or not -------------------------------------------


@dataclass(frozen=True)
class Fastest:
    """The direction in which neurons grow fastest, for one input and a leading part of order 1.

    Attributes:
        height: the largest |H| on the unit circle, the growth rate.
        angle: where, in radians.
        sign: sign of H there, that of the output weights that grow.
        at_kink: whether a kink of the activation lies on a data point there.
        share: share of initial (direction, output sign) pairs from which sign·H rises to it all
            the way and is positive: these neurons reach it for sure.
    """

    height: float
    angle: float
    sign: int
    at_kink: bool
    share: float


def kinked_form(
    theta: Float[np.ndarray, " n"],
    x: Float[np.ndarray, " samples"],
    y: Float[np.ndarray, " samples"],
    right: float,
    left: float,
) -> Float[np.ndarray, " n"]:
    """H(cos θ, sin θ) = (1/n) Σ yᵢ σ₁(u·x̃ᵢ), σ₁(z) = right·z for z > 0 and left·|z| for z < 0."""
    z = np.multiply.outer(np.cos(theta), x) + np.sin(theta)[:, None]
    return (right * np.maximum(z, 0.0) + left * np.maximum(-z, 0.0)) @ y / len(y)


def fastest(
    x: Float[np.ndarray, " samples"],
    y: Float[np.ndarray, " samples"],
    right: float,
    left: float,
) -> Fastest:
    """The direction of the largest |H|, exactly.

    Between two neighboring kinks H = v·u with v summed over the data on either side, so |H| is
    largest at a kink or at ±v/|v|; H at all these angles contains the maximum.

    Raises:
        ValueError: H vanishes on these data.
    """
    kinks = np.arctan2(np.concatenate([-x, x]), np.repeat([1.0, -1.0], len(x))) % (2 * np.pi)
    kinks = np.sort(kinks)
    middle = (kinks + np.append(kinks[1:], kinks[0] + 2 * np.pi)) / 2
    z = np.multiply.outer(np.cos(middle), x) + np.sin(middle)[:, None]
    weight = np.where(z > 0, right, -left) * y / len(y)
    v = np.stack([weight @ x, weight.sum(axis=1)], axis=1)
    inside = np.arctan2(v[:, 1], v[:, 0])
    candidates = np.concatenate([inside, inside + np.pi, kinks])
    heights = kinked_form(candidates, x, y, right, left)
    best = int(np.argmax(np.abs(heights)))
    height, sign = abs(float(heights[best])), 1 if heights[best] > 0 else -1
    if height <= 1e-12 * float(np.abs(y).max()):
        raise ValueError("the leading form vanishes on these data")
    angle = float(candidates[best])
    width = sum(
        _descent(sign * kinked_form(angle + side * _FAN, x, y, right, left)) for side in (1, -1)
    )
    return Fastest(height, angle, sign, best >= 2 * len(middle), width / (4 * np.pi))


_FAN = np.linspace(0.0, np.pi, _GRID + 1)


def _descent(height: Float[np.ndarray, " n"]) -> float:
    """Width in radians over which the height falls and is positive, from its first entry on."""
    falls = (np.diff(height) <= 0) & (height[1:] > 0)
    steps = len(falls) if falls.all() else int(np.argmin(falls))
    return float(_FAN[steps])


def typical_height(
    x: Float[np.ndarray, " samples"],
    y: Float[np.ndarray, " samples"],
    right: float,
    left: float,
) -> float:
    """Root mean square of H over all directions: a wrong growth rate, for controls."""
    theta = np.concatenate([_FAN[:-1], _FAN[:-1] + np.pi])
    return float(np.sqrt(np.mean(kinked_form(theta, x, y, right, left) ** 2)))


# -- predictions ------------------------------------------------------------------------------

_P, _T, _K = SYMBOLS[0].symbol, sympy.Symbol("T", positive=True), sympy.Symbol("K", positive=True)
_TABLE = (
    Symbol(_T, "time until |f| / |y| or a neuron's |w·x̃| reaches a fixed small value"),
    Symbol(EPSILON, "standard deviation of the initial weights"),
)


def power_prediction(p: int, window: tuple[float, ...]) -> Exponent:
    """p ≥ 2: T ∝ ε^(1−p) over a window of ε.

    Raises:
        ValueError: p = 1, where T is a logarithm.
    """
    exponent = escape_exponent(p)
    if exponent == 0:
        raise ValueError("for p = 1 the time is a logarithm, not a power")
    return Exponent(
        formula=sympy.Eq(_T, _K * EPSILON**exponent),
        symbols=(*_TABLE, Symbol(_K, "a constant of the data and of the normalized weights")),
        assumptions=ASSUMPTIONS,
        margin=POWER_MARGIN,
        margin_reason=POWER_REASON,
        expected=float(exponent),
        window=window,
        local_margin=LOCAL_MARGIN,
    )


def log_prediction() -> Value:
    """p = 1, kinked or not: the rate d log(1/ε)/dT is H_max, the largest |H| of all directions."""
    highest = sympy.Symbol("H_max", positive=True)
    return Value(
        formula=sympy.Eq(_T, _K + log_slope().subs(HEIGHT, highest) * sympy.log(1 / EPSILON)),
        symbols=(
            *_TABLE,
            Symbol(highest, "largest |H| on the unit circle; for a smooth activation c |v|"),
            Symbol(_K, "a constant of the data and of the normalized weights"),
        ),
        assumptions=ASSUMPTIONS,
        margin=LOG_MARGIN,
        margin_reason=LOG_REASON,
        unit="H_max",
        expected=1.0,
    )


# -- derivation -------------------------------------------------------------------------------


def escape_steps(orders: tuple[int, ...] = (2, 3)) -> tuple[Step, ...]:
    """From the flow on a ray to the time and its dependence on ε."""
    r = sympy.Function("r")(sympy.Symbol("t"))
    p = sympy.Symbol("p", positive=True)
    speed = _ray_speed(p)
    _check_scaling()
    return (
        Step(
            "At a maximum u of sign(a) H the direction stays, and with the balance r = √p |a| of "
            "r = |w| and u·∇H = p H (Euler) the radius grows by",
            sympy.Eq(sympy.Derivative(r, sympy.Symbol("t")), speed.subs(RADIUS, r)),
        ),
        Step(
            "For p = 1, by separation, the time from r = ε to r = A is",
            sympy.Eq(_T, ray_time(1)),
        ),
        Step(
            "and the direction with the largest |H| comes first. The same holds where the "
            "activation has a kink, for H is then linear along every ray as well.",
        ),
        *(
            Step(f"For p = {order} it is", sympy.Eq(_T, sympy.expand(ray_time(order))))
            for order in orders
        ),
        Step(
            "so that for ε ≪ A the time is a power of ε. The power does not need the ray: the flow "
            "is invariant under (w, a, t) → (λw, λa, λ^(1−p) t), so that for every initial "
            "direction and balance",
            sympy.Eq(_T, _K * EPSILON ** (1 - p)),
        ),
    )


def _ray_speed(p: sympy.Symbol) -> sympy.Expr:
    """r' = a u·∇H with a = r/√p and u·∇H = p H r^(p−1), both checked against the flow."""
    a, speed = RADIUS / sympy.sqrt(p), sympy.sqrt(p) * HEIGHT * RADIUS**p
    radial = sympy.diff(HEIGHT * RADIUS**p, RADIUS)  # u·∇H at r u
    grows = sympy.simplify(a * radial - speed)
    keeps = sympy.simplify(HEIGHT * RADIUS**p - sympy.diff(a, RADIUS) * speed)  # a' = H
    if grows != 0 or keeps != 0:
        raise ArithmeticError("the flow does not stay on the ray")
    return speed


def _check_scaling() -> None:
    """(λw, λa) moves λ^(p−1) times as fast: ∇H is of degree p − 1 and H of degree p."""
    scale, p, a, h, slope = sympy.symbols("λ p a H dH", positive=True)
    by_w = scale * a * scale ** (p - 1) * slope / (scale * (a * slope))
    by_a = scale**p * h / (scale * h)
    if any(sympy.simplify(ratio - scale ** (p - 1)) != 0 for ratio in (by_w, by_a)):
        raise ArithmeticError("the flow is not invariant under scaling")
