"""Shares of neurons at the orientations and of those that die: derivation and predictions.

One input and a bias, gradient flow from N(0, ε²) weights; the numbers come from
`theory.condensation.fates.plane`. Source: our derivation.
"""

import functools
from typing import cast

import sympy

from theory.condensation.laws import ASSUMPTIONS
from theory.prediction import CountedShares, Shares, Step, Symbol, Value

THETA, TIME = sympy.Symbol("θ", real=True), sympy.Symbol("τ", real=True)
P = sympy.Symbol("p", integer=True, positive=True)
K, R_0 = sympy.symbols("k r_0", positive=True)
S_0 = sympy.Symbol("s_0", real=True)
DEPTH = sympy.Symbol("D", positive=True)
H = sympy.Function("H")

MARGIN = 0.02
WEIGHTS_REASON = (
    "from its initial weights the fate of every neuron follows, but for those within a step (2 % "
    "of a weight) of the border between two fates: at most a few of 100 to 400 neurons a data "
    "set, and two of 100 are 0.02; a control must differ by more than twice that"
)
ERRORS = 3.5
ERRORS_REASON = (
    "neurons are independent, so that their numbers scatter by counting: beyond 3.5 standard "
    "errors once in 2000 (normal) to 200 (where two neurons are expected), and data sets have two "
    "to ten numbers; nine data sets of ten are required"
)
MEAN_REASON = (
    "the mean over all data sets has little counting noise left: about 0.002, an interval of "
    "0.01; 0.02 is also what neurons at the border between two fates may add to a data set"
)

SYMBOLS = (
    Symbol(THETA, "direction of a neuron: (w, b) = |w| (cos θ, sin θ)", "radian"),
    Symbol(P, "order of the leading form"),
    Symbol(S_0, "a/|w| at the start"),
    Symbol(
        DEPTH,
        "a neuron with sign(a) H < 0 shrinks by exp(−D) before sign(a) H is positive, if a does "
        "not vanish before; infinite if there is no way to sign(a) H > 0",
    ),
)

_LAW_SYMBOLS = (
    Symbol(
        sympy.Symbol("share"),
        "share of the neurons at an orientation, or of those that die; P is the chance that a "
        "neuron that starts at θ is one of them",
    ),
    *SYMBOLS,
)


def growth_along_arc() -> sympy.Expr:
    """d ln r / dθ of the flow w' = a ∇H, a' = H in polar coordinates: p H/H'.

    Raises:
        ArithmeticError: if r² − p a² were not conserved.
    """
    r, a, height, slope = sympy.symbols("r a H H_θ", real=True)
    # H(w) = r^p H(θ): its radial derivative, and the one along the circle
    radial, turning = P * r ** (P - 1) * height, r ** (P - 1) * slope
    norm, angle, output = a * radial, a * turning / r, r**P * height
    if sympy.simplify(2 * r * norm - 2 * P * a * output) != 0:
        raise ArithmeticError("r² − p a² is not conserved")
    return cast(sympy.Expr, sympy.simplify(norm / r / angle))


def flip_limit() -> sympy.Expr:
    """The largest p s₀² with which a vanishes before r has shrunk by exp(−D)."""
    size = sympy.Symbol("q", positive=True)
    balance = R_0**2 * (1 - size)  # r² − p a², with q = p s₀²
    at_zero = sympy.sqrt(balance) / R_0  # r/r₀ where a = 0
    (limit,) = sympy.solve(at_zero**2 - sympy.exp(-2 * DEPTH), size)
    return cast(sympy.Expr, limit)


@functools.cache
def ratio_chance() -> sympy.Expr:
    """P(a² < k |w|²) for independent standard normal a, w₁, w₂."""
    a = sympy.Symbol("a", real=True)
    density = sympy.exp(-(a**2) / 2) / sympy.sqrt(2 * sympy.pi)
    larger = sympy.exp(-(a**2) / (2 * K))  # P(|w|² > a²/k), |w|² being chi-squared with 2
    total = sympy.integrate(sympy.expand(density * larger), (a, -sympy.oo, sympy.oo))
    chance = sympy.sqrt(K / (1 + K))
    if sympy.simplify(total - chance) != 0:
        raise ArithmeticError("the distribution of a/|w| is another one")
    return cast(sympy.Expr, chance)


def dead_share_of_definite_form(p: int) -> sympy.Expr:
    """Half of the neurons have the wrong sign everywhere; they die unless p s₀² < 1."""
    alive = cast(sympy.Expr, ratio_chance().subs(K, sympy.Rational(1, p)))
    return cast(sympy.Expr, sympy.nsimplify((1 - alive) / 2))


def depth_for_one_wave() -> sympy.Expr:
    """D for p = 1, where H = cos θ: exp(−2D) = sin²θ where cos θ < 0."""
    angle = sympy.Symbol("α", positive=True)  # π − θ, from the minimum to the zero at π/2
    depth = sympy.integrate(sympy.cot(angle), (angle, THETA, sympy.pi / 2))
    return cast(sympy.Expr, sympy.simplify(depth))


def fate_steps() -> tuple[Step, ...]:
    """From the flow of one neuron to the shares of all."""
    q = P * S_0**2
    prime = sympy.Derivative(H(THETA), THETA)
    chance = sympy.Function("P")
    h, h_theta = sympy.symbols("H H_θ", real=True)
    along = growth_along_arc().subs({h: H(THETA), h_theta: prime})
    radius = sympy.Function("r")(THETA)
    definite = dead_share_of_definite_form(2)
    return (
        Step(
            "In polar coordinates a neuron climbs sign(a) H on the circle, on the arc between two "
            "neighboring extrema of H where it starts, and",
            sympy.Eq(sympy.Derivative(sympy.log(radius), THETA), along),
        ),
        Step(
            "so that where sign(a) H < 0 it shrinks, up to the zero of H by exp(−D) with",
            sympy.Eq(DEPTH, P * sympy.Integral(sympy.Abs(H(THETA) / prime), THETA)),
        ),
        Step(
            "|a| shrinks with it, and as r² − p a² is conserved a vanishes on the way, and changes "
            "its sign, if",
            sympy.Lt(q, flip_limit()),
        ),
        Step(
            "The neuron then turns back and grows on the same arc, to the orientation at its other "
            "end. Others reach the end they went for; where H has the wrong sign there, D is "
            "infinite and those with p s_0² > 1 shrink for ever: they die, as do those that start "
            "or end in a sector where H = 0. With Gaussian weights",
            sympy.Eq(chance(S_0**2 < K), ratio_chance()),
        ),
        Step(
            "and an integral over the circle gives every share. Where H is definite, p = 2, all "
            "neurons of one sign have to turn back or die:",
            sympy.Eq(sympy.Symbol("dead"), definite),
        ),
        Step(
            "For p = 1 and a smooth activation, H = cos θ, a zero lies ahead everywhere and "
            "nothing dies; by symmetry half of the neurons end with each sign. At the angle θ "
            "from the minimum",
            sympy.Eq(DEPTH, depth_for_one_wave()),
        ),
    )


def fates_prediction() -> Shares:
    """Shares at all orientations and of the dead, from the initial weights."""
    return Shares(
        formula=_turns_back(),
        symbols=SYMBOLS,
        assumptions=ASSUMPTIONS,
        margin=MARGIN,
        margin_reason=WEIGHTS_REASON,
    )


def law_prediction() -> CountedShares:
    """The same from the data alone, up to the noise of counting."""
    return CountedShares(
        formula=_integral(sympy.Symbol("share")),
        symbols=_LAW_SYMBOLS,
        assumptions=ASSUMPTIONS,
        margin=ERRORS,
        margin_reason=ERRORS_REASON,
    )


def mean_prediction() -> Value:
    """One share from the data alone: mean deviation over data sets."""
    return Value(
        formula=_integral(sympy.Symbol("share")),
        symbols=_LAW_SYMBOLS,
        assumptions=ASSUMPTIONS,
        margin=MARGIN,
        margin_reason=MEAN_REASON,
        unit="share",
    )


def _integral(share: sympy.Symbol) -> sympy.Basic:
    return sympy.Eq(share, sympy.Integral(sympy.Function("P")(DEPTH), THETA) / (2 * sympy.pi))


def _turns_back() -> sympy.Basic:
    return sympy.Lt(P * S_0**2, flip_limit())
