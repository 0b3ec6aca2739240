"""The limit on one side of 0 where there is no power series, such as that of x log|x|.

Every part of an expression gets an upper bound C t^order |log t|^logs of its distance from its
limit, or of itself where it has none: what is bounded times what vanishes vanishes. A limit that
these rules do not show is not claimed. Source: our derivation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy

from theory.symbolic.expansion import expand
from theory.symbolic.guards.deadline import check
from theory.symbolic.series import ONE, ZERO, NoExpansionError, Number, Series, UndeterminedError

_TERMS = 6
# Functions that are continuous wherever they are defined here, and those that are bounded.
_CONTINUOUS = ("exp", "sin", "cos", "sinh", "cosh", "tanh", "atan", "asinh", "erf", "erfc")
_BOUNDED = (sympy.sin, sympy.cos, sympy.tanh, sympy.atan, sympy.erf, sympy.erfc, sympy.sign)


@dataclass(frozen=True)
class _Part:
    """f = limit + O(t^order |log t|^logs), or |f| = O(…) where there is no limit."""

    limit: Number | None
    order: Fraction
    logs: int = 0

    @property
    def own(self) -> tuple[Fraction, int]:
        """Order and logarithms of a bound of f itself."""
        bounded = self.limit is not None and self.limit is not ZERO
        return (min(self.order, Fraction(0)), 0) if bounded else (self.order, self.logs)


def limit_beside(expression: sympy.Expr, side: int) -> Number | None:
    """The limit for x → 0 on one side (+1 or −1), None where these rules do not show it."""
    try:
        limit = _Rules(side).of(expression).limit
        return limit if limit is None or limit.ordinary else None
    except (NoExpansionError, UndeterminedError):
        return None


class _Rules:
    """One walk over an expression tree."""

    def __init__(self, side: int) -> None:
        self.side = side

    def of(self, node: sympy.Basic) -> _Part:
        check()
        assert isinstance(node, sympy.Expr)
        try:
            return self.of_series(*expand(node, self.side, _TERMS, exact=False))
        except NoExpansionError:
            return self.composite(node)

    def of_series(self, series: Series, ramification: int) -> _Part:
        if series.valuation < 0:
            return _Part(None, Fraction(max(series.valuation, -(10**9)), ramification))
        if series.known < 1:
            raise UndeterminedError
        last = min(series.known, _TERMS * ramification)
        following = (k for k in range(1, last) if series.coefficient(k) is not ZERO)
        order = next(following, last)
        return _Part(series.coefficient(0), Fraction(order, ramification))

    def composite(self, node: sympy.Expr) -> _Part:
        match node:
            case sympy.Add():
                return self.total([self.of(part) for part in node.args])
            case sympy.Mul():
                return self.product([self.of(part) for part in node.args])
            case sympy.Pow() if node.base == sympy.E:
                return self.continuous(self.of(node.exp), "exp")
            case sympy.Pow() if isinstance(node.exp, sympy.Integer):
                return self.power(self.of(node.base), int(node.exp))
            case sympy.Pow():
                if expand(node.base, self.side, _TERMS, exact=False)[0].sign() >= 0:
                    vanishing = self.vanishing_power(self.of(node.base), self.of(node.exp))
                    if vanishing is not None:
                        return vanishing
                exponent = self.product([self.of(node.exp), self.logarithm(node.base)])
                return self.continuous(exponent, "exp")
            case sympy.log():
                return self.logarithm(node.args[0])
            case sympy.Abs():
                inner = self.of(node.args[0])
                limit = inner.limit
                flipped = limit is not None and limit.approximate < 0
                return _Part(-limit if flipped and limit else limit, inner.order, inner.logs)
        name = type(node).__name__
        if name in _CONTINUOUS:
            inner = self.of(node.args[0])
            if inner.limit is not None:
                return self.continuous(inner, name)
        if isinstance(node, _BOUNDED):
            return _Part(None, Fraction(0))
        raise NoExpansionError("no limit found")

    def total(self, parts: Sequence[_Part]) -> _Part:
        if all(part.limit is not None for part in parts):
            limit = ZERO
            for part in parts:
                limit = limit + (part.limit or ZERO)
            return _Part(limit, *_largest([(part.order, part.logs) for part in parts]))
        return _Part(None, *_largest([part.own for part in parts]))

    def product(self, parts: Sequence[_Part]) -> _Part:
        order = sum((part.own[0] for part in parts), Fraction(0))
        logs = sum(part.own[1] for part in parts)
        if order > 0:
            return _Part(ZERO, order, logs)
        if any(part.limit is None for part in parts):
            return _Part(None, order, logs)
        limit = ONE
        for part in parts:
            limit = limit * (part.limit or ZERO)
        return _Part(limit, *_largest([(part.order, part.logs) for part in parts]))

    def power(self, base: _Part, exponent: int) -> _Part:
        if base.limit is not None and base.limit is not ZERO:
            limit = Number.of(base.limit.approximate**exponent, None)
            return _Part(limit, base.order, base.logs)
        if exponent < 0:
            raise NoExpansionError("no limit found")
        return _Part(base.limit, base.order * exponent, base.logs * exponent)

    def vanishing_power(self, base: _Part, exponent: _Part) -> _Part | None:
        """What tends to 0 from above to a power that tends to c > 0: O(t^(order c/2)) at least."""
        if base.limit is not ZERO or exponent.limit is None or exponent.limit.approximate <= 0:
            return None
        half = Fraction(str(float(exponent.limit.approximate))) / 2
        return _Part(ZERO, base.order * half)

    def continuous(self, inner: _Part, name: str) -> _Part:
        if inner.limit is None:
            raise NoExpansionError("no limit found")
        return _Part(inner.limit.map(name), inner.order, inner.logs)

    def logarithm(self, argument: sympy.Basic) -> _Part:
        """log of c t^k (1 + …) is k log t + log c + …"""
        assert isinstance(argument, sympy.Expr)
        series, ramification = expand(argument, self.side, _TERMS, exact=False)
        if series.sign() <= 0 or abs(series.valuation) > 10**6:
            raise NoExpansionError("no limit found")
        if series.valuation == 0:
            inner = self.of_series(series, ramification)
            return _Part(series.coefficient(0).map("log"), inner.order)
        return _Part(None, Fraction(0), 1)


def _largest(bounds: list[tuple[Fraction, int]]) -> tuple[Fraction, int]:
    """The bound of a sum: the lowest order, of these the most logarithms."""
    order = min(order for order, _ in bounds)
    return order, max(logs for one, logs in bounds if one == order)
