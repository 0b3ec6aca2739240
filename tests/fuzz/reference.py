"""Leading parts by brute force: mpmath at two tiny arguments.

Independent of `theory.symbolic.expansion`.
"""

from collections.abc import Callable
from typing import Any

import mpmath
import sympy

from theory.symbolic.activation import Activation, Leading, X

MP: Any = mpmath.mp.clone()
# Constants may be as large as 1e30, so that terms of higher order are small only for tiny x.
_EXPONENTS = (60, 150)
_MAX_ORDER = 9

_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    **{getattr(sympy, name): getattr(MP, name) for name in ("exp", "log", "sin", "cos", "tan")},
    **{getattr(sympy, name): getattr(MP, name) for name in ("sinh", "cosh", "tanh", "atan")},
    **{getattr(sympy, name): getattr(MP, name) for name in ("asinh", "erf", "erfc", "cot", "sign")},
    sympy.sinc: MP.sinc,
    sympy.Abs: abs,
    sympy.Heaviside: lambda u, at_zero: MP.mpf(u > 0) if u else at_zero,
    **{getattr(sympy, name): getattr(MP, name) for name in ("floor", "erfi", "besselj", "besseli")},
    sympy.LambertW: lambda u: MP.lambertw(u).real,
    sympy.Si: MP.si,
    sympy.Max: max,
    sympy.Min: min,
    sympy.Add: lambda *parts: MP.fsum(parts),
    sympy.Mul: lambda *parts: MP.fprod(parts),
    sympy.Pow: lambda base, exponent: base**exponent,
    sympy.And: lambda *parts: all(parts),
    sympy.Or: lambda *parts: any(parts),
    sympy.Not: lambda part: not part,
    sympy.Gt: lambda a, b: a > b,
    sympy.Ge: lambda a, b: a >= b,
    sympy.Lt: lambda a, b: a < b,
    sympy.Le: lambda a, b: a <= b,
    sympy.Eq: lambda a, b: a == b,
    sympy.Ne: lambda a, b: a != b,
}


class Unknown(Exception):  # noqa: N818, no error
    """The reference cannot tell."""


def value(node: sympy.Basic, x: Any) -> Any:
    """An expression at a number, at mpmath's present precision."""
    if node == X:
        return x
    if isinstance(node, sympy.Rational):
        return MP.mpf(int(node.p)) / int(node.q)
    if node in (sympy.true, sympy.false):
        return node == sympy.true
    if isinstance(node, sympy.NumberSymbol):
        return +{sympy.pi: MP.pi, sympy.E: MP.e, sympy.EulerGamma: MP.euler}[node]
    if isinstance(node, sympy.Piecewise):
        for case in node.args:
            if value(case.args[1], x):
                return value(case.args[0], x)
        raise Unknown
    if type(node) not in _FUNCTIONS:
        raise Unknown
    try:
        result = _FUNCTIONS[type(node)](*(value(part, x) for part in node.args))
    except (ZeroDivisionError, ValueError, OverflowError):
        raise Unknown from None
    if isinstance(result, MP.mpc) or not (isinstance(result, bool) or MP.isfinite(result)):
        raise Unknown
    return result


def disagreement(found: Activation) -> str | None:
    """What the analysis has got wrong on one side of 0, None where nothing is known to be."""
    for side, sign in ((found.right, 1), (found.left, -1)):
        if side is None or side.coefficient == 0 or side.order > _MAX_ORDER:
            continue
        if _outweighed(found, side):
            continue
        try:
            ratios = [_ratio(found, side, sign, exponent) for exponent in _EXPONENTS]
        except Unknown:
            continue
        if all(abs(ratio - 1) > 1e-9 for ratio in ratios):
            shown = ", ".join(MP.nstr(ratio, 8) for ratio in ratios)
            return f"coefficient {side} off by the factors {shown}"
    return None


def _outweighed(found: Activation, side: Leading) -> bool:
    """Whether a later term, such as cosh(12345) x², is larger even at the tiniest argument."""
    limit = sympy.Integer(10) ** (_EXPONENTS[-1] - 10) * abs(side.coefficient)
    return any(
        bool(abs(coefficient).evalf(20) > limit.evalf(20))
        for term in found.terms(2)
        if term.order > side.order
        for coefficient in (term.right, term.left)
    )


def _ratio(found: Activation, side: Leading, sign: int, exponent: int) -> Any:
    """(σ(2t) − σ(t)) / (c t^p (2^p − 1)) at t = 10^-exponent, which tends to 1."""
    MP.dps = exponent * (side.order + 2) + 80
    t = MP.mpf(10) ** -exponent
    difference = value(found.expression, 2 * sign * t) - value(found.expression, sign * t)
    coefficient = MP.mpf(side.coefficient.evalf(40))
    return difference / (coefficient * t**side.order * (2**side.order - 1))
