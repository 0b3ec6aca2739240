"""What a function of the catalogue is at given arguments."""

from collections.abc import Callable, Sequence

import sympy

from theory.symbolic.bounded import MAX_DEGREE, Bounded
from theory.symbolic.catalogue.entries import Entry
from theory.symbolic.functions import FUNCTIONS, ActivationError, X
from theory.symbolic.spelling.reader import Reader

_DIGITS = 60  # of a constant, to tell on which side of a whole number it is
# An argument: an expression, None where it is left out, a whole number or a word.
Value = Bounded | None | int | str


def value_of(reader: Reader, one: Entry, values: Sequence[Value]) -> Bounded:
    """A function at the values of its parameters.

    Raises:
        ActivationError: it has no value there, or exceeds a limit.
    """
    if one.name in _OWN:
        return _OWN[one.name](values)
    if one.body is not None:
        names = {p.names[0]: _number(v) for p, v in zip(one.parameters, values, strict=True)}
        return Reader(names, notes=[]).term(one.body)
    given = [value for value in values if isinstance(value, Bounded)]
    if not given:
        raise ActivationError(f"{one.name} needs an argument")
    _, _, build = FUNCTIONS[one.name]
    return Bounded.function(build, given)


def _number(value: Value) -> Bounded | None:
    if isinstance(value, int):
        return Bounded.constant(sympy.Integer(value))
    assert not isinstance(value, str)
    return value


def _gelu(values: Sequence[Value]) -> Bounded:
    u, approximate = values
    assert isinstance(u, Bounded)
    words = {"none": "gelu", "False": "gelu", "tanh": "gelu_tanh", "True": "gelu_tanh"}
    if approximate not in words:
        raise ActivationError(f"gelu has approximate='none' or 'tanh', not {approximate!r}")
    return Bounded.function(FUNCTIONS[words[str(approximate)]][2], [u])


def _polynomial(family: Callable[..., sympy.Expr]) -> Callable[[Sequence[Value]], Bounded]:
    def build(values: Sequence[Value]) -> Bounded:
        degree, u = values
        assert isinstance(degree, int)
        assert isinstance(u, Bounded)
        if not 0 <= degree <= MAX_DEGREE:
            raise ActivationError(f"the degree of a polynomial is 0 to {MAX_DEGREE}, not {degree}")
        coefficients = sympy.Poly(family(degree, X), X).all_coeffs()
        if u.value is not None:  # at once: every step would be evaluated
            return Bounded.function(lambda at: _powers(coefficients, at), [u])
        total = Bounded.constant(coefficients[0])
        for coefficient in coefficients[1:]:
            total = total * u + Bounded.constant(coefficient)
        return total

    return build


def _powers(coefficients: Sequence[sympy.Expr], at: sympy.Expr) -> sympy.Expr:
    """The sum of powers: sympy evaluates nested sums of constants anew at every level."""
    last = len(coefficients) - 1
    terms = [coefficient * at ** (last - k) for k, coefficient in enumerate(coefficients)]
    return sympy.Add(*terms)


def _floor(values: Sequence[Value]) -> Bounded:
    """Of a constant by its digits: sympy would go through its own text of it."""
    (u,) = values
    assert isinstance(u, Bounded)
    if u.value is None or isinstance(u.expression, sympy.Rational):
        return Bounded.function(FUNCTIONS["floor"][2], [u])
    digits = sympy.N(u.expression, _DIGITS)
    nearest = int(sympy.Integer(round(digits)))
    whole = abs(digits - nearest) < sympy.Float("1e-25")
    return Bounded.constant(sympy.Integer(nearest if whole or nearest < digits else nearest - 1))


def _bessel(kind: str) -> Callable[[Sequence[Value]], Bounded]:
    def build(values: Sequence[Value]) -> Bounded:
        order, u = values
        assert isinstance(u, Bounded)
        if order not in (0, 1):
            raise ActivationError(f"the order of a Bessel function is 0 or 1 here, not {order}")
        return Bounded.function(FUNCTIONS[f"{kind}{order}"][2], [u])

    return build


def _hermite_prob(degree: int, x: sympy.Expr) -> sympy.Expr:
    """He_n(x) = 2^(-n/2) H_n(x/√2), whose coefficients are whole numbers."""
    return sympy.expand(sympy.hermite(degree, x / sympy.sqrt(2)) / sympy.sqrt(2) ** degree)


_OWN: dict[str, Callable[[Sequence[Value]], Bounded]] = {
    "gelu": _gelu,
    "floor": _floor,
    "besselj": _bessel("j"),
    "besseli": _bessel("i"),
    "legendre": _polynomial(sympy.legendre),
    "chebyt": _polynomial(sympy.chebyshevt),
    "chebyu": _polynomial(sympy.chebyshevu),
    "hermite": _polynomial(sympy.hermite),
    "hermitenorm": _polynomial(_hermite_prob),
    "laguerre": _polynomial(sympy.laguerre),
}
