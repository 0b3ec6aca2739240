"""One-sided power series at 0 by exact truncated arithmetic.

`expand` substitutes x = +t or x = -t with small t > 0 and carries the expression tree out on
truncated Laurent series in t, so that every |x|, sign, Max and Piecewise is decided by the
sign of a leading coefficient. It replaces `sympy.series`, `limit` and `diff(...).subs(x, 0)`:
these give wrong one-sided values for ELU, SELU and hard-swish, and may run without end, whereas
the work done here is bounded by the size of the expression. Fractional powers are covered by
the substitution x = ±t^r with r the product of the exponents' denominators.
"""

from collections.abc import Callable
from fractions import Fraction

import sympy

from theory.symbolic.functions import X
from theory.symbolic.series import (
    FLAT,
    MINUS_ONE,
    ONE,
    ZERO,
    NoExpansionError,
    Number,
    Series,
    UndeterminedError,
)
from theory.symbolic.special_series import special_series
from theory.symbolic.spelling.quotes import quoted

_MAX_RAMIFICATION = 12
_LONGEST = 200  # coefficients: work grows with their square


def expand(
    expression: sympy.Expr, side: int, terms: int, *, exact: bool = True
) -> tuple[Series, int]:
    """Expand an expression in `X` on one side of 0.

    Args:
        expression: built from the functions that the parser knows.
        side: +1 for x = t^r, -1 for x = -t^r, with t > 0.
        terms: orders in |x| that the arithmetic carries; cancellation loses some.
        exact: keep the exact form of short coefficients; without it, it is several times faster.

    Returns:
        The series in t, and r.

    Raises:
        NoExpansionError: where there is no such series, or more terms would be needed.
    """
    ramification = _ramification(expression)
    try:
        length = min(terms * ramification, _LONGEST)
        expander = _Expander(side, ramification, length, exact)
        return expander.of(expression), ramification
    except UndeterminedError:
        raise NoExpansionError(f"no expansion at 0 within {terms} orders") from None


def _ramification(expression: sympy.Expr) -> int:
    product = 1
    for power in expression.atoms(sympy.Pow):
        if power.base.has(X) and isinstance(power.exp, sympy.Rational):
            product *= int(power.exp.q)
    if product > _MAX_RAMIFICATION:
        raise NoExpansionError("no expansion at 0: too many fractional powers")
    return product


class _Expander:
    """One walk over an expression tree; equal subtrees are expanded once."""

    def __init__(self, side: int, ramification: int, length: int, exact: bool) -> None:
        self.length = length
        self.exact = exact
        seed = Number.integer(side) if exact else Number.integer(side).inexact()
        self.memo: dict[sympy.Basic, Series] = {X: self.monomial(seed, ramification)}

    def monomial(self, coefficient: Number, order: int) -> Series:
        return Series.of(order, [coefficient] + [ZERO] * (self.length - 1))

    def constant(self, coefficient: Number) -> Series:
        return Series.nothing() if coefficient is ZERO else self.monomial(coefficient, 0)

    def of(self, node: sympy.Basic) -> Series:
        if node not in self.memo:
            self.memo[node] = (
                self.constant(self.number(node)) if _is_constant(node) else (self.composite(node))
            )
        return self.memo[node]

    def number(self, node: sympy.Basic) -> Number:
        if isinstance(node, sympy.Rational):
            return Number.fraction(_as_fraction(node))
        assert isinstance(node, sympy.Expr)
        number = Number.constant(node)
        return number if self.exact else number.inexact()

    def composite(self, node: sympy.Basic) -> Series:
        match node:
            case sympy.Add() | sympy.Mul():
                total, *rest = [self.of(argument) for argument in node.args]
                for term in rest:
                    total = total + term if isinstance(node, sympy.Add) else total * term
                return total
            case sympy.Pow():
                return self.power(node.base, node.exp)
            case sympy.Max() | sympy.Min():
                return self.extremum(node)
            case sympy.Piecewise():
                return self.piecewise(node)
            case sympy.tanh() if isinstance(node.args[0], sympy.log):
                return self.tanh_of_log(self.of(node.args[0].args[0]))
        rule = _RULES.get(type(node))
        if rule is None:
            special = special_series(self, node)
            if special is not None:
                return special
            raise NoExpansionError(f"the function {type(node).__name__} is not supported")
        argument = self.of(node.args[0])
        result = rule(self, argument)
        return self.constant(result.coefficient(0)) if argument.exactly_zero else result

    def power(self, base: sympy.Basic, exponent: sympy.Basic) -> Series:
        if base == sympy.E:
            return self.exp(self.of(exponent))
        if isinstance(exponent, sympy.Integer) and 0 < exponent <= 4:
            result = factor = self.of(base)
            for _ in range(int(exponent) - 1):
                result = result * factor
            return result
        if isinstance(exponent, sympy.Rational):
            return self.of(base).power(_as_fraction(exponent))
        return self.general_power(self.of(base), self.of(exponent))

    def general_power(self, base: Series, exponent: Series) -> Series:
        """With any real exponent: 0 to a positive one is 0."""
        if exponent.valuation == 0 and exponent.sign() > 0:
            if base.exactly_zero:
                return base
            if base.valuation > 0:
                raise NoExpansionError(
                    "no expansion at 0: an exponent is no constant fraction; one near it has an "
                    "expansion, such as 3.1 for pi"
                )
        return self.exp(exponent * self.log(base))

    def extremum(self, node: sympy.Basic) -> Series:
        wanted = 1 if isinstance(node, sympy.Max) else -1
        best, *rest = [self.of(argument) for argument in node.args]
        for series in rest:
            difference = series - best
            try:
                best = series if difference.sign() == wanted else best
            except UndeterminedError:  # a tie as far as both are known: either serves so far
                best = best.truncated(difference.known)
        return best

    def compare(self, left: sympy.Basic, right: sympy.Basic) -> int:
        """Sign of left - right for small t > 0."""
        if left == right:
            return 0
        return (self.of(left) - self.of(right)).sign()

    def piecewise(self, node: sympy.Basic) -> Series:
        """The first case that holds; of those that may hold, what they have in common."""
        possible, covered = list[sympy.Basic](), False
        for case in node.args:
            try:
                covered = self.holds(case.args[1])
            except UndeterminedError:
                possible.append(case.args[0])
                continue
            if covered:
                possible.append(case.args[0])
                break
        if not covered:
            if possible:
                raise UndeterminedError
            raise NoExpansionError("no case of Piecewise covers this side of 0")
        first, *rest = [self.of(branch) for branch in possible]
        for series in rest:
            difference = series - first
            if difference.terms:
                raise UndeterminedError
            first = first.truncated(difference.known)
        return first

    def holds(self, condition: sympy.Basic) -> bool:
        match condition:
            case sympy.logic.boolalg.BooleanTrue():
                return True
            case sympy.logic.boolalg.BooleanFalse():
                return False
            case sympy.And():
                return not self.some(condition.args, False)
            case sympy.Or():
                return self.some(condition.args, True)
            case sympy.Not():
                return not self.holds(condition.args[0])
        signs = _HOLDS_FOR.get(type(condition))
        if signs is None:
            raise NoExpansionError(f"the condition {quoted(str(condition))} is not supported")
        return self.compare(condition.args[0], condition.args[1]) in signs

    def some(self, conditions: tuple[sympy.Basic, ...], wanted: bool) -> bool:
        """Is one of them as wanted? It may be told though others are undetermined."""
        undetermined = False
        for condition in conditions:
            try:
                if self.holds(condition) is wanted:
                    return True
            except UndeterminedError:
                undetermined = True
        if undetermined:
            raise UndeterminedError
        return False

    # Elementary functions of a series u.

    def exp(self, u: Series) -> Series:
        if u.terms and u.valuation < 0:
            # exp(-1/t^k) vanishes faster than every power, exp(1/t^k) exceeds all of them.
            return Series(-u.sign() * FLAT, (ONE,))
        coefficients = u.dense(self.length)
        powers = [coefficients[0].map("exp") if coefficients else _unknown()]
        for n in range(1, len(coefficients)):
            total = ZERO
            for k in range(1, n + 1):
                if coefficients[k] is not ZERO and powers[n - k] is not ZERO:
                    total = total + Number.integer(k) * coefficients[k] * powers[n - k]
            powers.append(total / Number.integer(n))
        return Series.of(0, powers)

    def log(self, u: Series) -> Series:
        if u.exactly_zero:
            raise NoExpansionError("infinite at 0")
        if u.sign() < 0:
            raise NoExpansionError("the logarithm of a negative argument is not real")
        if u.valuation != 0:
            raise NoExpansionError("no expansion at 0: log of an argument that tends to 0 or ∞")
        return (u.derivative() * u.inverse()).integral(u.terms[0].map("log"), self.length)

    def sine_cosine(self, u: Series) -> tuple[Series, Series]:
        if u.terms and u.valuation < 0:
            raise NoExpansionError("no expansion at 0: it oscillates without end")
        coefficients = u.dense(self.length)
        first = coefficients[0] if coefficients else _unknown()
        sine, cosine = [first.map("sin")], [first.map("cos")]
        for n in range(1, len(coefficients)):
            up, down = ZERO, ZERO
            for k in range(1, n + 1):
                if coefficients[k] is not ZERO:
                    weight = Number.integer(k) * coefficients[k] / Number.integer(n)
                    up, down = up + weight * cosine[n - k], down + weight * sine[n - k]
            sine.append(up)
            cosine.append(-down)
        return Series.of(0, sine), Series.of(0, cosine)

    def tan(self, u: Series) -> Series:
        sine, cosine = self.sine_cosine(u)
        return sine * cosine.inverse()

    def hyperbolic(self, u: Series, sign: int) -> Series:
        """sinh (sign -1) or cosh (sign +1)."""
        half = self.constant(Number.fraction(Fraction(1, 2)))
        up, down = self.exp(u), self.exp(-u)
        return half * (up + down if sign > 0 else up - down)

    def tanh_of_log(self, v: Series) -> Series:
        """tanh(log v) = (v² − 1)/(v² + 1), also where v tends to 0 or ∞."""
        if v.sign() < 0:
            raise NoExpansionError("the logarithm of a negative argument is not real")
        one, square = self.constant(ONE), v * v
        return (square - one) * (square + one).inverse()

    def tanh(self, u: Series) -> Series:
        one = self.constant(ONE)
        if u.terms and u.valuation < 0:
            return one if u.sign() > 0 else -one
        grown = self.exp(u + u)
        return (grown - one) * (grown + one).inverse()

    def erf(self, u: Series) -> Series:
        if u.terms and u.valuation < 0:
            return self.constant(ONE if u.sign() > 0 else MINUS_ONE)
        scale = self.constant(Number.constant(2 / sympy.sqrt(sympy.pi)))
        return self.primitive(u, "erf", scale * self.exp(-(u * u)))

    def primitive(self, u: Series, name: str, outer_derivative: Series) -> Series:
        """f(u) from f'(u): the integral of f'(u) u'."""
        if u.terms and u.valuation < 0:
            raise NoExpansionError(f"no expansion at 0: {name} of an infinite argument")
        start = u.coefficient(0).map(name) if u.known > 0 else _unknown()
        return (outer_derivative * u.derivative()).integral(start, self.length)

    def absolute(self, u: Series) -> Series:
        return u if not u.terms or u.sign() > 0 else -u

    def sinc(self, u: Series) -> Series:
        if u.exactly_zero:
            return self.constant(ONE)
        return self.sine_cosine(u)[0] * u.inverse()

    def step(self, u: Series) -> Series:
        return self.constant(Number.fraction(Fraction(1 + u.sign(), 2)))

    def signum(self, u: Series) -> Series:
        return self.constant(Number.integer(u.sign()))

    def atan(self, u: Series) -> Series:
        if u.terms and u.valuation < 0:
            limit = self.constant(Number.constant(u.sign() * sympy.pi / 2))
            return limit - self.atan(u.inverse())
        return self.primitive(u, "atan", (self.constant(ONE) + u * u).inverse())

    def asinh(self, u: Series) -> Series:
        root = (self.constant(ONE) + u * u).power(Fraction(-1, 2))
        return self.primitive(u, "asinh", root)


def _as_fraction(value: sympy.Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _is_constant(node: sympy.Basic) -> bool:
    return isinstance(node, sympy.Expr) and not node.has(X)


def _unknown() -> Number:
    raise UndeterminedError


# Signs of left - right for which a comparison holds.
_HOLDS_FOR: dict[type[sympy.Basic], set[int]] = {
    sympy.Gt: {1},
    sympy.Ge: {0, 1},
    sympy.Lt: {-1},
    sympy.Le: {-1, 0},
    sympy.Eq: {0},
    sympy.Ne: {-1, 1},
}

_RULES: dict[type[sympy.Basic], Callable[[_Expander, Series], Series]] = {
    sympy.exp: _Expander.exp,
    sympy.log: _Expander.log,
    sympy.sin: lambda self, u: self.sine_cosine(u)[0],
    sympy.cos: lambda self, u: self.sine_cosine(u)[1],
    sympy.tan: _Expander.tan,
    # sympy turns tan(u − π/2) into −cot(u).
    sympy.cot: lambda self, u: self.tan(u).inverse(),
    sympy.sinh: lambda self, u: self.hyperbolic(u, -1),
    sympy.cosh: lambda self, u: self.hyperbolic(u, +1),
    sympy.tanh: _Expander.tanh,
    sympy.atan: _Expander.atan,
    sympy.asinh: _Expander.asinh,
    sympy.erf: _Expander.erf,
    sympy.erfc: lambda self, u: self.constant(ONE) - self.erf(u),
    sympy.Abs: _Expander.absolute,
    sympy.sign: _Expander.signum,
    sympy.Heaviside: _Expander.step,
    sympy.sinc: _Expander.sinc,
}
