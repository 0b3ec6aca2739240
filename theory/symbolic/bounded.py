"""Expressions put together part by part, within limits that keep sympy's work harmless.

When sympy builds a function or a power it asks whether the argument is real, zero or positive.
Where it cannot tell, as for sinh(u) with a u that has a pole, it splits everything into real and
imaginary parts, which may take minutes. Where an activation function is defined its
subexpressions are real, so a real symbol that stands in for one loses nothing but
simplifications. Sizes, digits, degrees and exponents are bounded before sympy meets them.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import sympy

from theory.symbolic.functions import ActivationError, NestedError, X, cases, nested_cases
from theory.symbolic.spelling.quotes import quoted

MAX_EXPONENT = 32
MAX_DEGREE = 32
# Nodes of the resulting tree: gelu(gelu(gelu(x))) repeats its argument at every level.
MAX_SIZE = 1000
MAX_CONSTANT = 150  # parts of a constant: sympy's evaluation takes 0.2 s there, 1 s at 600
# Digits of a rational number, so that exact arithmetic on it stays cheap.
MAX_DIGITS = 200
LARGEST = 1e30
SMALLEST = 1e-30

# A smaller constant without a digit, such as sin(1)**2 + cos(1)**2 - 1, is zero.
_NEGLIGIBLE = 1e-60
# A constant with more nodes is asked about, too: comparing it may need many evaluations.
_ASKED_ABOUT = 12

# What sympy leaves behind where an expression is infinite, undefined or may be complex.
_NOT_REAL = (
    *(sympy.I, sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.AccumBounds),
    *(sympy.re, sympy.im, sympy.arg, sympy.conjugate),
)


# Functions of which sympy does not know where they are real.
_SPECIAL = (
    *(sympy.gamma, sympy.loggamma, sympy.polygamma, sympy.LambertW, sympy.erfinv, sympy.erfi),
    *(sympy.Si, sympy.airyai, sympy.airybi, sympy.besselj, sympy.besseli),
)


@dataclass(frozen=True)
class Bounded:
    """A subexpression with what the limits need.

    Attributes:
        expression: in `X` and stand-ins.
        degree: at most this as a polynomial in x, functions counted as their arguments.
        value: of a constant, None where x occurs.
    """

    expression: sympy.Expr
    degree: int = 0
    value: float | None = None

    @classmethod
    def constant(cls, expression: sympy.Expr) -> "Bounded":
        """A real number between 1e-30 and 1e30 in absolute value, or 0."""
        _check_exponentials(expression)
        if isinstance(expression, sympy.Rational):
            _check_digits(expression, 1.0)
            value = int(expression.p) / int(expression.q)
        else:
            number = _value(expression)
            if not isinstance(number, sympy.Float | sympy.Rational):
                raise ActivationError(f"{quoted(str(expression))} is not a real number")
            value = float(number)
            if abs(value) < _NEGLIGIBLE and not _has_digits(expression):
                return cls(sympy.Integer(0), 0, 0.0)
        if expression != 0 and not SMALLEST <= abs(value) <= LARGEST:
            raise ActivationError(
                f"the constant {quoted(str(expression))} is outside {SMALLEST:g} to {LARGEST:g}"
            )
        return cls(expression, 0, value)

    @classmethod
    def variable(cls) -> "Bounded":
        return cls(X, degree=1)

    @classmethod
    def function(cls, build: Callable[..., sympy.Expr], arguments: list["Bounded"]) -> "Bounded":
        """What ``build`` makes of the arguments' expressions."""
        degree = max(argument.degree for argument in arguments)
        try:
            found = _checked(build(*(argument._real() for argument in arguments)), degree)
        except NestedError:
            hidden = [argument.compared() for argument in arguments]
            found = _checked(build(*hidden), degree)
        return found._kept()

    @classmethod
    def piecewise(cls, pairs: list[tuple["Bounded", sympy.Basic]]) -> "Bounded":
        expressions = [(branch.expression, condition) for branch, condition in pairs]
        return _checked(cases(*expressions), max(branch.degree for branch, _ in pairs))

    def finished(self) -> sympy.Expr:
        """The expression without stand-ins; what contained one is kept as it was written."""
        expression = _restored(self.expression)
        _check_exponentials(expression)
        return expression

    def __neg__(self) -> "Bounded":
        return Bounded.constant(sympy.Integer(-1)) * self

    def __add__(self, other: "Bounded") -> "Bounded":
        return _checked(self.expression + other.expression, max(self.degree, other.degree))

    def __sub__(self, other: "Bounded") -> "Bounded":
        return self + (-other)

    def __mul__(self, other: "Bounded") -> "Bounded":
        return _checked(self.expression * other.expression, self.degree + other.degree)

    def __truediv__(self, other: "Bounded") -> "Bounded":
        return self * other ** Bounded.constant(sympy.Integer(-1))

    def __pow__(self, exponent: "Bounded") -> "Bounded":
        if exponent.value is None:
            if self.value is not None and self.value <= 0:
                raise ActivationError("a power with x in its exponent needs a positive base")
            degree = max(self.degree, exponent.degree)
            return _checked(self._real() ** exponent._real(), degree)._kept()
        if abs(exponent.value) > MAX_EXPONENT:
            raise ActivationError(f"an exponent exceeds {MAX_EXPONENT} in absolute value")
        if self.value == 0 and exponent.value < 0:
            raise ActivationError("the expression divides by zero")
        _check_digits(self.expression, abs(exponent.value))
        degree = self.degree * max(1, round(abs(exponent.value)))
        _check_degree(degree)
        simple = self.value is None and exponent.expression.is_Integer
        root = self.expression if simple else self._real()
        return _checked(root ** exponent._real(), degree)._kept()

    def compared(self) -> sympy.Expr:
        """The expression for a condition, where a Piecewise may not stand."""
        nested = self.value is None and self.expression.has(sympy.Piecewise)
        return _stand_in(self.expression, None) if nested else self._real()

    def _kept(self) -> "Bounded":
        """With a real symbol for a root or a logarithm that may be undefined.

        sqrt(x)**2 is not x where x < 0, which sympy would make of it.
        """
        match self.expression:
            case sympy.Pow(args=(inside, exponent)) if not exponent.is_integer:
                partial = not inside.is_nonnegative
            case sympy.log(args=(inside,)):
                partial = not inside.is_nonnegative
            case _:
                partial = False
        if self.value is not None or not partial:
            return self
        return Bounded(_stand_in(self.expression, None), self.degree)

    def _real(self) -> sympy.Expr:
        """The expression, or a real symbol for it where sympy's questions could be hard."""
        if self.value is None:
            hard = _questionable(self.expression)
        else:
            hard = bool(self.value) and _long(self.expression)
        return _stand_in(self.expression, self.value) if hard else self.expression


def _value(constant: sympy.Expr) -> sympy.Expr | None:
    """20 digits of a constant, None where a function in it is not defined."""
    try:
        return constant.evalf(20)
    except (ArithmeticError, TypeError, ValueError, NotImplementedError):
        return None


def _has_digits(constant: sympy.Expr) -> bool:
    """Whether a constant is told from 0: exp(−200) is, what cancels to 0 is not."""
    try:
        constant.evalf(2, strict=True)
    except ArithmeticError:
        return False
    return True


def _checked(expression: sympy.Expr, degree: int) -> Bounded:
    """A term within the limits; what has become constant is measured as a constant."""
    if _size(expression, MAX_SIZE) > MAX_SIZE:
        raise ActivationError(f"the expression expands to more than {MAX_SIZE} parts")
    if expression.has(*_NOT_REAL):
        raise ActivationError(f"{quoted(str(expression))} is not a real number")
    if _is_constant(expression):
        constant = _restored(expression)
        if _size(constant, MAX_CONSTANT) > MAX_CONSTANT:
            raise ActivationError(f"a constant expands to more than {MAX_CONSTANT} parts")
        return Bounded.constant(constant)
    _check_degree(degree)
    return Bounded(expression, degree)


def _check_digits(base: sympy.Expr, exponent: float) -> None:
    if isinstance(base, sympy.Rational):
        bits = max(int(base.p).bit_length(), int(base.q).bit_length())
        if bits * exponent * 0.302 > MAX_DIGITS:
            raise ActivationError(f"a power of numbers has more than {MAX_DIGITS} digits")


def _check_degree(degree: int) -> None:
    if degree > MAX_DEGREE:
        raise ActivationError(
            f"the powers multiply up to degree {degree}; at most {MAX_DEGREE} is accepted"
        )


def _check_exponentials(expression: sympy.Expr) -> None:
    """Refuse exp(n log u) for large n, which is u**n to sympy."""
    for exponential in expression.atoms(sympy.exp):
        for product in exponential.args[0].atoms(sympy.Mul):
            if product.has(sympy.log) and _factor(product) > MAX_EXPONENT:
                raise ActivationError(
                    f"in an exponent, a logarithm is multiplied by more than {MAX_EXPONENT}"
                )


def _factor(node: sympy.Basic) -> float:
    """The largest absolute number by which a part of a nested product is multiplied."""
    if isinstance(node, sympy.Rational):
        return abs(int(node.p) / int(node.q))
    if isinstance(node, sympy.Mul):
        return math.prod(map(_factor, node.args))
    if isinstance(node, sympy.Add):
        return max(map(_factor, node.args))
    return 1.0


class _StandIn(sympy.Dummy):
    """A real symbol that remembers what it stands for."""

    expression: sympy.Expr
    size: int
    constant: bool


def _stand_in(expression: sympy.Expr, value: float | None) -> sympy.Expr:
    """A real symbol for an expression, of the sign of a constant's value."""
    sign = {} if value is None else {"positive": value > 0, "negative": value < 0}
    symbol = _StandIn("…", real=True, **sign)
    symbol.expression, symbol.size = expression, _full_size(expression)
    symbol.constant = value is not None
    return symbol


def _is_constant(expression: sympy.Expr) -> bool:
    return all(
        isinstance(symbol, _StandIn) and symbol.constant for symbol in expression.free_symbols
    )


def _size(expression: sympy.Expr, most: int) -> int:
    """Number of nodes without stand-ins; any number above ``most`` where there are more."""
    total = 0
    for node in itertools.islice(sympy.preorder_traversal(expression), most + 1):
        total += node.size if isinstance(node, _StandIn) else 1
    return total


def _full_size(expression: sympy.Expr) -> int:
    nodes = sympy.preorder_traversal(expression)
    return sum(node.size if isinstance(node, _StandIn) else 1 for node in nodes)


def _restored(node: Any) -> Any:
    """Without stand-ins; what contained one is kept as it was written."""
    if isinstance(node, _StandIn):
        return _restored(node.expression)
    if not node.has(_StandIn):
        return node
    if isinstance(node, sympy.Piecewise):
        # The pairs of sympy, built one by one, would fold a Piecewise inside a condition.
        pairs = [[_restored(part) for part in pair.args] for pair in node.args]
        kept = [(cast(sympy.Expr, branch), condition) for branch, condition in pairs]
        nested = any(condition.has(sympy.Piecewise) for _, condition in kept)
        return (nested_cases if nested else cases)(*kept)
    return node.func(*map(_restored, node.args), evaluate=False)


def _long(constant: sympy.Expr) -> bool:
    # exp(n log u) would become the number u**n, whatever its size.
    return _size(constant, _ASKED_ABOUT) > _ASKED_ABOUT or constant.has(sympy.log, *_SPECIAL)


def _questionable(expression: sympy.Expr) -> bool:
    return expression.has(sympy.log, sympy.tan, *_SPECIAL) or any(
        (power.base.has(X, _StandIn) or power.exp.has(X, _StandIn))
        and not (power.exp.is_Integer and power.exp.is_positive)
        for power in expression.atoms(sympy.Pow)
    )
