"""Real symbols in place of subexpressions about which sympy would ask too much.

When sympy builds a function or a power it asks whether the argument is real, zero or positive.
Where it cannot tell, as for sinh(u) with a u that has a pole, it splits everything into real and
imaginary parts, which may take minutes. Where an activation function is defined its
subexpressions are real, so a stand-in that says so loses nothing but simplifications.
"""

import itertools
from typing import Any, cast

import sympy

from theory.symbolic.functions import X, cases

# A constant with more nodes is asked about, too: comparing it may need many evaluations.
_MAX_CONSTANT = 12


class _StandIn(sympy.Dummy):
    """A real symbol that remembers what it stands for."""

    expression: sympy.Expr
    size: int
    constant: bool


def known_real(expression: sympy.Expr, value: float | None = None) -> sympy.Expr:
    """The expression, or a real symbol for it where sympy's questions could be hard.

    Args:
        expression: built by the parser.
        value: of a constant; its sign becomes known.
    """
    hard = _questionable(expression) if value is None else bool(value) and _long(expression)
    if not hard:
        return expression
    sign = {} if value is None else {"positive": value > 0, "negative": value < 0}
    symbol = _StandIn("…", real=True, **sign)
    symbol.expression, symbol.size = expression, _full_size(expression)
    symbol.constant = value is not None
    return symbol


def is_constant(expression: sympy.Expr) -> bool:
    return all(
        isinstance(symbol, _StandIn) and symbol.constant for symbol in expression.free_symbols
    )


def restored(expression: sympy.Expr) -> sympy.Expr:
    """The expression without stand-ins; what contained one is kept as it was written."""
    return cast(sympy.Expr, _restored(expression))


def size(expression: sympy.Expr, most: int) -> int:
    """Number of nodes after `restored`; any number above ``most`` where there are more."""
    total = 0
    for node in itertools.islice(sympy.preorder_traversal(expression), most + 1):
        total += node.size if isinstance(node, _StandIn) else 1
    return total


def _full_size(expression: sympy.Expr) -> int:
    nodes = sympy.preorder_traversal(expression)
    return sum(node.size if isinstance(node, _StandIn) else 1 for node in nodes)


def _restored(node: sympy.Basic) -> sympy.Basic:
    if isinstance(node, _StandIn):
        return _restored(node.expression)
    if not node.has(_StandIn):
        return node
    if isinstance(node, sympy.Piecewise):
        # The pairs of sympy, built one by one, would fold a Piecewise inside a condition.
        pairs = [[_restored(part) for part in pair.args] for pair in node.args]
        return cases(*((cast(sympy.Expr, branch), condition) for branch, condition in pairs))
    return cast(Any, node.func)(*map(_restored, node.args), evaluate=False)


def _long(constant: sympy.Expr) -> bool:
    # exp(n log u) would become the number u**n, whatever its size.
    return size(constant, _MAX_CONSTANT) > _MAX_CONSTANT or constant.has(sympy.log)


def _questionable(expression: sympy.Expr) -> bool:
    return expression.has(sympy.log, sympy.tan) or any(
        (power.base.has(X, _StandIn) or power.exp.has(X, _StandIn))
        and not (power.exp.is_Integer and power.exp.is_positive)
        for power in expression.atoms(sympy.Pow)
    )
