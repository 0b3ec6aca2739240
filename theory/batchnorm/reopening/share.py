"""The prediction from `theory.batchnorm.reopening.chance`, and its derivation in steps.

Source: our derivation.
"""

import sympy

from theory.batchnorm.recovery import DECAY, GAMMA, RATE
from theory.batchnorm.reopening.inputs import INPUT as X
from theory.batchnorm.reopening.inputs import KICK, LEVEL, active_kicks
from theory.prediction import Identity, Step, Symbol, Value

BATCH, STEPS = sympy.symbols("B T", positive=True, integer=True)
RATIO = sympy.Symbol("r", negative=True)
SHARE = sympy.Symbol("P_T", nonnegative=True)
CHANCE, MEAN, DENSITY = sympy.Function("U"), sympy.Function("E"), sympy.Function("f")
_TIME = sympy.Symbol("t", integer=True, nonnegative=True)

LARGEST_MARGIN = 0.03  # of all filters
MARGIN_REASON = (
    "the law is computed to 0.002: grid 0.0005, two inputs at once taken as parallel, three "
    "neglected. Half or twice the batch is off by 0.06 or more, Gaussian tails by 0.1 at B = 64; "
    "half of the share itself where that is less, so that none at all is told from it"
)
ASSUMPTIONS = (
    "the inputs of a filter are Gaussian and independent, normalized over each batch of B",
    "the gradients at its output are independent, N(0, 1): no signal",
    "gradient descent with L2 on γ and β, no momentum, no shift",
    "β/γ < −τ at the start: the filter is inactive but for rare inputs",
)


def reopened_prediction(share: float) -> Value:
    """The share of a layer's filters that are active again after one of T steps."""
    return Value(
        formula=sympy.Eq(SHARE, MEAN(CHANCE(STEPS, RATIO, GAMMA))),
        symbols=(
            Symbol(SHARE, "share of filters that are active again after one of T steps"),
            Symbol(CHANCE(STEPS, RATIO, GAMMA), "chance of one of them, see the derivation"),
            Symbol(STEPS, "steps that filters are watched", "step"),
            Symbol(RATIO, "β/γ at the start, below −τ"),
            Symbol(GAMMA, "scale of the normalization at the start"),
        ),
        assumptions=ASSUMPTIONS,
        margin=min(LARGEST_MARGIN, share / 2),
        margin_reason=MARGIN_REASON,
        unit="share",
        expected=share,
        bounded=(-share, 1 - share),
        theory_error=0.002,
    )


def shut_prediction() -> Identity:
    """Where τ ≥ √(B − 1) no filter comes back."""
    return Identity(
        formula=sympy.Eq(SHARE, 0),
        symbols=(Symbol(SHARE, "share of filters that are active again after one of T steps"),),
        assumptions=(
            *ASSUMPTIONS,
            "where none comes back: τ ≥ √(B − 1), no input of a batch is larger",
        ),
        margin=0.0,
        margin_reason="every gradient is exactly 0, and a ratio below −τ stays there",
        unit="share",
    )


def input_density() -> sympy.Expr:
    """f of one normalized input.

    Raises:
        ArithmeticError: its mean square is not 1.
    """
    half = (BATCH - 2) / sympy.Integer(2)
    top = sympy.gamma(half + sympy.Rational(1, 2)) / sympy.gamma(half)
    density = top / sympy.sqrt(sympy.pi * (BATCH - 1)) * (1 - X**2 / (BATCH - 1)) ** (half - 1)
    eight = density.subs(BATCH, 8)
    square = 2 * sympy.integrate(sympy.expand(X**2 * eight), (X, 0, sympy.sqrt(7)))
    if sympy.simplify(square - 1) != 0:
        raise ArithmeticError("the density of a normalized input has another variance")
    return density  # type: ignore[return-value]


def reopening_steps() -> tuple[Step, ...]:
    """From rare inputs and the ray of weight decay to a recursion for the chance to come back."""
    q = sympy.Symbol("q", positive=True)
    ratio = (RATIO - KICK) / sympy.Abs(1 - KICK * X)
    low, high = active_kicks()
    now, later = CHANCE(_TIME, RATIO, q * GAMMA), CHANCE(_TIME + 1, RATIO, GAMMA)
    scale = q * GAMMA * sympy.Abs(1 - KICK * X)
    some = sympy.Symbol("p", positive=True)
    return (
        Step(
            "Without an input above a = −β/γ the gate of a batch is shut: weight decay shrinks γ "
            "and β alike, and r = β/γ stays",
            sympy.Eq(sympy.Function("γ")(_TIME), (1 - RATE * DECAY) ** _TIME * GAMMA),
        ),
        Step(
            "A batch of Gaussian inputs, normalized, is uniform on a sphere. One input has the "
            "density",
            sympy.Eq(DENSITY(X), input_density()),
        ),
        Step(
            "below √(B − 1). Where τ is at least that the gate is exactly shut and nothing comes "
            "back; else an input above a comes in a step with chance, where that is small,",
            sympy.Eq(some, BATCH * sympy.Integral(DENSITY(X), (X, LEVEL, sympy.sqrt(BATCH - 1)))),
        ),
        Step(
            "An input x moves γ by −ηδx/B and β by −ηδ/B, δ the noise at the output. With "
            "q = 1 − ηλ and u = ηδ/(Bqγ), which grows as γ decays, r becomes",
            ratio,
        ),
        Step(
            "and γ becomes qγ(1 − ux). The filter is active again for u below",
            low,
        ),
        Step("or above", high),
        Step(
            "while a small kick of the other sign takes it farther from the gate. So the chance U "
            "to be active after one of t steps obeys, for one input at a time,",
            sympy.Eq(later, (1 - some) * now + some * MEAN(CHANCE(_TIME, ratio, scale))),
        ),
        Step(
            "with U = 1 where the filter is active and U = 0 at t = 0; two inputs of one batch "
            "count as one with noise √2 δ. Solved on a grid it holds no free constant. Without "
            "decay u stays as small as at the start, and only filters next to τ come back.",
        ),
    )
