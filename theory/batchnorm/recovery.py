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

RATE, DECAY, MOMENTUM = sympy.symbols("η λ μ", positive=True)
SHIFT, THRESHOLD, GAMMA = sympy.symbols("α τ γ", positive=True)
BETA = sympy.Symbol("β", real=True)
TIME = sympy.Symbol("t*", positive=True)
STEP = sympy.Symbol("t", integer=True, nonnegative=True)
PRODUCT = sympy.Symbol("q", positive=True)  # ηλ


# -- the law ----------------------------------------------------------------------------------


def shrinkage() -> sympy.Expr:
    """γ_t/γ_0 = β_t/β_0 after t steps without momentum, in q = ηλ, from the recursion."""
    g = sympy.Function("g")
    solved: Any = sympy.rsolve(g(STEP + 1) - (1 - PRODUCT) * g(STEP), g(STEP), {g(0): 1})
    return solved


def recovery_law() -> sympy.Expr:
    """t*, without momentum: where β + α reaches −τγ on the ray.

    Raises:
        ArithmeticError: the solution fails the check by substitution.
    """
    gap = -BETA - THRESHOLD * GAMMA
    law = sympy.log(gap / SHIFT) / -sympy.log(1 - PRODUCT)
    positive = sympy.Symbol("d", positive=True)  # stands for the gap
    there = (shrinkage().subs(STEP, law) * gap).subs(BETA, -positive - THRESHOLD * GAMMA)
    rate = sympy.Rational(1, 7)
    if sympy.simplify(sympy.expand_log((there - SHIFT).subs(PRODUCT, rate), force=True)) != 0:
        raise ArithmeticError("at t* the filter is not at the threshold")
    return law.subs(PRODUCT, RATE * DECAY)  # type: ignore[return-value]


def roots() -> tuple[sympy.Expr, sympy.Expr]:
    """ρ₊ and ρ₋ of v ← μv + λg, g ← g − ηv in q = ηλ: ρ² − (1 + μ − q)ρ + μ = 0."""
    middle = 1 + MOMENTUM - PRODUCT
    root = sympy.sqrt(middle**2 - 4 * MOMENTUM)
    return (middle + root) / 2, (middle - root) / 2


def weight() -> sympy.Expr:
    """C in g_t/g_0 = Cρ₊^t + (1 − C)ρ₋^t, for momentum that starts at rest."""
    plus, minus = roots()
    return (1 - PRODUCT - minus) / (plus - minus)


def momentum_law() -> sympy.Expr:
    """t* with momentum, once ρ₋^t is forgotten, in γ, β, α, τ, η, λ, μ."""
    gap = -BETA - THRESHOLD * GAMMA
    law = sympy.log(weight() * gap / SHIFT) / -sympy.log(roots()[0])
    return law.subs(PRODUCT, RATE * DECAY)  # type: ignore[return-value]


@functools.cache
def transient() -> sympy.Expr:
    """Steps by which momentum that starts at rest delays recovery, for small ηλ.

    Raises:
        ArithmeticError: the recursion is not solved, or its rate is not ηλ/(1 − μ) to first order.
    """
    plus, minus = roots()
    # g_{t+1} − g_t = −ηv_{t+1} and v_{t+1} = μv_t + λg_t: eliminate v
    for root in (plus, minus):
        if sympy.simplify(root**2 - (1 + MOMENTUM - PRODUCT) * root + MOMENTUM) != 0:
            raise ArithmeticError("not a root of the recursion with momentum")
    first_step = weight() * plus + (1 - weight()) * minus
    if sympy.simplify(first_step - (1 - PRODUCT)) != 0:
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
        sympy.simplify(sympy.simplify(part.subs(PRODUCT, 0)))
        for part in (inside, inside.diff(PRODUCT))
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
