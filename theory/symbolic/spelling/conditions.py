"""Conditions: comparisons, and what joins them."""

import ast
from typing import TYPE_CHECKING, Any

import sympy
from sympy.logic.boolalg import Boolean

from theory.symbolic.functions import ActivationError
from theory.symbolic.spelling.quotes import quoted

if TYPE_CHECKING:
    from theory.symbolic.bounded import Bounded
    from theory.symbolic.spelling.reader import Reader

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

# Functions that compare, in sympy, numpy, torch, jax and TensorFlow.
COMPARING: dict[str, Any] = {
    **dict.fromkeys(("Gt", "gt", "greater"), sympy.Gt),
    **dict.fromkeys(("Ge", "ge", "greater_equal"), sympy.Ge),
    **dict.fromkeys(("Lt", "lt", "less"), sympy.Lt),
    **dict.fromkeys(("Le", "le", "less_equal"), sympy.Le),
    **dict.fromkeys(("Eq", "eq", "equal"), sympy.Eq),
    **dict.fromkeys(("Ne", "ne", "not_equal"), sympy.Ne),
}
_JOINING: dict[str, Any] = {
    **dict.fromkeys(("And", "logical_and"), sympy.And),
    **dict.fromkeys(("Or", "logical_or"), sympy.Or),
    **dict.fromkeys(("Not", "logical_not"), sympy.Not),
}
_WORDS = {"True": sympy.true, "true": sympy.true, "otherwise": sympy.true, "false": sympy.false}


def is_condition(node: ast.expr) -> bool:
    """Whether a tree is a comparison or joins some, and no number."""
    match node:
        case ast.Compare():
            return True
        case ast.BoolOp():
            return all(map(is_condition, node.values))
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
            return is_condition(node.left) and is_condition(node.right)
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            return is_condition(node.operand)
        case ast.Call():
            return _called(node) in COMPARING or _called(node) in _JOINING
    return False


def condition(reader: "Reader", node: ast.expr) -> Boolean:
    """The condition of a tree.

    Raises:
        ActivationError: it is none.
    """
    match node:
        case ast.Constant(value=bool()):
            return sympy.true if node.value else sympy.false
        case ast.Name() if node.id in _WORDS:
            return _WORDS[node.id]
        case ast.Compare():
            return _comparison(reader, node)
        case ast.BoolOp():
            combine = sympy.And if isinstance(node.op, ast.And) else sympy.Or
            return combine(*(condition(reader, value) for value in node.values), **_AS_WRITTEN)
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
            combine = sympy.And if isinstance(node.op, ast.BitAnd) else sympy.Or
            parts = condition(reader, node.left), condition(reader, node.right)
            return combine(*parts, **_AS_WRITTEN)
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            return sympy.Not(condition(reader, node.operand), evaluate=False)
        case ast.Call() if is_condition(node):
            return _by_name(reader, node)
    raise ActivationError(
        f"{quoted(ast.unparse(node))} is no condition; use comparisons such as x > 0, or True"
    )


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name():
            return node.func.id
        case ast.Attribute():
            return node.func.attr
    return ""


def _by_name(reader: "Reader", node: ast.Call) -> Boolean:
    name, arguments = _called(node), list(node.args)
    if isinstance(node.func, ast.Attribute) and _is_method(reader, node.func.value):
        arguments = [node.func.value, *arguments]
    if node.keywords or any(isinstance(one, ast.Starred) for one in arguments):
        raise ActivationError(f"{name} takes positional arguments only")
    if name in _JOINING:
        if not arguments or (_JOINING[name] is sympy.Not and len(arguments) != 1):
            raise ActivationError(f"{name} takes other arguments than {len(arguments)}")
        parts = [condition(reader, one) for one in arguments]
        return _JOINING[name](*parts, evaluate=False)
    if len(arguments) != 2:
        raise ActivationError(f"{name} takes 2 arguments, not {len(arguments)}")
    return _related(reader, COMPARING[name], arguments[0], arguments[1])


def _is_method(reader: "Reader", value: ast.expr) -> bool:
    """Is it a number whose method is called, and no library?"""
    while isinstance(value, ast.Attribute):
        value = value.value
    return not isinstance(value, ast.Name) or value.id in reader.names


def _comparison(reader: "Reader", node: ast.Compare) -> Boolean:
    operands = [node.left, *node.comparators]
    links = []
    for left, operator, right in zip(operands[:-1], node.ops, operands[1:], strict=True):
        relation = _RELATIONS.get(type(operator))
        if relation is None:
            raise ActivationError("conditions compare with < <= > >= == !=")
        links.append(_related(reader, relation, left, right))
    return links[0] if len(links) == 1 else sympy.And(*links, **_AS_WRITTEN)


def _related(reader: "Reader", relation: Any, left: ast.expr, right: ast.expr) -> Boolean:
    sides = reader.term(left), reader.term(right)
    if all(side.value is not None for side in sides):
        # by its value: sympy cannot tell of every number that it is real
        difference = (sides[0] - sides[1]).value
        assert difference is not None
        return relation(sympy.Integer((difference > 0) - (difference < 0)), 0)
    return relation(*map(_plain, sides), evaluate=False)


def _plain(side: "Bounded") -> sympy.Expr:
    """A side without a Piecewise, for which a symbol stands."""
    return side.compared() if side.expression.has(sympy.Piecewise) else side.expression
