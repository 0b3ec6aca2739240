"""What `theory.batchnorm.recovery` predicts of a filter, and the derivation in steps.

Source: our derivation, on the remedy of Zhou et al., arXiv:2001.11216.
"""

import sympy

from theory.batchnorm.recovery import (
    BETA,
    DECAY,
    GAMMA,
    MOMENTUM,
    PRODUCT,
    RATE,
    SHIFT,
    STEP,
    THRESHOLD,
    TIME,
    momentum_law,
    recovery_law,
    shrinkage,
    transient,
)
from theory.prediction import Count, Identity, Step, Symbol

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
        shown="are back at the predicted time",
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
            sympy.Eq(g(STEP), shrinkage().subs(PRODUCT, product) * g(0)),
        ),
        Step(
            "so that (γ, β) shrinks along a ray. Without a shift β/γ stays, and with it the active "
            "fraction Φ(β/γ): while the gate is shut the filter is lost. With the shift it is "
            "active again once β + α > −τγ, which happens as α does not shrink. Solved for t:",
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
