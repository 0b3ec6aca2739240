"""When a collapsed filter comes back: weight decay, batch normalization and a shift α.

A filter z = γx̂ + β + α counts as active where P(z > 0) = Φ((β + α)/γ) > Φ(−τ). While it is
inactive on all data its gate is shut and no data gradient reaches (γ, β): weight decay alone moves
them, by a linear recursion that is the same for both, so that they shrink along a ray. Without a
shift the ray keeps β/γ and a filter with an exactly shut gate never comes back (rare inputs that
reach through the gate: `theory.batchnorm.reopening`). With one it comes back after t* steps.
Decay is L2 in gradient descent with or without momentum, or AdamW's, decoupled at rate ηλ. It
must act on γ and β. L2 inside Adam leaves the ray.
Source: our derivation, on the remedy of Zhou et al., arXiv:2001.11216.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
from jaxtyping import Float

from theory.prediction import Count, Identity, Step, Symbol

RATE, DECAY, MOMENTUM = sympy.symbols("η λ μ", positive=True)
SHIFT, THRESHOLD, GAMMA = sympy.symbols("α τ γ", positive=True)
BETA = sympy.Symbol("β", real=True)
TIME = sympy.Symbol("t*", positive=True)
_T = sympy.Symbol("t", integer=True, nonnegative=True)
_Q = sympy.Symbol("q", positive=True)  # ηλ

MARGIN = 0.5  # steps
MARGIN_REASON = (
    "the first whole step at or past t* is t* to t* + 1: half a step from their middle at most; "
    "what momentum adds is forgotten within 1/(1 − μ) steps, to less than rounding"
)
RATIO_MARGIN = 1e-11
RATIO_REASON = (
    "a step rounds γ and β twice each, by 1.1e-16 of their size: in 1,600 steps a ratio of 7 is "
    "off by less than 5e-12"
)
NEAR, NEAR_SHARE = 0.15, 0.9
NEAR_REASON = (
    "a rare input a > τ moves β/γ by about (1 + a²)ηδ/(Bγ), most where γ is smallest, α/(a − τ) at "
    "t*: one at a = 4 and B = 64 that comes as late as that, with δ of one standard deviation, "
    "moves t* by 27 steps of 180, 15 %; few filters meet one so late"
)
ASSUMPTIONS = (
    "no data gradient reaches γ and β: the filter is inactive on every batch until t*",
    "weight decay acts on γ and β: L2 in gradient descent, or AdamW's decoupled decay",
    "γ > 0 and −β − τγ > α: the filter is inactive at the start",
    "momentum starts at rest",
)


# -- the law ----------------------------------------------------------------------------------


def shrinkage() -> sympy.Expr:
    """γ_t/γ_0 = β_t/β_0 after t steps without momentum, in q = ηλ, from the recursion."""
    g = sympy.Function("g")
    solved: Any = sympy.rsolve(g(_T + 1) - (1 - _Q) * g(_T), g(_T), {g(0): 1})
    return solved


def recovery_law() -> sympy.Expr:
    """t*, without momentum: where β + α reaches −τγ on the ray.

    Raises:
        ArithmeticError: the solution fails the check by substitution.
    """
    gap = -BETA - THRESHOLD * GAMMA
    law = sympy.log(gap / SHIFT) / -sympy.log(1 - _Q)
    positive = sympy.Symbol("d", positive=True)  # stands for the gap
    there = (shrinkage().subs(_T, law) * gap).subs(BETA, -positive - THRESHOLD * GAMMA)
    rate = sympy.Rational(1, 7)
    if sympy.simplify(sympy.expand_log((there - SHIFT).subs(_Q, rate), force=True)) != 0:
        raise ArithmeticError("at t* the filter is not at the threshold")
    return law.subs(_Q, RATE * DECAY)  # type: ignore[return-value]


def roots() -> tuple[sympy.Expr, sympy.Expr]:
    """ρ₊ and ρ₋ of v ← μv + λg, g ← g − ηv in q = ηλ: ρ² − (1 + μ − q)ρ + μ = 0."""
    middle = 1 + MOMENTUM - _Q
    root = sympy.sqrt(middle**2 - 4 * MOMENTUM)
    return (middle + root) / 2, (middle - root) / 2


def weight() -> sympy.Expr:
    """C in g_t/g_0 = Cρ₊^t + (1 − C)ρ₋^t, for momentum that starts at rest."""
    plus, minus = roots()
    return (1 - _Q - minus) / (plus - minus)


def momentum_law() -> sympy.Expr:
    """t* with momentum, once ρ₋^t is forgotten, in γ, β, α, τ, η, λ, μ."""
    gap = -BETA - THRESHOLD * GAMMA
    law = sympy.log(weight() * gap / SHIFT) / -sympy.log(roots()[0])
    return law.subs(_Q, RATE * DECAY)  # type: ignore[return-value]


@functools.cache
def transient() -> sympy.Expr:
    """Steps by which momentum that starts at rest delays recovery, for small ηλ.

    Raises:
        ArithmeticError: the recursion is not solved, or its rate is not ηλ/(1 − μ) to first order.
    """
    plus, minus = roots()
    # g_{t+1} − g_t = −ηv_{t+1} and v_{t+1} = μv_t + λg_t: eliminate v
    for root in (plus, minus):
        if sympy.simplify(root**2 - (1 + MOMENTUM - _Q) * root + MOMENTUM) != 0:
            raise ArithmeticError("not a root of the recursion with momentum")
    first_step = weight() * plus + (1 - weight()) * minus
    if sympy.simplify(first_step - (1 - _Q)) != 0:
        raise ArithmeticError("the first step does not start at rest")
    decay, ahead = _first_order(-sympy.log(plus)), _first_order(sympy.log(weight()))
    if sympy.simplify(decay - 1 / (1 - MOMENTUM)) != 0:
        raise ArithmeticError("momentum does not divide the rate by 1 − μ")
    return sympy.factor(ahead / decay)  # type: ignore[return-value]


def _first_order(expression: sympy.Expr) -> sympy.Expr:
    """The coefficient of q in an expression that vanishes at q = 0."""
    slowness = sympy.Symbol("ν", positive=True)  # 1 − μ: its square has the root ν
    inside: Any = expression.subs(MOMENTUM, 1 - slowness)
    start, slope = (
        sympy.simplify(sympy.simplify(part.subs(_Q, 0))) for part in (inside, inside.diff(_Q))
    )
    if start != 0:
        raise ArithmeticError(f"{start} at ηλ = 0, not 0")
    return sympy.simplify(slope.subs(slowness, 1 - MOMENTUM))  # type: ignore[return-value]


# -- numbers ----------------------------------------------------------------------------------


@functools.cache
def _numeric(momentum: bool) -> Callable[..., np.ndarray]:
    law = momentum_law() if momentum else recovery_law()
    return sympy.lambdify((GAMMA, BETA, SHIFT, THRESHOLD, RATE, DECAY, MOMENTUM), law, "numpy")


def recovery_time(
    gamma: Float[np.ndarray, " units"],
    beta: Float[np.ndarray, " units"],
    *,
    shift: float,
    threshold: float,
    rate: float,
    decay: float,
    momentum: float = 0.0,
) -> Float[np.ndarray, " units"]:
    """Steps t* until filters that are inactive now are active again.

    Infinite without decay or shift. For AdamW ``decay`` is its decoupled one and ``momentum`` 0:
    its moments are 0 while the gate is shut.

    Raises:
        ValueError: a filter is active (−β − τγ ≤ α) or has γ ≤ 0, or ηλ is so large that the
            recursion does not decay monotonically (ηλ < (1 − √μ)² is needed).
    """
    if not (np.all(gamma > 0) and np.all(-beta - threshold * gamma > shift)):
        raise ValueError("t* is for filters that are inactive: γ > 0 and −β − τγ > α")
    if not 0 <= momentum < 1 or not 0 <= rate * decay < (1 - math.sqrt(momentum)) ** 2:
        raise ValueError(f"ηλ = {rate * decay:g} is not below (1 − √μ)², μ = {momentum:g}")
    if shift == 0 or rate * decay == 0:
        return np.full(gamma.shape, np.inf)
    law = _numeric(momentum > 0)
    return np.asarray(law(gamma, beta, shift, threshold, rate, decay, momentum), dtype=float)


# -- predictions ------------------------------------------------------------------------------

_TABLE = (
    Symbol(TIME, "time until a collapsed filter is active again", "step"),
    Symbol(GAMMA, "scale of the normalization at the start"),
    Symbol(BETA, "bias of the normalization at the start, before the shift"),
    Symbol(SHIFT, "shift of post-shifted batch normalization"),
    Symbol(THRESHOLD, "a filter is active where its active fraction exceeds Φ(−τ)"),
    Symbol(RATE, "learning rate"),
    Symbol(DECAY, "weight decay"),
    Symbol(MOMENTUM, "momentum"),
)
_FIRST = sympy.Symbol("t_1", positive=True, integer=True)


def _table(momentum: bool) -> tuple[Symbol, ...]:
    return _TABLE if momentum else _TABLE[:-1]


def recovery_prediction(momentum: bool = False) -> Identity:
    """The first step at which the filter is active is t* rounded up; t* with momentum or without.

    The prediction is t* + 1/2, the middle of what rounding to whole steps allows.
    """
    law = momentum_law() if momentum else recovery_law()
    return Identity(
        formula=sympy.Eq(_FIRST, sympy.ceiling(TIME)) & sympy.Eq(TIME, law),
        symbols=(Symbol(_FIRST, "first step at which it is active", "step"), *_table(momentum)),
        assumptions=ASSUMPTIONS if momentum else ASSUMPTIONS[:-1],
        margin=MARGIN,
        margin_reason=MARGIN_REASON,
        unit="step",
    )


def near_prediction() -> Count:
    """Most filters are active again near t* at batches whose rare inputs reach the gate before."""
    return Count(
        formula=sympy.Eq(TIME, recovery_law()),
        symbols=_table(False),
        assumptions=("inputs that reach through the gate are rare", *ASSUMPTIONS[1:3]),
        margin=NEAR,
        margin_reason=NEAR_REASON,
        unit="t*",
        required_share=NEAR_SHARE,
    )


def ray_prediction() -> Identity:
    """(β + α)/γ stays what it was at the start: without a shift, or without decay."""
    start, now = sympy.symbols("(β+α)/γ_0 (β+α)/γ", real=True)
    return Identity(
        formula=sympy.Eq(now, start),
        symbols=(
            Symbol(now, "(β + α)/γ at the last step"),
            Symbol(start, "(β + α)/γ at the start, below −τ"),
        ),
        assumptions=ASSUMPTIONS[:1],
        margin=RATIO_MARGIN,
        margin_reason=RATIO_REASON,
    )


# -- derivation -------------------------------------------------------------------------------


def recovery_steps() -> tuple[Step, ...]:
    """From the recursion of weight decay to t*, with and without momentum."""
    g = sympy.Function("g")
    product = RATE * DECAY
    return (
        Step(
            "While a filter is inactive on all data, the gate of the ReLU is shut, and the "
            "gradients of γ and β through it are 0. Weight decay alone moves them, both alike",
            sympy.Eq(g(_T), shrinkage().subs(_Q, product) * g(0)),
        ),
        Step(
            "so that (γ, β) shrinks along a ray. Without a shift β/γ stays, and with it the active "
            "fraction Φ(β/γ): the filter is lost. With the shift it is active again once "
            "β + α > −τγ, which happens as α does not shrink. Solved for t:",
            sympy.Eq(TIME, recovery_law()),
        ),
        Step(
            "With momentum, v ← μv + λg and g ← g − ηv, g is a sum of powers of the two roots of "
            "ρ² − (1 + μ − ηλ)ρ + μ = 0. The smaller one, close to μ, is forgotten within "
            "1/(1 − μ) steps, the larger one decays at rate ηλ/(1 − μ) to first order: t* is "
            "multiplied by 1 − μ. Momentum that starts at rest adds, in steps,",
            transient(),
        ),
        Step("and the exact time, once the smaller root is forgotten, is", momentum_law()),
        Step(
            "AdamW multiplies γ and β by 1 − ηλ at each step and its moments are 0 while the gate "
            "is shut: the first law holds. Adam with L2 inside the gradient divides λγ and λβ by "
            "their own root mean squares: both move at speed η whatever their size and whatever "
            "λ. This leaves the ray, and no such law holds.",
        ),
        Step(
            "Without weight decay nothing moves: the shift alone is another initial bias.",
        ),
    )
