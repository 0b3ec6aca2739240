"""The first terms of an activation's one-sided expansions at 0, with exact coefficients.

Where the leading form of an activation vanishes on the data the next term governs; here are the
terms that follow.
"""

import functools
import math
from dataclasses import dataclass

import sympy

from theory.symbolic.guards.deadline import TimeLimit
from theory.symbolic.one_sided import MAX_ORDER, one_sided
from theory.symbolic.series import NoExpansionError

MAX_SECONDS = 5.0


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


@functools.lru_cache(maxsize=256)
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
    return _expanded(expression, count)[0]


@functools.lru_cache(maxsize=256)
@TimeLimit(MAX_SECONDS, "the expansion")
def complete_up_to(expression: sympy.Expr, count: int) -> int:
    """The order up to which `first_terms` tells all there is; a fractional one ends it.

    Raises:
        theory.symbolic.functions.ActivationError: it takes longer than 5 s.
    """
    return _expanded(expression, count)[1]


def _expanded(expression: sympy.Expr, count: int) -> tuple[tuple[Term, ...], int]:
    """The first terms, and the order up to which there are no others."""
    try:
        right, left = (one_sided(expression, side, max(count, 0)) for side in (+1, -1))
    except NoExpansionError:
        return (), 0
    terms, known = [], min(right.known, left.known)
    for order in sorted({*right.orders, *left.orders})[:count]:
        if order.denominator != 1 or order >= known:
            return tuple(terms), math.ceil(min(order, known)) - 1
        on_right, on_left = right.coefficient(order), left.coefficient(order)
        monomial = on_right.mirrors(on_left, int(order))
        terms.append(Term(int(order), on_right.expression(), on_left.expression(), monomial))
    if len(terms) == count:
        return tuple(terms), terms[-1].order if terms else 0
    return tuple(terms), min(MAX_ORDER, math.ceil(known) - 1)
