"""An activation function, its leading homogeneous part at 0 and its multiplicity.

Zhou et al., "Towards Understanding the Condensation of Neural Networks at Initial Training"
(2022), Definition 1: the multiplicity p of σ is the smallest k ≥ 1 with σ^(k)(0) ≠ 0. The
leading part on each side, σ(x) − σ(0) ~ c₊ x^p for x > 0 and c₋ |x|^q for x < 0, extends it to
kinked activations.
"""

import functools
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import sympy

from theory.symbolic.functions import ActivationError, X
from theory.symbolic.guards.deadline import TimeLimit
from theory.symbolic.guards.library_errors import refused
from theory.symbolic.leading_terms import Term, complete_up_to, first_terms
from theory.symbolic.limits import limit_beside
from theory.symbolic.one_sided import MAX_ORDER, one_sided
from theory.symbolic.parsing import MAX_SECONDS, parse
from theory.symbolic.series import NoExpansionError, Number

__all__ = ["Activation", "ActivationError", "Leading", "Term", "X", "activation", "parse"]


@dataclass(frozen=True)
class Leading:
    """c |x|^order on one side of 0, sign included.

    A coefficient 0 means that σ(x) − σ(0) vanishes on that side (the left of ReLU); the order
    is then that of the other side.
    """

    order: int
    coefficient: sympy.Expr


@dataclass(frozen=True)
class Activation:
    """An activation function and what condensation theory needs of it.

    Attributes:
        expression: σ in the symbol `X`.
        name: the text as given.
        value_at_zero: the limit of σ at 0, None where there is none.
        right: leading part for x > 0, None where there is no power expansion.
        left: the same for x < 0, in |x|.
        multiplicity: p, or None.
        reason: why there is no multiplicity, None when there is one.
    """

    expression: sympy.Expr
    name: str
    value_at_zero: sympy.Expr | None
    right: Leading | None
    left: Leading | None
    multiplicity: int | None
    reason: str | None

    @property
    def bound(self) -> int | None:
        """2p, the claimed maximum number of condensed orientations."""
        return None if self.multiplicity is None else 2 * self.multiplicity

    @property
    def orders_differ(self) -> bool:
        """Whether a side has a leading part of higher order than the one that governs."""
        sides = [side for side in (self.right, self.left) if side is not None and side.coefficient]
        return len({side.order for side in sides}) > 1

    @property
    def leading_coefficient(self) -> sympy.Expr | None:
        """c₊ = σ^(p)(0)/p! where there is a multiplicity."""
        if self.multiplicity is None or self.right is None:
            return None
        return self.right.coefficient

    @property
    def next_known(self) -> bool:
        """Whether `terms` can tell what follows the leading part, if only that nothing does."""
        return True

    def known_up_to(self, count: int) -> int:
        """The order up to which the first ``count`` terms are all there are."""
        return 0 if self.value_at_zero is None else complete_up_to(self.expression, count)

    def terms(self, count: int) -> tuple[Term, ...]:
        """The first terms of both one-sided expansions after σ(0), exact, by increasing order.

        There are fewer than ``count`` where no more follow up to order 32, or one of fractional
        order does, and none where a side has no expansion or σ is discontinuous at 0.
        """
        return () if self.value_at_zero is None else first_terms(self.expression, count)


@functools.lru_cache(maxsize=256)
@TimeLimit(MAX_SECONDS, "the analysis")
def activation(text_or_expression: str | sympy.Expr) -> Activation:
    """Analyze an activation function at 0.

    Args:
        text_or_expression: text for `parse`, or a sympy expression in one symbol.

    Raises:
        ActivationError: the text is refused, the expression has other symbols, or the analysis
            takes longer than 5 s.
    """
    with refused():
        if isinstance(text_or_expression, str):
            expression, name = parse(text_or_expression), text_or_expression.strip()
        else:
            expression, name = _in_x(text_or_expression), str(text_or_expression)
        return _analyze(expression, name)


def _in_x(expression: sympy.Expr) -> sympy.Expr:
    symbols = sorted(expression.free_symbols, key=str)
    if len(symbols) > 1:
        names = ", ".join(map(str, symbols))
        raise ActivationError(f"an activation has one variable, not {names}")
    return cast(sympy.Expr, expression.xreplace(dict.fromkeys(symbols, X)))


def _analyze(expression: sympy.Expr, name: str) -> Activation:
    sides = [_side(expression, sign) for sign in (+1, -1)]
    value = _value_at_zero(sides)
    leading, failure = _leading_parts(sides)
    reason = failure or _difference(expression, sides, *leading)
    multiplicity = leading[0].order if reason is None and leading[0] is not None else None
    return Activation(expression, name, value, *leading, multiplicity, reason)


@dataclass(frozen=True)
class _Side:
    """One side of 0: the limit of σ, and the order and coefficient of what follows it.

    Where nothing follows it is zero up to the order ``examined``.
    """

    limit: Number | None = None
    order: Fraction | None = None
    coefficient: Number | None = None
    failure: str | None = None
    examined: int = MAX_ORDER


def _side(expression: sympy.Expr, sign: int) -> _Side:
    try:
        found = one_sided(expression, sign)
    except NoExpansionError as error:
        return _Side(limit_beside(expression, sign), failure=str(error))
    if not all(number.ordinary for number in (found.limit, *found.coefficients)):
        return _Side(failure="its terms at 0 are too large or too small for double precision")
    if not found.orders:
        return _Side(found.limit, examined=min(MAX_ORDER, math.ceil(found.known) - 1))
    return _Side(found.limit, found.orders[0], found.coefficients[0])


def _value_at_zero(sides: list[_Side]) -> sympy.Expr | None:
    right, left = (side.limit for side in sides)
    if right is None or left is None or not right.equals(left):
        return None
    return right.expression()


def _leading_parts(
    sides: list[_Side],
) -> tuple[tuple[Leading | None, Leading | None], str | None]:
    """Both leading parts, and why they are incomplete if they are."""
    orders = [
        side.order for side in sides if side.order is not None and side.order.denominator == 1
    ]
    parts, failures = [], []
    for side in sides:
        if side.failure or side.limit is None:
            part, failure = None, side.failure
        elif side.order is None or side.coefficient is None:
            # Zero on this side; its order is the other side's.
            part = Leading(int(orders[0]), sympy.Integer(0)) if orders else None
            failure = None
        elif side.order.denominator != 1:
            part, failure = None, f"the leading order is {side.order}, no integer"
        else:
            part = Leading(int(side.order), side.coefficient.expression())
            failure = None
        parts.append(part)
        failures.append(failure)
    failure = "; ".join(
        f"for {where}: {failure}"
        for where, failure in zip(("x>0", "x<0"), failures, strict=True)
        if failure
    )
    if failures[0] == failures[1]:
        failure = failures[0]
    right, left = (side.limit for side in sides)
    if not failure and right is not None and left is not None and not right.equals(left):
        failure = (
            f"discontinuous at 0: {float(right.approximate):g} from the right, "
            f"{float(left.approximate):g} from the left"
        )
    return (parts[0], parts[1]), failure or None


def _difference(
    expression: sympy.Expr, sides: list[_Side], right: Leading | None, left: Leading | None
) -> str | None:
    """Why the two leading parts are not those of one monomial, None if they are."""
    if right is None or left is None:
        if not expression.has(X):
            return "constant"
        examined = min(side.examined for side in sides)
        return f"flat at 0: no term up to order {examined}, where the analysis ends"
    if _is_monomial(*sides):
        return None
    texts = f"{_text(right, 'x')} for x>0, {_text(left, '|x|')} for x<0"
    return f"one-sided expansions differ: {texts}"


def _is_monomial(right: _Side, left: _Side) -> bool:
    """Are the leading parts those of one c x^p? Decided on the numbers: exact forms may differ."""
    if right.coefficient is None or left.coefficient is None or right.order != left.order:
        return False
    return right.order is not None and right.coefficient.mirrors(left.coefficient, int(right.order))


def _text(leading: Leading, variable: str) -> str:
    if leading.coefficient == 0:
        return "0"
    power = "" if leading.order == 1 else f"^{leading.order}"
    exact = str(leading.coefficient)
    number = exact if len(exact) <= 12 else f"{float(leading.coefficient):.6g}"
    return f"{number}·{variable}{power}"
