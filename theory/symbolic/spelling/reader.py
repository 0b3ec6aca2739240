"""A tree of Python's grammar as an expression: what is accepted, and nothing else."""

import ast
import re
from collections.abc import Mapping
from fractions import Fraction

import sympy

from theory.symbolic.bounded import LARGEST, Bounded
from theory.symbolic.functions import CONSTANTS, ActivationError
from theory.symbolic.spelling import conditions
from theory.symbolic.spelling.quotes import quoted

_DECIMAL = re.compile(r"(?P<digits>[\d_]+\.?[\d_]*|\.[\d_]+)(?:[eE](?P<exponent>[+-]?\d{1,4}))?")
_ONE, _ZERO = sympy.Integer(1), sympy.Integer(0)


class Reader:
    """Reads trees in which some names have values.

    Attributes:
        names: values of the variable and of parameters; None for an argument that is left out.
        source: the text of the tree, for the digits of its numbers; empty where it is not known.
        notes: conventions that were used, in order.
    """

    def __init__(
        self, names: Mapping[str, Bounded | None], source: str = "", notes: list[str] | None = None
    ) -> None:
        self.names, self.source = names, source
        self.notes = [] if notes is None else notes

    def term(self, node: ast.expr) -> Bounded:
        """The expression of a tree.

        Raises:
            ActivationError: something that is not accepted, or exceeds a limit.
        """
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name():
                return self._name(node.id)
            case ast.UnaryOp(op=ast.USub()):
                return -self.term(node.operand)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.term(node.operand)
            case ast.IfExp():
                return self._conditional(node)
            case ast.Call() | ast.Attribute():
                return self._called(node)
            case _ if conditions.is_condition(node):
                return self.indicator(node)
            case ast.BinOp():
                return self._operation(node)
        raise ActivationError(_not_accepted(node))

    def indicator(self, node: ast.expr) -> Bounded:
        """1 where a condition holds, else 0."""
        condition = conditions.condition(self, node)
        pairs = [(Bounded.constant(_ONE), condition), (Bounded.constant(_ZERO), sympy.true)]
        return piecewise(pairs)

    def _conditional(self, node: ast.IfExp) -> Bounded:
        condition = conditions.condition(self, node.test)
        return piecewise([(self.term(node.body), condition), (self.term(node.orelse), sympy.true)])

    def _called(self, node: ast.Call | ast.Attribute) -> Bounded:
        # calls read their arguments with this class
        from theory.symbolic.spelling.calls import attribute, call

        return call(self, node) if isinstance(node, ast.Call) else attribute(self, node)

    def _number(self, node: ast.Constant) -> Bounded:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise ActivationError(f"{quoted(repr(node.value))} is not accepted; use real numbers")
        digits = self._digits(node)
        match = _DECIMAL.fullmatch(digits)
        if match is None or node.value > LARGEST:
            raise ActivationError(f"the number {quoted(digits)} is larger than {LARGEST:g}")
        return Bounded.constant(sympy.Rational(Fraction(digits.replace("_", ""))))

    def _digits(self, node: ast.Constant) -> str:
        """As it was written: 0.1 means 1/10, and no digit is lost."""
        if self.source and node.end_col_offset is not None:
            return self.source[node.col_offset : node.end_col_offset]
        return repr(node.value)

    def _name(self, name: str) -> Bounded:
        value = self.names.get(name)
        if value is not None:
            return value
        if name in CONSTANTS:
            return Bounded.constant(CONSTANTS[name])
        if name in ("inf", "oo", "nan", "infinity"):
            raise ActivationError(f"{name} is not accepted; use real numbers")
        raise ActivationError(f"the name {quoted(name)} has no value")

    def _operation(self, node: ast.BinOp) -> Bounded:
        left, right = self.term(node.left), self.term(node.right)
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
            case ast.FloorDiv():
                return self.named("floor_divide", left, right)
            case ast.Mod():
                return self.named("mod", left, right)
        raise ActivationError(
            f"the operator in {quoted(ast.unparse(node))} is not accepted; use + - * / **"
        )

    def named(self, name: str, *values: Bounded) -> Bounded:
        """A function of the catalogue at given values."""
        from theory.symbolic.spelling.calls import by_name

        return by_name(self, name, values)

    def note(self, text: str | None) -> None:
        """Keep what convention was used."""
        if text and text not in self.notes:
            self.notes.append(text)


def piecewise(pairs: list[tuple[Bounded, sympy.Basic]]) -> Bounded:
    """The first branch whose condition holds; cases that never hold are left out."""
    possible = [pair for pair in pairs if pair[1] != sympy.false]
    if not possible:
        raise ActivationError("Piecewise needs at least one case that can hold")
    if possible[0][1] == sympy.true:
        return possible[0][0]
    return Bounded.piecewise(possible)


def _not_accepted(node: ast.expr) -> str:
    text = quoted(ast.unparse(node))
    match node:
        case ast.List() | ast.Tuple() | ast.Set():
            return f"{text} is not accepted; an activation is one formula, with ( ) as brackets"
        case ast.Subscript():
            return f"{text} is not accepted; an activation has no indices"
        case ast.Lambda():
            return f"{text} is not accepted inside a formula; write the formula itself"
        case ast.BoolOp():
            return f"{text} is no condition; use comparisons such as x > 0"
    return f"{text} is not accepted; use numbers, x, + - * / ** and functions"
