"""Sympy expressions as text and back, without ever evaluating the text.

`dump` writes sympy's ``srepr``. `load` reads it with Python's `ast` and builds only what is on
a whitelist of sympy constructors, under limits on size, nesting and the size of exact numbers,
so that a results file from somewhere else can neither run code nor stall the reader.
"""

import ast
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import sympy
from sympy.core.containers import Tuple
from sympy.core.symbol import Str
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.series.limits import Limit

MAX_LENGTH = 100_000
MAX_DEPTH = 120
MAX_NODES = 100_000
MAX_BITS = 20_000
MAX_DIGITS = 400
MAX_FACTORIAL = 500

_DECIMAL = re.compile(r"[+-]?\d+\.?\d*(e[+-]?\d{1,3})?")

_CONSTANTS: dict[str, sympy.Basic] = {
    **{name: getattr(sympy, name) for name in ("pi", "E", "I", "oo", "zoo", "nan", "true")},
    **{name: getattr(sympy, name) for name in ("false", "GoldenRatio", "EulerGamma", "Catalan")},
    **{name: getattr(sympy.S, name) for name in ("Reals", "Integers", "Naturals", "Naturals0")},
    **{name: getattr(sympy.S, name) for name in ("Complexes", "Rationals", "EmptySet")},
}

_CLASSES = """
    Add Mul Pow Mod Tuple Dict
    And Or Not Xor Implies Equivalent ITE
    Sum Product Integral Derivative Subs Order Lambda
    Indexed IndexedBase Idx Piecewise ExprCondPair
    Interval FiniteSet Union Intersection Complement Contains
    MatrixSymbol MatAdd MatMul MatPow Transpose Inverse Trace Determinant Identity ZeroMatrix
    OneMatrix HadamardProduct HadamardPower MutableDenseMatrix ImmutableDenseMatrix
    Abs Max Min sign floor ceiling re im conjugate arg Heaviside DiracDelta KroneckerDelta
    sin cos tan cot sec csc asin acos atan acot atan2 sinh cosh tanh coth asinh acosh atanh
    sech csch sinc exp log LambertW Si airyai airybi airyaiprime airybiprime
    erf erfc erfi erfinv erfcinv gamma loggamma digamma polygamma lowergamma uppergamma beta zeta
    factorial factorial2 binomial harmonic besselj bessely besseli besselk hyper expint Ei
""".split()  # noqa: SIM905


def _case(branch: Any, condition: Any) -> Any:
    """A pair; sympy would fold a Piecewise in its condition, see `nested_cases`."""
    if isinstance(condition, sympy.Basic) and condition.has(sympy.Piecewise):
        return Tuple.__new__(ExprCondPair, branch, condition)
    return ExprCondPair(branch, condition)


def _piecewise(pairs: tuple[Any, ...]) -> Any:
    given = all(isinstance(pair, ExprCondPair) for pair in pairs)
    if given and any(pair.args[1].has(sympy.Piecewise) for pair in pairs):
        return sympy.Basic.__new__(sympy.Piecewise, *pairs)
    return sympy.Piecewise(*pairs)


_RELATIONS = """
    Eq Ne Lt Le Gt Ge Equality Unequality StrictLessThan LessThan StrictGreaterThan GreaterThan
""".split()  # noqa: SIM905

_CONSTRUCTORS: dict[str, Callable[..., Any]] = {
    **{name: getattr(sympy, name) for name in _CLASSES if name != "ExprCondPair"},
    # whether they hold would take longer to find out than all else
    **{name: partial(getattr(sympy, name), evaluate=False) for name in _RELATIONS},
    "ExprCondPair": _case,
    "Piecewise": lambda *pairs: _piecewise(pairs),
    "Limit": Limit,
    "MatrixElement": MatrixElement,
}

_FACTORIAL_LIKE = {
    *("factorial", "factorial2", "binomial", "gamma", "loggamma", "polygamma", "harmonic"),
    *("zeta", "digamma", "lowergamma", "uppergamma", "beta"),
}

_ASSUMPTIONS = {
    *("algebraic", "antihermitian", "commutative", "complex", "composite", "even"),
    *("extended_negative", "extended_nonnegative", "extended_nonpositive", "extended_nonzero"),
    *("extended_positive", "extended_real", "finite", "hermitian", "imaginary", "infinite"),
    *("integer", "irrational", "negative", "noninteger", "nonnegative", "nonpositive", "nonzero"),
    *("odd", "polar", "positive", "prime", "rational", "real", "transcendental", "zero"),
}


class ExpressionError(ValueError):
    """The text is not an expression that `load` accepts; the message is one line."""


def dump(expr: sympy.Basic | sympy.MatrixBase) -> str:
    """The text form of an expression (sympy's ``srepr``)."""
    return sympy.srepr(expr)


def load(text: str) -> sympy.Basic | sympy.MatrixBase:
    """The expression that `dump` wrote; never evaluates code.

    An expression that sympy would simplify on construction (its author kept it unevaluated)
    comes back unevaluated.

    Raises:
        ExpressionError: (a `ValueError`) on anything outside of the whitelist or its limits.
    """
    expr = _loaded(text)
    return expr.copy() if isinstance(expr, sympy.MutableDenseMatrix) else expr


@lru_cache(maxsize=4096)  # a formula is printed for the pages, for the screen and for readers
def _loaded(text: str) -> sympy.Basic | sympy.MatrixBase:
    tree = _parse(text)
    try:
        expr = _checked(_build(tree))
        if _same(dump(expr), tree):
            return expr
        with sympy.evaluate(False):
            return _checked(_build(tree))
    except ExpressionError:
        raise
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply") from None
    except Exception as error:  # sympy raises nearly any type on arguments that make no sense
        reason = " ".join(str(error).split())[:200]
        raise ExpressionError(f"not a valid sympy expression: {reason}") from error


def _parse(text: str) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text)} characters, limit {MAX_LENGTH}")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ExpressionError(f"not the text of an expression: {type(error).__name__}") from error
    level, depth, nodes = [tree], 0, 0
    while level:
        depth, nodes = depth + 1, nodes + len(level)
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise ExpressionError("the expression is nested too deeply or too large")
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return tree


def _same(text: str, tree: ast.expr) -> bool:
    return ast.dump(ast.parse(text, mode="eval").body) == ast.dump(tree)


def _checked(expr: Any) -> sympy.Basic | sympy.MatrixBase:
    if not isinstance(expr, sympy.Basic | sympy.MatrixBase):
        raise ExpressionError(f"a {type(expr).__name__} is not an expression")
    return expr


def _build(node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        if node.id in _CONSTANTS:
            return _CONSTANTS[node.id]
        raise ExpressionError(f"{node.id!r} is not allowed in an expression")
    if isinstance(node, ast.UnaryOp) and ast.unparse(node) == "-oo":  # of a sum's limits
        return sympy.S.NegativeInfinity
    if isinstance(node, ast.List | ast.Tuple):
        return [_build(item) for item in node.elts]
    if isinstance(node, ast.Call):
        return _build_call(node)
    raise ExpressionError(f"{type(node).__name__} is not allowed in an expression")


def _build_call(node: ast.Call) -> Any:
    if isinstance(node.func, ast.Call):
        return _build_applied(node)
    if not isinstance(node.func, ast.Name):
        raise ExpressionError(f"{type(node.func).__name__} is not allowed in an expression")
    name = node.func.id
    if name in _LITERALS:
        return _LITERALS[name](node)
    if name not in _CONSTRUCTORS:
        raise ExpressionError(f"{name!r} is not allowed in an expression")
    if node.keywords:
        raise ExpressionError(f"{name} takes no keywords in an expression")
    args = [_build_argument(name, position, arg) for position, arg in enumerate(node.args)]
    _check_size(name, args)
    return _CONSTRUCTORS[name](*args)


def _build_argument(name: str, position: int, arg: ast.expr) -> Any:
    if name == "MatrixSymbol" and position == 0 and isinstance(arg, ast.Constant):
        return _string(arg)
    if name in ("MutableDenseMatrix", "ImmutableDenseMatrix") and isinstance(arg, ast.Constant):
        return _number(arg)
    return _build(arg)


def _build_applied(node: ast.Call) -> Any:
    """``Function('f')(x)``: an undefined function applied to arguments."""
    inner = node.func
    if (
        not isinstance(inner, ast.Call)
        or not isinstance(inner.func, ast.Name)
        or inner.func.id != "Function"
        or node.keywords
    ):
        raise ExpressionError("only Function('name') may be applied to arguments")
    return _function(inner)(*[_build(arg) for arg in node.args])


def _function(node: ast.Call) -> Any:
    if len(node.args) != 1 or node.keywords:
        raise ExpressionError("Function takes one name")
    return sympy.Function(_string(node.args[0]))


def _symbol(node: ast.Call) -> sympy.Symbol:
    if len(node.args) != 1:
        raise ExpressionError("Symbol takes one name")
    assumptions = {}
    for keyword in node.keywords:
        if keyword.arg not in _ASSUMPTIONS:
            raise ExpressionError(f"{keyword.arg!r} is not an assumption on a symbol")
        assumptions[keyword.arg] = _boolean(keyword.value)
    return sympy.Symbol(_string(node.args[0]), **assumptions)


def _dummy(node: ast.Call) -> sympy.Dummy:
    if len(node.args) != 1:
        raise ExpressionError("Dummy takes one name")
    options: dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg == "dummy_index":
            options["dummy_index"] = _number(keyword.value)
        elif keyword.arg in _ASSUMPTIONS:
            options[keyword.arg] = _boolean(keyword.value)
        else:
            raise ExpressionError(f"{keyword.arg!r} is not an assumption on a symbol")
    return sympy.Dummy(_string(node.args[0]), **options)


def _str(node: ast.Call) -> Str:
    if len(node.args) != 1 or node.keywords:
        raise ExpressionError("Str takes one string")
    return Str(_string(node.args[0]))


def _integer(node: ast.Call) -> sympy.Integer:
    if len(node.args) != 1 or node.keywords:
        raise ExpressionError("Integer takes one number")
    return sympy.Integer(_number(node.args[0]))


def _rational(node: ast.Call) -> Any:
    if len(node.args) != 2 or node.keywords:
        raise ExpressionError("Rational takes two numbers")
    return sympy.Rational(_number(node.args[0]), _number(node.args[1]))


def _float(node: ast.Call) -> sympy.Float:
    if len(node.args) != 1 or any(keyword.arg != "precision" for keyword in node.keywords):
        raise ExpressionError("Float takes one number and a precision")
    text = _string(node.args[0])
    if len(text) > MAX_DIGITS or not _DECIMAL.fullmatch(text):
        raise ExpressionError("Float needs a decimal number of ordinary size")
    precision = _number(node.keywords[0].value) if node.keywords else 53
    if not 1 <= precision <= 4 * MAX_DIGITS:
        raise ExpressionError(f"Float precision {precision} is out of range")
    return sympy.Float(text, precision=precision)


_LITERALS: dict[str, Callable[[ast.Call], Any]] = {
    "Symbol": _symbol,
    "Dummy": _dummy,
    "Str": _str,
    "Integer": _integer,
    "Rational": _rational,
    "Float": _float,
    "Function": _function,
}


def _string(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        return node.value
    raise ExpressionError("a name must be a non-empty string")


def _boolean(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return node.value
    raise ExpressionError("an assumption must be True or False")


def _number(node: ast.expr) -> int:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1, node.operand
    if isinstance(node, ast.Constant) and type(node.value) is int:
        if node.value.bit_length() > MAX_BITS:
            raise ExpressionError("a number is too large")
        return sign * node.value
    raise ExpressionError("a whole number is expected")


def _check_size(name: str, args: list[Any]) -> None:
    """Refuse exact numbers that would take long to compute or much memory to hold."""
    if name == "Pow" and len(args) == 2:
        base, exponent = args
        if base.is_Rational and exponent.is_Rational and _power_bits(base, exponent) > MAX_BITS:
            raise ExpressionError("a power of numbers is too large")
    limited = name in _FACTORIAL_LIKE
    if limited and any(arg.is_number and abs(arg) > MAX_FACTORIAL for arg in args):
        raise ExpressionError(f"an argument of {name} is larger than {MAX_FACTORIAL}")


def _power_bits(base: sympy.Rational, exponent: sympy.Rational) -> int:
    size = max(abs(base.p).bit_length(), base.q.bit_length())
    # A root of an integer makes sympy factor it, which is slow for long ones.
    if exponent.q != 1 and size > 256:
        return MAX_BITS + 1
    return 0 if size <= 1 else size * (abs(exponent.p) // exponent.q + 1)
