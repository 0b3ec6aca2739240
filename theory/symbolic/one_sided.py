"""A function on one side of 0: its limit and the first terms after it, with exact coefficients.

Exact arithmetic is slow on many terms, so numbers of 300 digits tell first how many orders are
needed, and only these are computed exactly.
"""

from dataclasses import dataclass
from fractions import Fraction

import sympy

from theory.symbolic.expansion import expand
from theory.symbolic.series import ZERO, NoExpansionError, Number, Series

# Orders tried one after the other: most activations show their first terms at once.
_TRIED = (4, 10, 36)
MAX_ORDER = 32  # terms of higher order count as zero


@dataclass(frozen=True)
class OneSided:
    """limit + Σ coefficient · |x|^order, with the terms in ``known`` orders.

    Attributes:
        limit: of the function at 0.
        orders: of the first terms after the limit, increasing.
        coefficients: theirs, none of them 0.
        known: the order from which on nothing is known. Below it there are more terms only
            where as many as were wanted have been found.
    """

    limit: Number
    orders: tuple[Fraction, ...]
    coefficients: tuple[Number, ...]
    known: Fraction

    def coefficient(self, order: Fraction) -> Number:
        return dict(zip(self.orders, self.coefficients, strict=True)).get(order, ZERO)


def one_sided(expression: sympy.Expr, side: int, wanted: int = 1) -> OneSided:
    """The limit at 0 and the first terms after it.

    Args:
        expression: in the symbol `theory.symbolic.functions.X`.
        side: +1 for x > 0, −1 for x < 0.
        wanted: number of terms. There are fewer where no more follow up to order 32, or where
            the next ones are too large to compute.

    Raises:
        NoExpansionError: there is no power series, or the function is infinite at 0.
    """
    rough = _rough(expression, side, wanted)
    last = rough.orders[-1] if rough.orders else Fraction(0)
    for orders in _TRIED:
        try:
            series, ramification = expand(expression, side, orders)
        except NoExpansionError:
            continue
        if series.known > last * ramification:
            found = [series.coefficient(int(order * ramification)) for order in rough.orders]
            return OneSided(series.coefficient(0), rough.orders, tuple(found), rough.known)
    raise NoExpansionError("no expansion at 0")


def _rough(expression: sympy.Expr, side: int, wanted: int) -> OneSided:
    """The same without exact forms, from the fewest orders that show the wanted terms."""
    found, failure = None, ""
    for orders in _TRIED:
        try:
            series, ramification = expand(expression, side, orders, exact=False)
            failure = ""
        except NoExpansionError as error:
            failure = str(error)
            continue
        if series.terms and series.valuation < 0:
            raise NoExpansionError("infinite at 0")
        if series.known > 0:
            found = _read(series, ramification, wanted)
            if len(found.orders) == wanted:
                break
    if found is None or (failure and not found.orders):
        raise NoExpansionError(failure or "no expansion at 0")
    return found


def _read(series: Series, ramification: int, wanted: int) -> OneSided:
    limit, *rest = series.dense(MAX_ORDER * ramification + 1)
    present = [
        (Fraction(order, ramification), term)
        for order, term in enumerate(rest, start=1)
        if term.approximate and order <= MAX_ORDER * ramification
    ][:wanted]
    orders, coefficients = tuple(o for o, _ in present), tuple(c for _, c in present)
    return OneSided(limit, orders, coefficients, Fraction(series.known, ramification))
