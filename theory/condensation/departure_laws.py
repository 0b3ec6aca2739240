"""What is predicted of condensed neurons that turn away, and why (`theory.condensation.departure`).

Source: our derivation.
"""

import sympy

from theory.condensation.departure import LARGEST_CONDITION, QUIET, WITHIN
from theory.prediction import Bound, Step, Symbol
from theory.unit_by_unit import UnitByUnit

MU, BETA, THETA, SIZE = sympy.symbols("μ β θ s", positive=True)

ASSUMPTIONS = (
    "the activation has multiplicity 1 and its next order is not felt",
    "initial weights are so small that neurons condense while μ is far below 0.005",
    "the second moments of the inputs, bias included, have a condition number of at most "
    f"{LARGEST_CONDITION:g}",
)
MOMENTS = "moments of the output against those of the targets"


def law_prediction() -> UnitByUnit:
    """The angle in units of the law, at `LAW_LEVELS`."""
    return UnitByUnit(
        formula=sympy.Eq(THETA, MU * sympy.sin(BETA) / 3),
        symbols=(
            Symbol(THETA, "angle of the neurons to the line of v", "radian"),
            Symbol(MU, MOMENTS),
            Symbol(BETA, "angle between v and C v", "radian"),
        ),
        assumptions=ASSUMPTIONS,
        margin=0.15,
        margin_reason="the exact flow of one neuron deviates from the law by at most 7 % at these "
        "μ, the next order of the activation added up to 8 % in a pilot on other data; a factor of "
        "1/2 instead of 1/3 is 50 % away",
    )


def quiet_prediction() -> Bound:
    """Neurons within 5° until the moments of the output are a quarter of those of y."""
    return Bound(
        formula=sympy.Le(THETA, WITHIN),
        symbols=(
            Symbol(
                THETA, f"angle of the farthest neuron to the line of v at μ = {QUIET}", "degree"
            ),
        ),
        assumptions=ASSUMPTIONS,
        margin=0.0,
        margin_reason="the law has at most 4.8° there and the exact flow at most 4.6° at these "
        "condition numbers: what is left to 5° is the margin",
        unit="degree",
    )


def leaving_prediction() -> UnitByUnit:
    """μ at which neurons pass 5°, in units of the exact flow's."""
    predicted = sympy.Symbol("μ_5", positive=True)
    return UnitByUnit(
        formula=sympy.Eq(MU, predicted),
        symbols=(
            Symbol(MU, f"{MOMENTS} when neurons pass 5°"),
            Symbol(predicted, "the same in the exact flow of one neuron"),
        ),
        assumptions=ASSUMPTIONS,
        margin=0.1,
        margin_reason="the next order of the activation moved the passage by up to 5 % in a pilot "
        "on other data; the law of first order, prolonged, misses it by 10 to 40 %",
    )


def departure_steps() -> tuple[Step, ...]:
    """The law of first order, its factors by sympy.

    Raises:
        ArithmeticError: they do not solve the equations.
    """
    v, across, time = sympy.symbols("v c_⊥ τ", positive=True)
    angle, size = sympy.Function("θ")(time), sympy.Function("s")(time)
    factor = _factor(v, across)
    return (
        Step(
            "For p = 1 neurons are pulled by v − C W, v the mean of y x̃, C that of x̃ x̃ᵀ and "
            "W = Σ aⱼ wⱼ. Once condensed W = s v/|v|, and C v/|v| has the part c_⊥ across v. "
            "With |a| = |w| the output grows to leading order by",
            sympy.Eq(sympy.Derivative(size, time), 2 * v * size),
        ),
        Step(
            "while growth turns neurons back to v and the output turns them away:",
            sympy.Eq(sympy.Derivative(angle, time), -v * angle - across * size),
        ),
        Step("so the angle follows the output,", sympy.Eq(sympy.Abs(angle), factor * size)),
        Step(
            "and with the moments of the output μ = |C W|/|v| and the angle β between v and C v",
            sympy.Eq(THETA, MU * sympy.sin(BETA) / 3),
        ),
        Step("which is 5° no earlier than", sympy.Eq(MU, sympy.pi / 12)),
    )


def _factor(v: sympy.Symbol, across: sympy.Symbol) -> sympy.Expr:
    """k of θ = −k s in s′ = 2 v s and θ′ = −v θ − s c_⊥."""
    k = sympy.Symbol("k")
    (found,) = sympy.solve(sympy.Eq(-k * 2 * v * SIZE, v * k * SIZE - SIZE * across), k)
    if found != across / (3 * v):
        raise ArithmeticError(f"the law has the factor {found}")
    return found
