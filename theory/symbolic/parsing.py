"""Activation functions from untrusted text: a whitelist over Python's `ast` into sympy.

Nothing is evaluated as Python, and nothing reaches sympy before its size is known to be
harmless. Every refusal is an `ActivationError` with one line: what is wrong, what is accepted.
"""

import ast
import math
import warnings
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy.logic.boolalg import Boolean

from theory.symbolic.deadline import TimeLimit
from theory.symbolic.functions import CONSTANTS, FUNCTIONS, ActivationError, X, cases
from theory.symbolic.stand_ins import is_constant, known_real, restored, size

TOO_DEEP = "the expression is too deeply nested once its functions are written out"
MAX_LENGTH = 500
MAX_NODES = 250
MAX_DEPTH = 40
MAX_EXPONENT = 32
MAX_DEGREE = 32
# Nodes of the resulting tree: gelu(gelu(gelu(x))) repeats its argument at every level.
MAX_SIZE = 1000
MAX_CONSTANT = 150  # parts of a constant: sympy's evaluation takes 0.2 s there, 1 s at 600
# Digits of a rational number, so that exact arithmetic on it stays cheap.
MAX_DIGITS = 200
LARGEST = 1e30
SMALLEST = 1e-30
# Seconds; what the limits above let through takes a few hundredths of one.
MAX_SECONDS = 5.0

# A constant that is smaller than this, such as sin(1)**2 + cos(1)**2 - 1, is zero.
_NEGLIGIBLE = 1e-60


@dataclass(frozen=True)
class _Term:
    """A subexpression with what the limits need: its degree, and its value when constant."""

    expression: sympy.Expr
    degree: int = 0
    value: float | None = None


@TimeLimit(MAX_SECONDS, "reading the expression")
def parse(text: str) -> sympy.Expr:
    """Read a function of the real variable `x`.

    Args:
        text: Python syntax, such as ``x**2*tanh(x)``, ``relu(x) + 0.1*sin(x)`` or
            ``Piecewise((x, x > 0), (exp(x) - 1, True))``. Decimals are read exactly.

    Returns:
        The expression in the symbol `X`.

    Raises:
        ActivationError: for whatever is not on the whitelist or exceeds a limit.
    """
    try:
        expression = restored(_term(_tree(text)).expression)
        _check_exponentials(expression)
    except RecursionError:  # within sympy, which rewrites what it builds
        raise ActivationError(TOO_DEEP) from None
    return expression


def _tree(text: str) -> ast.expr:
    """The syntax tree, checked for size before anything walks it recursively."""
    stripped = text.strip()
    if not stripped:
        raise ActivationError("the expression is empty; write a function of x such as tanh(x)")
    if len(stripped) > MAX_LENGTH:
        raise ActivationError(
            f"the expression has {len(stripped)} characters; at most {MAX_LENGTH} are accepted"
        )
    if not stripped.isascii() or not stripped.isprintable():
        raise ActivationError("the expression has characters other than printable ASCII")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(stripped, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ActivationError(f"{_quote(stripped)} is no valid expression in x") from error
    _check_size(body)
    return body


def _check_size(body: ast.expr) -> None:
    level: list[ast.AST] = [body]
    nodes = depth = 0
    while level:
        nodes, depth = nodes + len(level), depth + 1
        if nodes > MAX_NODES:
            raise ActivationError(f"the expression has more than {MAX_NODES} parts")
        if depth > MAX_DEPTH:
            raise ActivationError(f"the expression is nested deeper than {MAX_DEPTH} levels")
        level = [child for node in level for child in _children(node)]


def _children(node: ast.AST) -> list[ast.AST]:
    """Child nodes that count: operators and name contexts carry no content of their own."""
    marks = (ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.expr_context)
    return [child for child in ast.iter_child_nodes(node) if not isinstance(child, marks)]


def _term(node: ast.expr) -> _Term:
    match node:
        case ast.Constant():
            return _number(node)
        case ast.Name():
            return _name(node.id)
        case ast.UnaryOp(op=ast.USub()):
            return _multiply(_constant(sympy.Integer(-1)), _term(node.operand))
        case ast.UnaryOp(op=ast.UAdd()):
            return _term(node.operand)
        case ast.BinOp():
            return _operation(node)
        case ast.Call():
            return _call(node)
    raise ActivationError(
        f"{_quote(ast.unparse(node))} is not accepted; use numbers, x, + - * / ** and functions"
    )


def _number(node: ast.Constant) -> _Term:
    if type(node.value) is int:
        digits = str(node.value)
    elif type(node.value) is float:
        # The shortest decimal that denotes the float is what the user wrote: 0.1 means 1/10.
        digits = repr(node.value)
    else:
        raise ActivationError(f"{_quote(repr(node.value))} is not accepted; use real numbers")
    if abs(node.value) > LARGEST:
        raise ActivationError(f"the number {_quote(digits)} is larger than {LARGEST:g}")
    return _constant(sympy.Rational(Fraction(digits)))


def _name(name: str) -> _Term:
    if name == "x":
        return _Term(X, degree=1)
    if name in CONSTANTS:
        return _constant(CONSTANTS[name])
    if name in FUNCTIONS or name == "Piecewise":
        raise ActivationError(f"the function {name} needs an argument, as in {name}(x)")
    raise ActivationError(
        f"the name {_quote(name)} is unknown; the only variable is x, the constants are pi and E"
    )


def _operation(node: ast.BinOp) -> _Term:
    if isinstance(node.op, ast.BitXor):
        raise ActivationError("^ is not accepted; write a power as **")
    left, right = _term(node.left), _term(node.right)
    match node.op:
        case ast.Add():
            return _add(left, right)
        case ast.Sub():
            return _add(left, _multiply(_constant(sympy.Integer(-1)), right))
        case ast.Mult():
            return _multiply(left, right)
        case ast.Div():
            return _multiply(left, _power(right, _constant(sympy.Integer(-1))))
        case ast.Pow():
            return _power(left, right)
    raise ActivationError(
        f"the operator in {_quote(ast.unparse(node))} is not accepted; use + - * / **"
    )


def _add(left: _Term, right: _Term) -> _Term:
    return _checked(left.expression + right.expression, max(left.degree, right.degree))


def _multiply(left: _Term, right: _Term) -> _Term:
    return _checked(left.expression * right.expression, left.degree + right.degree)


def _power(base: _Term, exponent: _Term) -> _Term:
    if exponent.value is None:
        if base.value is not None and base.value <= 0:
            raise ActivationError("a power with x in its exponent needs a positive base")
        return _checked(_real(base) ** _real(exponent), max(base.degree, exponent.degree))
    if abs(exponent.value) > MAX_EXPONENT:
        raise ActivationError(f"an exponent exceeds {MAX_EXPONENT} in absolute value")
    if base.value == 0 and exponent.value < 0:
        raise ActivationError("the expression divides by zero")
    _check_digits(base.expression, abs(exponent.value))
    degree = base.degree * max(1, round(abs(exponent.value)))
    _check_degree(degree)
    simple = base.value is None and exponent.expression.is_Integer
    root = base.expression if simple else _real(base)
    return _checked(root ** _real(exponent), degree)


def _real(term: _Term) -> sympy.Expr:
    return known_real(term.expression, term.value)


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


def _checked(expression: sympy.Expr, degree: int) -> _Term:
    """A term within the limits; what has become constant is measured as a constant."""
    if size(expression, MAX_SIZE) > MAX_SIZE:
        raise ActivationError(f"the expression expands to more than {MAX_SIZE} parts")
    if expression.has(*_NOT_REAL):
        raise ActivationError(f"{_quote(str(expression))} is not a real number")
    if is_constant(expression):
        constant = restored(expression)
        if size(constant, MAX_CONSTANT) > MAX_CONSTANT:
            raise ActivationError(f"a constant expands to more than {MAX_CONSTANT} parts")
        return _constant(constant)
    _check_degree(degree)
    return _Term(expression, degree)


def _constant(expression: sympy.Expr) -> _Term:
    _check_exponentials(expression)
    if isinstance(expression, sympy.Rational):
        _check_digits(expression, 1.0)
        value = int(expression.p) / int(expression.q)
    else:
        number = expression.evalf(20)
        if not isinstance(number, sympy.Float | sympy.Rational):
            raise ActivationError(f"{_quote(str(expression))} is not a real number")
        value = float(number)
        if abs(value) < _NEGLIGIBLE:
            return _Term(sympy.Integer(0), 0, 0.0)
    if value and not SMALLEST <= abs(value) <= LARGEST:
        raise ActivationError(
            f"the constant {_quote(str(expression))} is outside {SMALLEST:g} to {LARGEST:g}"
        )
    return _Term(expression, 0, value)


def _call(node: ast.Call) -> _Term:
    if not isinstance(node.func, ast.Name):
        raise ActivationError(f"{_quote(ast.unparse(node.func))} is no function known here")
    name = node.func.id
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise ActivationError(f"{_quote(name)} takes positional arguments only")
    if name == "Piecewise":
        return _piecewise(node)
    if name not in FUNCTIONS:
        raise ActivationError(
            f"the function {_quote(name)} is unknown; accepted are {', '.join(sorted(FUNCTIONS))}"
        )
    fewest, most, build = FUNCTIONS[name]
    if not fewest <= len(node.args) <= most:
        count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        raise ActivationError(f"{name} takes {count} arguments, not {len(node.args)}")
    arguments = [_term(argument) for argument in node.args]
    degree = max(argument.degree for argument in arguments)
    return _checked(build(*map(_real, arguments)), degree)


def _piecewise(node: ast.Call) -> _Term:
    pairs, degree = [], 0
    for case in node.args:
        if not isinstance(case, ast.Tuple) or len(case.elts) != 2:
            raise ActivationError("Piecewise takes pairs (expression, condition)")
        term = _term(case.elts[0])
        pairs.append((term.expression, _condition(case.elts[1])))
        degree = max(degree, term.degree)
    if not pairs or pairs[0][1] == sympy.false:
        raise ActivationError("Piecewise needs at least one case that can hold")
    return _checked(cases(*pairs), degree)


def _condition(node: ast.expr) -> Boolean:
    match node:
        case ast.Constant(value=bool()):
            return sympy.true if node.value else sympy.false
        case ast.Compare():
            return _comparison(node)
        case ast.BoolOp():
            combine = sympy.And if isinstance(node.op, ast.And) else sympy.Or
            return combine(*(_condition(value) for value in node.values), **_AS_WRITTEN)
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
            combine = sympy.And if isinstance(node.op, ast.BitAnd) else sympy.Or
            return combine(_condition(node.left), _condition(node.right), **_AS_WRITTEN)
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            return sympy.Not(_condition(node.operand), evaluate=False)
    raise ActivationError(
        f"{_quote(ast.unparse(node))} is no condition; use comparisons such as x > 0, or True"
    )


def _comparison(node: ast.Compare) -> Boolean:
    operands = [_term(operand) for operand in (node.left, *node.comparators)]
    links = []
    for left, operator, right in zip(operands[:-1], node.ops, operands[1:], strict=True):
        relation = _RELATIONS.get(type(operator))
        if relation is None:
            raise ActivationError("conditions compare with < <= > >= == !=")
        constant = left.value is not None and right.value is not None
        links.append(relation(left.expression, right.expression, evaluate=constant))
    return links[0] if len(links) == 1 else sympy.And(*links, **_AS_WRITTEN)


# Undecided conditions stay as written: sympy's attempts to decide them can be slow.
_AS_WRITTEN: dict[str, Any] = {"evaluate": False}

# What sympy leaves behind where an expression is infinite, undefined or may be complex.
_NOT_REAL = (
    *(sympy.I, sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.AccumBounds),
    *(sympy.re, sympy.im, sympy.arg, sympy.conjugate),
)

_RELATIONS: dict[type[ast.cmpop], Any] = {
    ast.Lt: sympy.Lt,
    ast.LtE: sympy.Le,
    ast.Gt: sympy.Gt,
    ast.GtE: sympy.Ge,
    ast.Eq: sympy.Eq,
    ast.NotEq: sympy.Ne,
}


def _quote(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
