"""At most 2p orientations on the ℓ∞ square for one input, for any p: a proof.

Under Adam a neuron ends where |H| has a local maximum on the boundary of the square
max(|w|, |b|) = 1, H being a form of degree p in (w, b). Opposite sides are mirror images, so half
of the boundary has all lines: the right side, f(t) = H(1, t), and the top, g(s) = H(s, 1), each
from −1 to 1. Source: our derivation; arXiv:2105.11686 has the bound for the circle.
"""

import functools

import sympy

from theory.condensation.forms.leading_form import B, T, W, leading_form
from theory.prediction import Bound, Step, Symbol

TOLERATED = 1e-3  # of random forms: their number is limited by computing time alone
P = sympy.Symbol("p", integer=True, positive=True)
S, PSI = sympy.symbols("s ψ", real=True)
ORIENTATIONS, MAXIMA, MINIMA = sympy.symbols("N n_max n_min", integer=True)
RIGHT, TOP, CORNERS, ZEROS = sympy.symbols("n_right n_top n_corner n_zero", integer=True)
ZEROS_RIGHT, ZEROS_TOP, ZEROS_CORNER = sympy.symbols("z_right z_top z_corner", integer=True)
NOT_RIGHT, NOT_TOP = sympy.symbols("d_right d_top", integer=True)


def form_bound(less: int = 0) -> Bound:
    """Random forms have at most 2p maxima of |H| on the square; a tightened bound is ``less``."""
    return Bound(
        formula=sympy.Le(ORIENTATIONS, 2 * P - less),
        symbols=(
            Symbol(
                ORIENTATIONS,
                "local maxima of |H| on the boundary of the square, opposite ones included",
            ),
            Symbol(P, "degree of the form H(w, b)"),
        ),
        assumptions=("H is a form of degree p in two variables", "no side has a constant H"),
        margin=0.0,
        margin_reason="a count has no rounding: one maximum more than the bound violates it",
        unit="orientations",
        tolerated_rate=TOLERATED,
    )


@functools.cache
def slopes_add_up(p: int) -> bool:
    """Whether t f′/f + s g′/g = p for the general form of degree p, where s = 1/t."""
    h = leading_form(p)
    f, g = h.subs({W: 1, B: T}), h.subs({W: S, B: 1})
    reverse = T**p * g.subs(S, 1 / T)  # f itself, so that both sides can be multiplied by it
    both = T * sympy.diff(f, T) + T**p * (S * sympy.diff(g, S)).subs(S, 1 / T)
    return sympy.expand(f - reverse) == 0 and sympy.expand(both - p * f) == 0


def square_bound_steps(p: int = 3) -> tuple[Step, ...]:
    """Why there are at most 2p orientations; the one identity is checked for a p.

    Raises:
        ArithmeticError: the identity is wrong, or the counts do not add up.
    """
    if not slopes_add_up(p):
        raise ArithmeticError("the slopes on the two sides do not add up to p")
    return (*_alternation_steps(), *_rolle_steps())


def _alternation_steps() -> tuple[Step, ...]:
    """Maxima of |H| by its zeros and by its critical points."""
    f, g = sympy.Function("f"), sympy.Function("g")
    return (
        Step(
            "Write f(t) = H(1, t) on the right side of the square and g(s) = H(s, 1) on its top. "
            "One polynomial is the reverse of the other, so at s = 1/t",
            sympy.Eq(T * f(T).diff(T) / f(T) + S * g(S).diff(S) / g(S), P),
        ),
        Step(
            "With ψ = t f′(t)/f(t) at a corner t = ±1, the slope of log |H| falls there by p, from "
            "ψ on the way out of the right side to ψ − p on the way into the top. So no corner is "
            "a minimum of |H| unless H = 0 there, and it is a maximum where",
            sympy.And(sympy.Lt(0, PSI), sympy.Lt(PSI, P)),
        ),
        Step(
            "Around the lines of directions maxima and minima of |H| alternate. Minima are the "
            "zeros of H and n_min others, which lie inside the sides:",
            sympy.Eq(MAXIMA, ZEROS + MINIMA),
        ),
        Step(
            "Maxima that are no corners and these n_min are roots of f′ or of g′ inside the sides, "
            "n_right and n_top in number; both equations together give",
            sympy.Eq(2 * MAXIMA, RIGHT + TOP + CORNERS + ZEROS),
        ),
    )


def _rolle_steps() -> tuple[Step, ...]:
    """How many critical points there can be inside the sides, beside the zeros."""
    return (
        Step(
            "f′ has p − 1 roots, infinity included. By Rolle's theorem, going out from a corner, "
            "one of them lies outside the side for each zero of f out there, z_top in number, if "
            "|H| rises on the way out or H = 0 at the corner, and for all but one of them if not, "
            "which is so at d_right corners, those with ψ ≤ 0:",
            sympy.Le(RIGHT, P - 1 - ZEROS_TOP + NOT_RIGHT),
        ),
        Step(
            "The same for g′, with the d_top corners where ψ ≥ p:",
            sympy.Le(TOP, P - 1 - ZEROS_RIGHT + NOT_TOP),
        ),
        Step(
            "Each of the two corners is one of these, or a maximum, or one of z_corner zeros:",
            sympy.Eq(NOT_RIGHT + NOT_TOP + CORNERS + ZEROS_CORNER, 2),
        ),
        Step(
            "With n_zero = z_right + z_top + z_corner everything cancels but p. (A strict maximum "
            "survives a small change of H, so forms with a multiple root have no more.)",
            sympy.Le(2 * MAXIMA, _added_up()),
        ),
        Step(
            "Each maximum of |H| is a line, with two directions and the sign of H at each, so",
            sympy.Le(ORIENTATIONS, 2 * P),
        ),
    )


def _added_up() -> sympy.Expr:
    """What the inequalities and the count of corners leave of n_right + n_top + n_corner + n_zero.

    Raises:
        ArithmeticError: something besides 2p.
    """
    total = RIGHT + TOP + CORNERS + ZEROS_RIGHT + ZEROS_TOP + ZEROS_CORNER
    total = total.subs({RIGHT: P - 1 - ZEROS_TOP + NOT_RIGHT, TOP: P - 1 - ZEROS_RIGHT + NOT_TOP})
    total = sympy.expand(total.subs(NOT_RIGHT, 2 - NOT_TOP - CORNERS - ZEROS_CORNER))
    if total != 2 * P:
        raise ArithmeticError(f"the inequalities add up to {total}, not to 2p")
    return total
