"""Truncated Laurent series with coefficients known to 300 digits, exactly where short."""

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import mpmath
import sympy

from theory.symbolic.guards.deadline import check, keep_precision

# Numbers below 2^-664, about 1e-200, are zero: far above the rounding error of 300 digits and far
# below every coefficient that the limits of the parser allow. (mpmath has no type stubs.)
MP: Any = keep_precision(mpmath.mp.clone())
MP.dps = 300
_NEGLIGIBLE = -664
# Largest and smallest magnitude, in bits, of a number that is still carried.
_MAX_BITS = 20_000
# Functions with as many bits as their argument's size.
_EXPONENTIAL = ("exp", "sinh", "cosh", "erfc")
_DOUBLE_BITS = 1000
# A coefficient whose exact form has more nodes than this is kept as a number only.
_MAX_SIZE = 60
_MAX_EXPANDED = 40
_LARGEST_FACTOR = 1000
# Orders that stand for functions beyond all powers: exp(-1/t) has the first, exp(1/t) its negative,
# and what is exactly 0 has the second. The first has many divisors, for fractional powers.
FLAT = 720_720**2
_NOTHING = 10**30
_BEYOND = FLAT // 1000


class NoExpansionError(ValueError):
    """The function has no one-sided power series at 0; the message says why."""


class UndeterminedError(Exception):
    """More terms are needed to decide."""


@dataclass(frozen=True)
class Number:
    """A real number to 300 digits, with its exact form where that is short."""

    approximate: Any
    exact: sympy.Expr | None

    @classmethod
    def of(cls, approximate: Any, exact: sympy.Expr | None) -> "Number":
        check()
        size = MP.mag(approximate)  # in bits, −∞ for 0
        if size < _NEGLIGIBLE:
            return ZERO
        if size > _MAX_BITS:
            raise NoExpansionError("no expansion at 0: its terms are too large to compute")
        if exact is not None and _size(exact) > _MAX_SIZE:
            exact = None
        return cls(approximate, exact)

    @classmethod
    @functools.lru_cache(maxsize=4096)
    def integer(cls, value: int) -> "Number":
        return cls.of(MP.mpf(value), sympy.Integer(value))

    @classmethod
    def fraction(cls, value: Fraction) -> "Number":
        exact = cast(sympy.Expr, sympy.Rational(value.numerator, value.denominator))
        return cls.of(MP.mpf(value.numerator) / value.denominator, exact)

    @classmethod
    def constant(cls, expression: sympy.Expr) -> "Number":
        """The number that a sympy expression without variables denotes."""
        value = _evaluated(expression)
        if value is None:
            raise NoExpansionError(f"{expression} is not a real number")
        exact = None if expression.has(sympy.exp) and _explosive(expression) else expression
        return cls.of(value, exact)

    @property
    def ordinary(self) -> bool:
        """Zero, or of a size that double precision holds to the last digit."""
        return not self.approximate or abs(MP.mag(self.approximate)) <= _DOUBLE_BITS

    def inexact(self) -> "Number":
        """The same number without its exact form, on which arithmetic is several times faster."""
        return Number(self.approximate, None)

    def __add__(self, other: "Number") -> "Number":
        if self is ZERO or other is ZERO:
            return other if self is ZERO else self
        return Number.of(
            self.approximate + other.approximate, _both(self, other, sympy.Expr.__add__)
        )

    def __sub__(self, other: "Number") -> "Number":
        return self if other is ZERO else self + (-other)

    def __mul__(self, other: "Number") -> "Number":
        if self is ZERO or other is ZERO:
            return ZERO
        return Number.of(
            self.approximate * other.approximate, _both(self, other, sympy.Expr.__mul__)
        )

    def __truediv__(self, other: "Number") -> "Number":
        if self is ZERO:
            return ZERO
        return Number.of(
            self.approximate / other.approximate, _both(self, other, sympy.Expr.__truediv__)
        )

    def __neg__(self) -> "Number":
        return self * MINUS_ONE

    def equals(self, other: "Number") -> bool:
        """Equality of the numbers: exact forms of the same number may differ."""
        return not (self + (-other)).approximate

    def mirrors(self, left: "Number", order: int) -> bool:
        """Are this, for x > 0, and ``left``, for |x|, the coefficients of one c x^order?"""
        return left.equals(-self if order % 2 else self)

    def map(self, name: str) -> "Number":
        """The elementary function `name` (the same in mpmath and sympy) of this number."""
        if name in _EXPONENTIAL and abs(self.approximate) > _MAX_BITS:
            raise NoExpansionError("no expansion at 0: its terms are too large to compute")
        exact = None
        if self.exact is not None and not (name == "exp" and _explosive(self.exact)):
            exact = getattr(sympy, name)(self.exact)
        return Number.of(getattr(MP, name)(self.approximate), exact)

    def expression(self) -> sympy.Expr:
        """The exact form, shortened; a 30-digit number where the exact form is too long."""
        if isinstance(self.exact, sympy.Rational):
            return self.exact
        if self.exact is not None and self._is(self.exact):
            return min(
                filter(self._is, _forms(self.exact)), key=lambda form: (form.count_ops(), str(form))
            )
        return sympy.Float(MP.nstr(self.approximate, 30), 30)

    def _is(self, form: sympy.Expr) -> bool:
        """Does it have this value, and as a double? Sympy's rewriting is not trusted blindly."""
        try:
            value, double = form.evalf(30), float(form)
        except (ArithmeticError, TypeError, ValueError):  # its digits cancel within
            return False
        if not isinstance(value, sympy.Float | sympy.Rational):
            return False
        size = abs(self.approximate)
        return (
            abs(MP.mpf(value) - self.approximate) < 1e-25 * size
            and abs(MP.mpf(double) - self.approximate) <= 1e-14 * size
        )


@functools.lru_cache(maxsize=1024)
def _evaluated(expression: sympy.Expr) -> Any:
    """A constant's value, None if it is not real.

    Sympy evaluates anew at every level of nesting what is below it, so that deep constants take
    a second, and every attempt at an expansion asks for the same ones.
    """
    try:
        value = expression.evalf(MP.dps)
    except (
        ArithmeticError,
        TypeError,
        ValueError,
        NotImplementedError,
    ):  # a function is not defined there
        return None
    return MP.mpf(value) if isinstance(value, sympy.Float | sympy.Rational) else None


def _both(left: Number, right: Number, operation: Callable[..., sympy.Expr]) -> sympy.Expr | None:
    if left.exact is None or right.exact is None:
        return None
    return operation(left.exact, right.exact)


def _size(exact: sympy.Expr) -> int:
    """Number of nodes, counted up to a little more than the limit."""
    if isinstance(exact, sympy.Rational):
        return 1
    return sum(1 for _ in itertools.islice(sympy.preorder_traversal(exact), _MAX_SIZE + 1))


def _explosive(exact: sympy.Expr) -> bool:
    """Could it contain n log u for a large n? Sympy replaces the exponential of that by u^n."""
    numbers = exact.atoms(sympy.Rational)
    return exact.has(sympy.log) and any(max(abs(n.p), n.q) > _LARGEST_FACTOR for n in numbers)


def _forms(exact: sympy.Expr) -> list[sympy.Expr]:
    """The expression and shorter ways to write it."""
    if exact.has(sympy.exp) and _explosive(exact):
        return [exact]
    # `simplify`, `cancel` and `radsimp` may run without end, `expand` only for large powers.
    expandable = _size(exact) <= _MAX_EXPANDED and not any(
        power.exp.is_Integer and abs(power.exp) > 4 for power in exact.atoms(sympy.Pow)
    )
    forms = [exact, sympy.factor_terms(exact)]
    return [*forms, sympy.expand(exact)] if expandable else forms


ZERO = Number(MP.mpf(0), sympy.Integer(0))
ONE = Number.integer(1)
MINUS_ONE = Number.integer(-1)


@dataclass(frozen=True)
class Series:
    """t^valuation · Σ_k terms[k] t^k + O(t^(valuation + len(terms))), with terms[0] ≠ 0.

    Without terms it is zero as far as it is known, up to O(t^valuation). Functions beyond all
    powers have one term, of the order `FLAT` or its negative: only their sign is known.
    """

    valuation: int
    terms: tuple[Number, ...]

    @classmethod
    def of(cls, valuation: int, terms: list[Number]) -> "Series":
        for skipped, term in enumerate(terms):
            if term is not ZERO:
                return cls(valuation + skipped, tuple(terms[skipped:]))
        return cls(valuation + len(terms), ())

    @classmethod
    def nothing(cls) -> "Series":
        """What is exactly 0, and not only as far as it is known."""
        return cls(_NOTHING, ())

    @property
    def exactly_zero(self) -> bool:
        return self.valuation >= _NOTHING // 1000

    @property
    def known(self) -> int:
        """The order from which on nothing is known."""
        return self.valuation + len(self.terms)

    def coefficient(self, order: int) -> Number:
        """The coefficient of t^order, which must be known."""
        position = order - self.valuation
        return self.terms[position] if 0 <= position < len(self.terms) else ZERO

    def dense(self, most: int) -> list[Number]:
        """Known coefficients from order 0 on, at most so many, for a series without a pole."""
        return [self.coefficient(order) for order in range(min(self.known, most))]

    def truncated(self, order: int) -> "Series":
        """What is known below an order."""
        if order <= self.valuation:
            return Series(order, ())
        return Series(self.valuation, self.terms[: order - self.valuation])

    def sign(self) -> int:
        """+1, 0 or -1: the sign for small t > 0."""
        if self.exactly_zero:
            return 0
        if not self.terms:
            raise UndeterminedError
        return 1 if self.terms[0].approximate > 0 else -1

    def __add__(self, other: "Series") -> "Series":
        if self.exactly_zero or other.exactly_zero:
            return other if self.exactly_zero else self
        if min(self.valuation, other.valuation) < -_BEYOND and _opposite(self, other):
            raise UndeterminedError  # the difference of two that exceed all powers
        start = min(self.valuation, other.valuation)
        stop = min(self.known, other.known)
        sums = [self.coefficient(k) + other.coefficient(k) for k in range(start, stop)]
        return Series.of(min(start, stop), sums)

    def __mul__(self, other: "Series") -> "Series":
        if self.exactly_zero or other.exactly_zero:
            return Series.nothing()
        lower, upper = sorted((self.valuation, other.valuation))
        if lower < -_BEYOND and upper > _BEYOND:
            raise UndeterminedError
        length = min(len(self.terms), len(other.terms))
        products = [_convolve(self.terms, other.terms, k) for k in range(length)]
        return Series.of(self.valuation + other.valuation, products)

    def __neg__(self) -> "Series":
        return Series(self.valuation, tuple(-term for term in self.terms))

    def __sub__(self, other: "Series") -> "Series":
        return self + (-other)

    def inverse(self) -> "Series":
        return self.power(Fraction(-1))

    def power(self, exponent: Fraction) -> "Series":
        """The real power, by Miller's recurrence."""
        if self.exactly_zero:
            if exponent < 0:
                raise NoExpansionError("it divides by 0 beside 0")
            return self
        if not self.terms:
            if exponent.denominator == 1 and exponent > 0:
                return Series(self.valuation * int(exponent), ())
            raise UndeterminedError
        valuation = self.valuation * exponent
        if valuation.denominator != 1:
            raise NoExpansionError(f"no expansion at 0: a term of order {valuation}")
        lead, (above, below) = self.terms[0], exponent.as_integer_ratio()
        powers = [_number_power(lead, exponent)]
        for n in range(1, len(self.terms)):
            total = ZERO
            for k in range(1, n + 1):
                if self.terms[k] is not ZERO and powers[n - k] is not ZERO:
                    weight = Number.integer(above * k + below * (k - n))
                    total = total + weight * self.terms[k] * powers[n - k]
            powers.append(total / (Number.integer(below * n) * lead))
        return Series.of(int(valuation), powers)

    def derivative(self) -> "Series":
        if self.exactly_zero:
            return self
        start = self.valuation
        terms = [Number.integer(start + k) * term for k, term in enumerate(self.terms)]
        return Series.of(start - 1, terms)

    def integral(self, constant: Number, most: int) -> "Series":
        """The antiderivative with the given value at 0, for a series without a pole."""
        terms, known = [constant], self.dense(most)
        terms += [term / Number.integer(order + 1) for order, term in enumerate(known)]
        return Series.of(0, terms)


def _opposite(left: Series, right: Series) -> bool:
    """Do both exceed all powers, with different signs?"""
    if max(left.valuation, right.valuation) > -_BEYOND:
        return False
    return not (left.terms and right.terms) or left.sign() != right.sign()


def _convolve(left: tuple[Number, ...], right: tuple[Number, ...], order: int) -> Number:
    total = ZERO
    for k in range(order + 1):
        if left[k] is not ZERO and right[order - k] is not ZERO:
            total = total + left[k] * right[order - k]
    return total


def _number_power(base: Number, exponent: Fraction) -> Number:
    if exponent.denominator != 1 and base.approximate < 0:
        raise NoExpansionError("a fractional power of a negative argument is not real")
    if abs(MP.mag(base.approximate) * float(exponent)) > _MAX_BITS:
        raise NoExpansionError("no expansion at 0: its terms are too large to compute")
    power = Number.fraction(exponent)
    exact = _both(base, power, sympy.Expr.__pow__)
    return Number.of(base.approximate**power.approximate, exact)
