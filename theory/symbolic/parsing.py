"""Activation functions from untrusted text: a whitelist over Python's `ast` into sympy.

Nothing is evaluated as Python, and nothing reaches sympy before its size is known to be
harmless. Every refusal is an `ActivationError` with one line: what is wrong, what is accepted.
"""

import ast
import warnings
from fractions import Fraction
from typing import Any

import sympy
from sympy.logic.boolalg import Boolean

from theory.symbolic.bounded import LARGEST, Bounded, quoted
from theory.symbolic.deadline import TimeLimit
from theory.symbolic.functions import CONSTANTS, FUNCTIONS, ActivationError

TOO_DEEP = "the expression is too deeply nested once its functions are written out"
MAX_LENGTH = 500
MAX_NODES = 250
MAX_DEPTH = 40
# Seconds; what the limits above let through takes a few hundredths of one.
MAX_SECONDS = 5.0


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
        return _term(_tree(text)).finished()
    except RecursionError:  # within sympy, which rewrites what it builds
        raise ActivationError(TOO_DEEP) from None


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
        raise ActivationError(f"{quoted(stripped)} is no valid expression in x") from error
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


def _term(node: ast.expr) -> Bounded:
    match node:
        case ast.Constant():
            return _number(node)
        case ast.Name():
            return _name(node.id)
        case ast.UnaryOp(op=ast.USub()):
            return -_term(node.operand)
        case ast.UnaryOp(op=ast.UAdd()):
            return _term(node.operand)
        case ast.BinOp():
            return _operation(node)
        case ast.Call():
            return _call(node)
    raise ActivationError(
        f"{quoted(ast.unparse(node))} is not accepted; use numbers, x, + - * / ** and functions"
    )


def _number(node: ast.Constant) -> Bounded:
    if type(node.value) is int:
        digits = str(node.value)
    elif type(node.value) is float:
        # The shortest decimal that denotes the float is what the user wrote: 0.1 means 1/10.
        digits = repr(node.value)
    else:
        raise ActivationError(f"{quoted(repr(node.value))} is not accepted; use real numbers")
    if abs(node.value) > LARGEST:
        raise ActivationError(f"the number {quoted(digits)} is larger than {LARGEST:g}")
    return Bounded.constant(sympy.Rational(Fraction(digits)))


def _name(name: str) -> Bounded:
    if name == "x":
        return Bounded.variable()
    if name in CONSTANTS:
        return Bounded.constant(CONSTANTS[name])
    if name in FUNCTIONS or name == "Piecewise":
        raise ActivationError(f"the function {name} needs an argument, as in {name}(x)")
    raise ActivationError(
        f"the name {quoted(name)} is unknown; the only variable is x, the constants are pi and E"
    )


def _operation(node: ast.BinOp) -> Bounded:
    if isinstance(node.op, ast.BitXor):
        raise ActivationError("^ is not accepted; write a power as **")
    left, right = _term(node.left), _term(node.right)
    match node.op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow():
            return left**right
    raise ActivationError(
        f"the operator in {quoted(ast.unparse(node))} is not accepted; use + - * / **"
    )


def _call(node: ast.Call) -> Bounded:
    if not isinstance(node.func, ast.Name):
        raise ActivationError(f"{quoted(ast.unparse(node.func))} is no function known here")
    name = node.func.id
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise ActivationError(f"{quoted(name)} takes positional arguments only")
    if name == "Piecewise":
        return _piecewise(node)
    if name not in FUNCTIONS:
        raise ActivationError(
            f"the function {quoted(name)} is unknown; accepted are {', '.join(sorted(FUNCTIONS))}"
        )
    fewest, most, build = FUNCTIONS[name]
    if not fewest <= len(node.args) <= most:
        count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        raise ActivationError(f"{name} takes {count} arguments, not {len(node.args)}")
    return Bounded.function(build, [_term(argument) for argument in node.args])


def _piecewise(node: ast.Call) -> Bounded:
    pairs = []
    for case in node.args:
        if not isinstance(case, ast.Tuple) or len(case.elts) != 2:
            raise ActivationError("Piecewise takes pairs (expression, condition)")
        pairs.append((_term(case.elts[0]), _condition(case.elts[1])))
    if not pairs or pairs[0][1] == sympy.false:
        raise ActivationError("Piecewise needs at least one case that can hold")
    return Bounded.piecewise(pairs)


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
        f"{quoted(ast.unparse(node))} is no condition; use comparisons such as x > 0, or True"
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

_RELATIONS: dict[type[ast.cmpop], Any] = {
    ast.Lt: sympy.Lt,
    ast.LtE: sympy.Le,
    ast.Gt: sympy.Gt,
    ast.GtE: sympy.Ge,
    ast.Eq: sympy.Eq,
    ast.NotEq: sympy.Ne,
}
