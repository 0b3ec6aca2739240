"""The functions that an activation's text may use, as sympy expressions."""

from collections.abc import Callable

import sympy
from sympy.core.containers import Tuple
from sympy.functions.elementary.piecewise import ExprCondPair

X = sympy.Symbol("x", real=True)


class ActivationError(ValueError):
    """The text is no acceptable activation function; the message is one clear line."""


# The constants of the SELU paper to double precision, as in torch.nn.SELU.
_SELU_ALPHA = sympy.Rational("1.6732632423543772")
_SELU_SCALE = sympy.Rational("1.0507009873554805")


class NestedError(Exception):
    """A condition depends on a Piecewise, which sympy would fold whatever it is told."""


def cases(*pairs: tuple[sympy.Expr, sympy.Basic]) -> sympy.Expr:
    """A Piecewise kept as written: sympy's own simplification of conditions can be slow.

    Raises:
        NestedError: a condition depends on another Piecewise.
    """
    if any(condition.has(sympy.Piecewise) for _, condition in pairs):
        raise NestedError
    return sympy.Piecewise(*pairs, evaluate=False)


def nested_cases(*pairs: tuple[sympy.Expr, sympy.Basic]) -> sympy.Expr:
    """The same past sympy's folding, for an expression that nothing is done with any more."""
    kept = list[sympy.Basic]()
    for branch, condition in pairs:
        if condition != sympy.false:
            kept.append(Tuple.__new__(ExprCondPair, branch, condition))
        if condition == sympy.true:
            break
    return sympy.Basic.__new__(sympy.Piecewise, *kept)


def _extremum(function: Callable[..., sympy.Expr]) -> Callable[..., sympy.Expr]:
    def build(*arguments: sympy.Expr) -> sympy.Expr:
        constant = not any(argument.free_symbols for argument in arguments)
        return function(*arguments, evaluate=constant)

    return build


_maximum, _minimum = _extremum(sympy.Max), _extremum(sympy.Min)
_LARGEST_SIMPLIFIED = 30
_ZERO, _ONE = sympy.Integer(0), sympy.Integer(1)
_HALF, _HUNDREDTH = sympy.Rational(1, 2), sympy.Rational(1, 100)


def _sigmoid(u: sympy.Expr) -> sympy.Expr:
    return 1 / (1 + sympy.exp(-u))


def _softplus(u: sympy.Expr) -> sympy.Expr:
    return sympy.log(1 + sympy.exp(u))


def _elu(u: sympy.Expr, alpha: sympy.Expr = _ONE) -> sympy.Expr:
    return cases((u, _positive(u)), (alpha * (sympy.exp(u) - 1), sympy.true))


def _celu(u: sympy.Expr, alpha: sympy.Expr = _ONE) -> sympy.Expr:
    if alpha == 0:
        raise ActivationError("celu divides by its alpha, which is 0")
    return cases((u, _positive(u)), (alpha * (sympy.exp(u / alpha) - 1), sympy.true))


def _selu(u: sympy.Expr) -> sympy.Expr:
    negative = _SELU_SCALE * _SELU_ALPHA * (sympy.exp(u) - 1)
    return cases((_SELU_SCALE * u, _positive(u)), (negative, sympy.true))


def _leaky_relu(u: sympy.Expr, slope: sympy.Expr = _HUNDREDTH) -> sympy.Expr:
    return cases((u, _positive(u)), (slope * u, sympy.true))


def _hardsigmoid(u: sympy.Expr) -> sympy.Expr:
    return _minimum(_maximum(u / 6 + sympy.Rational(1, 2), _ZERO), _ONE)


def _hardswish(u: sympy.Expr) -> sympy.Expr:
    below = sympy.Le(u, -3, evaluate=not u.free_symbols)
    above = sympy.Ge(u, 3, evaluate=not u.free_symbols)
    return cases((_ZERO, below), (u, above), (u * (u + 3) / 6, sympy.true))


def _softshrink(u: sympy.Expr, width: sympy.Expr = _HALF) -> sympy.Expr:
    above, below = _compared(u, width)
    return cases((u - width, above), (u + width, below), (_ZERO, sympy.true))


def _hardshrink(u: sympy.Expr, width: sympy.Expr = _HALF) -> sympy.Expr:
    above, below = _compared(u, width)
    return cases((u, above), (u, below), (_ZERO, sympy.true))


def _compared(u: sympy.Expr, width: sympy.Expr) -> tuple[sympy.Basic, sympy.Basic]:
    """u > width and u < -width, as written."""
    constant = not (u.free_symbols or width.free_symbols)
    return sympy.Gt(u, width, evaluate=constant), sympy.Lt(u, -width, evaluate=constant)


def _gelu_tanh(u: sympy.Expr) -> sympy.Expr:
    inner = sympy.sqrt(2 / sympy.pi) * (u + sympy.Rational("0.044715") * u**3)
    return u * (1 + sympy.tanh(inner)) / 2


def _positive(u: sympy.Expr) -> sympy.Basic:
    return sympy.Gt(u, 0, evaluate=not u.free_symbols)


def _unevaluated(function: Callable[..., sympy.Expr], *before: int) -> Callable[..., sympy.Expr]:
    """A function whose simplification by sympy could be slow or leave the real numbers.

    Small numbers it may simplify; gamma(12345) would become an integer of 45,000 digits.
    """

    def build(u: sympy.Expr) -> sympy.Expr:
        small = isinstance(u, sympy.Rational) and abs(u) <= _LARGEST_SIMPLIFIED
        return function(*before, u, evaluate=bool(small))

    return build


CONSTANTS: dict[str, sympy.Expr] = {"pi": sympy.pi, "E": sympy.E, "e": sympy.E, "ln2": sympy.log(2)}

# name -> fewest arguments, most arguments, builder. Parameters have torch's default values;
# sinc is the unnormalized sin(x)/x.
FUNCTIONS: dict[str, tuple[int, int, Callable[..., sympy.Expr]]] = {
    **{
        name: (1, 1, getattr(sympy, name))
        for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "asinh")
    },
    **{name: (1, 1, getattr(sympy, name)) for name in ("exp", "log", "sqrt", "erf", "erfc")},
    **{name: (1, 1, getattr(sympy, name)) for name in ("sign", "sinc", "Heaviside")},
    "abs": (1, 1, sympy.Abs),
    "Abs": (1, 1, sympy.Abs),
    "arctan": (1, 1, sympy.atan),
    "arcsinh": (1, 1, sympy.asinh),
    "Max": (1, 8, _maximum),
    "Min": (1, 8, _minimum),
    "expm1": (1, 1, lambda u: sympy.exp(u) - 1),
    "log1p": (1, 1, lambda u: sympy.log(1 + u)),
    "relu": (1, 1, lambda u: _maximum(_ZERO, u)),
    "relu6": (1, 1, lambda u: _minimum(_maximum(_ZERO, u), sympy.Integer(6))),
    "leaky_relu": (1, 2, _leaky_relu),
    "sigmoid": (1, 1, _sigmoid),
    "logsigmoid": (1, 1, lambda u: -_softplus(-u)),
    "softplus": (1, 1, _softplus),
    "softsign": (1, 1, lambda u: u / (1 + sympy.Abs(u))),
    "tanhshrink": (1, 1, lambda u: u - sympy.tanh(u)),
    "gelu": (1, 1, lambda u: u * (1 + sympy.erf(u / sympy.sqrt(2))) / 2),
    "gelu_tanh": (1, 1, _gelu_tanh),
    "silu": (1, 1, lambda u: u * _sigmoid(u)),
    "swish": (1, 1, lambda u: u * _sigmoid(u)),
    "mish": (1, 1, lambda u: u * sympy.tanh(_softplus(u))),
    "elu": (1, 2, _elu),
    "celu": (1, 2, _celu),
    "selu": (1, 1, _selu),
    "hardsigmoid": (1, 1, _hardsigmoid),
    "hardswish": (1, 1, _hardswish),
    "hardshrink": (1, 2, _hardshrink),
    "softshrink": (1, 2, _softshrink),
    "hardtanh": (1, 1, lambda u: _minimum(_maximum(u, -_ONE), _ONE)),
    **{
        name: (1, 1, _unevaluated(getattr(sympy, name)))
        for name in ("gamma", "LambertW", "erfi", "erfinv", "Si", "airyai", "airybi")
    },
    "floor": (1, 1, lambda u: sympy.floor(u, evaluate=not u.free_symbols)),
    "gammaln": (1, 1, _unevaluated(sympy.loggamma)),
    "digamma": (1, 1, _unevaluated(sympy.polygamma, 0)),
    **{f"j{n}": (1, 1, _unevaluated(sympy.besselj, n)) for n in (0, 1)},
    **{f"i{n}": (1, 1, _unevaluated(sympy.besseli, n)) for n in (0, 1)},
}
