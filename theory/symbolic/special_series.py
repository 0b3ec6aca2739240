"""Series of special functions, and of floor, of a truncated series.

Taylor coefficients follow from differential equations (Airy, Bessel, Lambert's W, the inverse error
function; DLMF 9.2, 10.2, 4.13, 7.17) or are polygamma values (DLMF 5.7, 5.15).
"""

import functools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

import sympy

from theory.symbolic.guards.deadline import check
from theory.symbolic.series import (
    MP,
    ONE,
    ZERO,
    NoExpansionError,
    Number,
    Series,
    UndeterminedError,
)

_LARGEST_EXACT = 30
_LARGEST_ARGUMENT = 10**6
_MOST_TERMS = 60  # of a Taylor series that are used
_LARGEST_GAMMA = 2000  # of its argument; beyond, the terms have more digits than are carried
_LOWEST_POLE = -64  # of Γ that is reached from 1, step by step


@runtime_checkable
class Arithmetic(Protocol):
    """What is needed of `theory.symbolic.expansion`."""

    length: int

    def of(self, node: sympy.Basic) -> Series: ...
    def constant(self, coefficient: Number) -> Series: ...
    def exp(self, u: Series) -> Series: ...
    def sinc(self, u: Series) -> Series: ...


def special_series(arithmetic: Arithmetic, node: sympy.Basic) -> Series | None:
    """The series of a special function's node, None for another function.

    Raises:
        NoExpansionError: it has none on this side of 0.
    """
    rule = _RULES.get(type(node))
    if rule is None:
        return None
    argument = arithmetic.of(node.args[-1])
    if argument.terms and argument.valuation < 0:
        raise NoExpansionError(f"no expansion at 0: {type(node).__name__} of an infinite argument")
    if argument.known < 1:
        raise UndeterminedError
    bounded = not isinstance(node, sympy.floor | sympy.LambertW)
    if bounded and abs(argument.coefficient(0).approximate) > _LARGEST_ARGUMENT:
        raise NoExpansionError("no expansion at 0: its terms are too large to compute")
    return rule(arithmetic, node, argument)


def _floor(arithmetic: Arithmetic, node: sympy.Basic, u: Series) -> Series:
    start = u.coefficient(0)
    whole = Number.integer(int(MP.nint(start.approximate)))
    if not start.equals(whole):
        return arithmetic.constant(Number.integer(int(MP.floor(start.approximate))))
    rest = u - arithmetic.constant(whole)
    below = rest.sign() < 0
    return arithmetic.constant(whole - ONE if below else whole)


def _composed(arithmetic: Arithmetic, u: Series, coefficients: Sequence[Number]) -> Series:
    """Σ_k coefficients[k] (u − u(0))^k by Horner's scheme."""
    rest = u - arithmetic.constant(u.coefficient(0))
    if rest.exactly_zero:
        return arithmetic.constant(coefficients[0])
    step = max(1, rest.valuation)
    used = coefficients[: min(_MOST_TERMS, -(-arithmetic.length // step))]
    horizon = min(arithmetic.length, step * len(used))  # what was left out begins with rest^count
    total = arithmetic.constant(used[-1])
    for power in reversed(range(len(used) - 1)):
        check()
        # rest^power multiplies it: beyond this order it does not show
        total = (total * rest).truncated(max(1, horizon - power * step))
        total = total + arithmetic.constant(used[power])
    return total.truncated(horizon)


def _is_short(u: Number) -> bool:
    """Is a value there short in exact form? Γ(10²⁹) would be an integer of 10³⁰ digits."""
    return isinstance(u.exact, sympy.Rational) and abs(u.approximate) <= _LARGEST_EXACT


def _at(function: Callable[..., Any], name: str, u: Number, *before: int) -> Number:
    """A function's value, in exact form where the argument has one that is short."""
    if _is_short(u):
        return Number.constant(function(*before, u.exact))
    return Number.of(getattr(MP, name)(*before, u.approximate), None)


def _polygamma(order: int, u: Number) -> Number:
    if order < 3 and _is_short(u):
        return Number.constant(sympy.polygamma(order, u.exact))
    return Number.of(_psi(order, u.approximate), None)


@functools.lru_cache(maxsize=1024)
def _psi(order: int, u: Any) -> Any:
    # a hundredth of a second each, asked for by both sides and at every attempt
    return MP.psi(order, u)


def _is_pole(u: Number) -> bool:
    """Is it 0, −1, −2, …?

    Raises:
        NoExpansionError: it is one that is not worth the steps up to 1.
    """
    value = u.approximate
    is_one = value < 0.5 and u.equals(Number.integer(int(MP.nint(value))))
    if is_one and value < _LOWEST_POLE:
        raise NoExpansionError("no expansion at 0: its terms are too large to compute")
    return is_one


def _log_gamma(arithmetic: Arithmetic, node: sympy.Basic, u: Series) -> Series:
    """log|Γ(u)| without its constant term, then with it."""
    start = u.coefficient(0)
    if _is_pole(start):
        raise NoExpansionError("infinite at 0")
    value = Number.of(MP.log(abs(MP.gamma(start.approximate))), None)
    if _is_short(start) and start.approximate > 0:
        value = Number.constant(sympy.loggamma(start.exact))
    return _composed(arithmetic, u, [value, *_log_gamma_slopes(arithmetic, start)])


def _log_gamma_slopes(arithmetic: Arithmetic, start: Number) -> list[Number]:
    return [
        _polygamma(k - 1, start) / Number.integer(math.factorial(k))
        for k in range(1, min(arithmetic.length, _MOST_TERMS))
    ]


def _gamma(arithmetic: Arithmetic, node: sympy.Basic, u: Series) -> Series:
    start = u.coefficient(0)
    if abs(start.approximate) > _LARGEST_GAMMA:
        raise NoExpansionError("no expansion at 0: its terms are too large to compute")
    if _is_pole(start):  # Γ(u) = Γ(u + 1)/u
        return _gamma(arithmetic, node, u + arithmetic.constant(ONE)) * u.inverse()
    logarithm = _composed(arithmetic, u, [ZERO, *_log_gamma_slopes(arithmetic, start)])
    value = _at(sympy.gamma, "gamma", start)
    return arithmetic.exp(logarithm) * arithmetic.constant(value)


def _digamma(arithmetic: Arithmetic, node: sympy.Basic, u: Series) -> Series:
    start = u.coefficient(0)
    if _is_pole(start):  # ψ(u) = ψ(u + 1) − 1/u
        return _digamma(arithmetic, node, u + arithmetic.constant(ONE)) - u.inverse()
    count = min(arithmetic.length, _MOST_TERMS)
    terms = [_polygamma(k, start) / Number.integer(math.factorial(k)) for k in range(count)]
    return _composed(arithmetic, u, terms)


def _airy(arithmetic: Arithmetic, node: sympy.Basic, u: Series) -> Series:
    """y'' = z y."""
    start, name = u.coefficient(0), type(node).__name__
    slope = {"airyai": sympy.airyaiprime, "airybi": sympy.airybiprime}[name]
    terms = [_at(getattr(sympy, name), name, start)]
    terms.append(
        Number.constant(slope(start.exact))
        if _is_short(start)
        else Number.of(getattr(MP, name)(start.approximate, derivative=1), None)
    )
    for k in range(arithmetic.length - 2):
        total = start * terms[k] + (terms[k - 1] if k else ZERO)
        terms.append(total / Number.integer((k + 1) * (k + 2)))
    return _composed(arithmetic, u, terms)


def _bessel(arithmetic: Arithmetic, node: sympy.Basic, u: Series) -> Series:
    """z² y'' + z y' + (± z² − n²) y = 0."""
    n, start = int(node.args[0]), u.coefficient(0)  # type: ignore[arg-type]
    sign = 1 if isinstance(node, sympy.besselj) else -1
    if start is ZERO:
        return _composed(arithmetic, u, _bessel_at_zero(n, sign, arithmetic.length))
    name, value = type(node).__name__, MP.mpf(start.approximate)
    # mpmath's own derivative takes seconds at this precision
    both = [getattr(MP, name)(order, value) for order in (0, 1)]
    slope = -sign * both[1] if n == 0 else both[0] - both[1] / value
    terms = [both[n], slope]
    for k in range(arithmetic.length - 2):
        total = (2 * k + 1) * (k + 1) * value * terms[k + 1]
        total += (k * k + sign * value**2 - n * n) * terms[k]
        total += sign * (2 * value * terms[k - 1] if k > 0 else 0)
        total += sign * (terms[k - 2] if k > 1 else 0)
        terms.append(-total / (value**2 * (k + 1) * (k + 2)))
    first = _at(getattr(sympy, name), name, start, n)
    return _composed(arithmetic, u, [first, *(Number.of(term, None) for term in terms[1:])])


def _bessel_at_zero(n: int, sign: int, length: int) -> list[Number]:
    terms = [ZERO] * length
    for m in range(length):
        if n + 2 * m < length:
            below = 2 ** (n + 2 * m) * math.factorial(m) * math.factorial(m + n)
            terms[n + 2 * m] = Number.fraction(Fraction((-sign) ** m, below))
    return terms


def _lambert(arithmetic: Arithmetic, node: sympy.Basic, u: Series) -> Series:
    """W' (e^W + u) = u', order by order."""
    start = u.coefficient(0)
    if start.approximate < -MP.exp(-1):
        raise NoExpansionError("LambertW is not real below -1/e")
    first = _at(sympy.LambertW, "lambertw", start)
    first = Number.of(MP.re(first.approximate), first.exact)
    coefficients = u.dense(arithmetic.length)
    w, grown = [first], [first.map("exp")]
    divisor = grown[0] + coefficients[0]
    if abs(divisor.approximate) < MP.mpf(10) ** -100:  # rounding leaves its root
        raise NoExpansionError("no expansion at 0: LambertW at its branch point")
    for n in range(1, len(coefficients)):
        total = Number.integer(n) * coefficients[n]
        for k in range(1, n):
            total = total - Number.integer(k) * w[k] * (grown[n - k] + coefficients[n - k])
        w.append(total / (Number.integer(n) * divisor))
        rest = ZERO
        for k in range(1, n + 1):
            rest = rest + Number.integer(k) * w[k] * grown[n - k]
        grown.append(rest / Number.integer(n))
    return Series.of(0, w)


def _inverse_error(arithmetic: Arithmetic, node: sympy.Basic, u: Series) -> Series:
    """y' = u' √π/2 exp(y²), order by order."""
    start = u.coefficient(0)
    if abs(start.approximate) >= 1:
        raise NoExpansionError("no expansion at 0: erfinv of an argument that tends to ±1")
    scale = Number.constant(sympy.sqrt(sympy.pi) / 2)
    y, coefficients = [_at(sympy.erfinv, "erfinv", start)], u.dense(arithmetic.length)
    square, grown = [y[0] * y[0]], [(y[0] * y[0]).map("exp")]
    for n in range(1, len(coefficients)):
        total = ZERO
        for k in range(1, n + 1):
            total = total + Number.integer(k) * coefficients[k] * grown[n - k]
        y.append(scale * total / Number.integer(n))
        square.append(_convolution(y, y, n))
        rest = ZERO
        for k in range(1, n + 1):
            rest = rest + Number.integer(k) * square[k] * grown[n - k]
        grown.append(rest / Number.integer(n))
    return Series.of(0, y)


def _convolution(left: Sequence[Number], right: Sequence[Number], n: int) -> Number:
    total = ZERO
    for k in range(n + 1):
        total = total + left[k] * right[n - k]
    return total


def _integrated(arithmetic: Arithmetic, node: sympy.Basic, u: Series) -> Series:
    """Functions that are integrals of elementary ones: erfi and Si."""
    start, name = u.coefficient(0), type(node).__name__
    if isinstance(node, sympy.erfi):
        outer = arithmetic.exp(u * u) * arithmetic.constant(
            Number.constant(2 / sympy.sqrt(sympy.pi))
        )
    else:
        outer = arithmetic.sinc(u)
    value = _at(getattr(sympy, name), name.lower(), start)
    return (outer * u.derivative()).integral(value, arithmetic.length)


_Rule = Callable[[Arithmetic, sympy.Basic, Series], Series]
_RULES: dict[type[sympy.Basic], _Rule] = {
    sympy.floor: _floor,
    sympy.gamma: _gamma,
    sympy.loggamma: _log_gamma,
    sympy.polygamma: _digamma,
    sympy.airyai: _airy,
    sympy.airybi: _airy,
    sympy.besselj: _bessel,
    sympy.besseli: _bessel,
    sympy.LambertW: _lambert,
    sympy.erfinv: _inverse_error,
    sympy.erfi: _integrated,
    sympy.Si: _integrated,
}
