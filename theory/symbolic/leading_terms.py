"""The first terms of an activation's one-sided expansions at 0, with exact coefficients.

Where the leading form of an activation vanishes on the data the next term governs; here are the
terms that follow. They come from the same arithmetic as the leading parts,
`theory.symbolic.expansion`.
"""

from dataclasses import dataclass
from fractions import Fraction

import sympy

from theory.symbolic.deadline import TimeLimit
from theory.symbolic.expansion import expand
from theory.symbolic.series import NoExpansionError, Number, Series

# Orders tried one after the other: most activations show their first terms at once.
TRIED = (4, 10, 36)
MAX_SECONDS = 5.0
MAX_ORDER = 32  # terms of higher order count as zero


@dataclass(frozen=True)
class Term:
    """right · x^order for x > 0 and left · |x|^order for x < 0; one of them may be 0.

    Attributes:
        monomial: whether the two sides are those of one c x^order.
    """

    order: int
    right: sympy.Expr
    left: sympy.Expr
    monomial: bool


@TimeLimit(MAX_SECONDS, "the expansion")
def first_terms(expression: sympy.Expr, count: int) -> tuple[Term, ...]:
    """The first terms after the constant, by increasing order, at most ``count`` of them.

    There are fewer where a term of fractional order follows (the list ends before it), where none
    follows up to order 32, or where a side has no expansion (then there are none).

    Args:
        expression: in the symbol `theory.symbolic.functions.X`.

    Raises:
        theory.symbolic.functions.ActivationError: it takes longer than 5 s.
    """
    if count < 1:
        return ()
    orders: list[Fraction] = []
    for tried in TRIED:
        sides = _both(expression, tried, exact=False)
        if sides is None:
            continue
        orders, complete = _orders(sides, count)
        if complete or tried == TRIED[-1]:
            break
    # Exact arithmetic is slow on many terms: only now is it known how many are enough.
    for tried in TRIED:
        sides = _both(expression, tried, exact=True) if orders else None
        if sides is not None and min(_known(side) for side in sides) > orders[-1]:
            return tuple(_term(sides, int(order)) for order in orders)
    return ()


Sides = tuple[tuple[Series, int], tuple[Series, int]]


def _both(expression: sympy.Expr, tried: int, *, exact: bool) -> Sides | None:
    try:
        right, left = (expand(expression, side, tried, exact=exact) for side in (+1, -1))
    except NoExpansionError:
        return None
    if any(series.terms and series.valuation < 0 for series, _ in (right, left)):
        return None
    return right, left


def _orders(sides: Sides, count: int) -> tuple[list[Fraction], bool]:
    """Orders of the first terms, and whether more would not change them."""
    known = min(_known(side) for side in sides)
    present = sorted(
        {
            Fraction(order, ramification)
            for series, ramification in sides
            for order, term in enumerate(series.dense())
            if term.approximate and 0 < Fraction(order, ramification) < known
        }
    )
    orders: list[Fraction] = []
    for order in present:
        if order.denominator != 1 or order > MAX_ORDER:
            return orders, True
        orders.append(order)
        if len(orders) == count:
            return orders, True
    return orders, False


def _known(side: tuple[Series, int]) -> Fraction:
    """The order from which on nothing is known."""
    series, ramification = side
    return Fraction(series.known, ramification)


def _term(sides: Sides, order: int) -> Term:
    right, left = (series.coefficient(order * ramification) for series, ramification in sides)
    return Term(order, right.expression(), left.expression(), mirrored(right, left, order))


def mirrored(right: Number, left: Number, order: int) -> bool:
    """Whether two sides are those of one monomial. Decided on numbers: exact forms may differ."""
    other = -right if order % 2 else right
    return not (left + (-other)).approximate
