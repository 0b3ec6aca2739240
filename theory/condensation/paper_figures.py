"""What the figures of arXiv:2105.11686 report, as predictions for other seeds at its settings.

The paper counts by eye, on one training for each panel. The prediction that we make of it: what is
reported is the usual result, the one of more than half of the seeds.
"""

import sympy

from theory.condensation.forms.leading_form import C
from theory.prediction import Count, Step, Symbol

LEFT = 0.05  # share of the mean square of f − mean f that the best polynomial may leave

MARGIN_REASON = (
    "a count has no rounding; what a figure reports is taken for the usual result, that of more "
    "than half of the seeds"
)
SETTINGS = (
    "the settings of the paper: Adam with torch's defaults on all data at once, every initial "
    "weight from N(0, ε²), number of epochs and learning rate as published",
    "where we chose a setting ourselves the notes say so",
)
N = sympy.Symbol("N", integer=True, nonnegative=True)
P = sympy.Symbol("p", integer=True, positive=True)
Q = sympy.Symbol("q", integer=True, nonnegative=True)


def reported_groups(kind: str, number: int) -> Count:
    """``number`` of "lines" or "directions", which groups of neurons form."""
    return Count(
        formula=sympy.Eq(N, number),
        symbols=(Symbol(N, f"number of {kind} along which groups of input weights point"),),
        assumptions=SETTINGS,
        margin=0.0,
        margin_reason=MARGIN_REASON,
        unit=kind,
    )


def reported_degree(number: int) -> Count:
    """The output is a polynomial of this degree."""
    return Count(
        formula=sympy.Eq(Q, number),
        symbols=(
            Symbol(
                Q,
                "lowest degree of a polynomial that differs from the output f by at most "
                f"{LEFT:.0%} of the mean square of f − mean f",
            ),
        ),
        assumptions=SETTINGS,
        margin=0.0,
        margin_reason=MARGIN_REASON,
        unit="degrees",
    )


def lines_steps() -> tuple[Step, ...]:
    """From the bound on directions to the number of lines that the figures show."""
    bound = sympy.Symbol("N_directions", integer=True, nonnegative=True)
    return (
        Step("The paper expects at most 2p directions, two on every line,", sympy.Le(bound, 2 * P)),
        Step(
            "and its figures show as many lines as there can be; for ReLU, which has no "
            "multiplicity, three directions, two of them opposite.",
            sympy.Eq(N, P),
        ),
    )


def degree_steps() -> tuple[Step, ...]:
    """Why the output of a network with small weights is a polynomial of degree p, one input."""
    x, j, m = sympy.Symbol("x"), sympy.Symbol("j", integer=True), sympy.Symbol("m", integer=True)
    w, b, a = (sympy.Indexed(name, j) for name in ("w", "b", "a"))
    output = sympy.Sum(a * C * (w * x + b) ** P, (j, 1, m))
    return (
        Step(
            "While all weights are small every neuron is a power of its argument, so the output "
            "is a polynomial of degree p, and of no lower one if the w differ from 0:",
            sympy.Eq(sympy.Function("f")(x), output),
        ),
        Step("The degree of the output is the multiplicity.", sympy.Eq(Q, P)),
    )
