"""Calls that choose between formulas: ``where``, ``Piecewise``, ``np.select``, ``np.piecewise``."""

import ast
from collections.abc import Callable, Sequence

import sympy

from theory.symbolic.bounded import Bounded
from theory.symbolic.functions import ActivationError
from theory.symbolic.spelling import conditions
from theory.symbolic.spelling.quotes import quoted
from theory.symbolic.spelling.reader import Reader, piecewise

Pair = tuple[Bounded, sympy.Basic]


def construct(
    reader: Reader, name: str, arguments: Sequence[ast.expr], node: ast.Call
) -> Bounded | None:
    """The expression of such a call, None for another one.

    Args:
        name: of the function, without its library.
        arguments: by position.

    Raises:
        ActivationError: arguments that are none of its own.
    """
    if conditions.is_condition(node):
        return reader.indicator(node)
    if name not in _BUILD:
        return None
    given = [*arguments, *(k.value for k in node.keywords if k.arg not in ("name", "dtype"))]
    if any(isinstance(one, ast.Starred) for one in given):
        raise ActivationError(f"{name} takes no starred arguments")
    return _BUILD[name](reader, name, given)


def _where(reader: Reader, name: str, given: list[ast.expr]) -> Bounded:
    if len(given) != 3:
        raise ActivationError(f"{name} takes a condition and two values, as in where(x>0, x, 0)")
    if name == "masked_fill":  # x.masked_fill(condition, value)
        given = [given[1], given[2], given[0]]
    if name != "masked_fill" and not _could_hold(given[0]) and _could_hold(given[1]):
        given = [given[1], given[0], given[2]]  # x.where(condition, other)
    condition = conditions.condition(reader, given[0])
    return piecewise([(reader.term(given[1]), condition), (reader.term(given[2]), sympy.true)])


def _could_hold(node: ast.expr) -> bool:
    return conditions.is_condition(node) or (
        isinstance(node, ast.Constant) and isinstance(node.value, bool)
    )


def _piecewise(reader: Reader, name: str, given: list[ast.expr]) -> Bounded:
    if name == "piecewise" and len(given) >= 3 and isinstance(given[1], ast.List):
        return _of_lists(reader, given[1], given[2], None, given[0])
    pairs = []
    for case in given:
        if not isinstance(case, ast.Tuple) or len(case.elts) != 2:
            raise ActivationError("Piecewise takes pairs (expression, condition)")
        pairs.append((reader.term(case.elts[0]), conditions.condition(reader, case.elts[1])))
    return piecewise(pairs)


def _select(reader: Reader, name: str, given: list[ast.expr]) -> Bounded:
    if not given or not isinstance(given[0], ast.List):
        return _where(reader, name, given)  # lax.select(condition, value, value)
    if len(given) not in (2, 3):
        raise ActivationError("select takes a list of conditions, one of values, and a default")
    return _of_lists(reader, given[0], given[1], given[2] if len(given) == 3 else None, None)


def _of_lists(
    reader: Reader,
    tests: ast.expr,
    values: ast.expr,
    default: ast.expr | None,
    argument: ast.expr | None,
) -> Bounded:
    if not isinstance(tests, ast.List) or not isinstance(values, ast.List):
        raise ActivationError(f"{quoted(ast.unparse(values))} must be a list of values")
    held = [conditions.condition(reader, test) for test in tests.elts]
    branches = [_branch(reader, value, argument) for value in values.elts]
    if len(branches) == len(held) + 1 and argument is not None:
        rest: list[Pair] = [*zip(branches[:-1], held, strict=True), (branches[-1], sympy.true)]
        return piecewise(rest)
    if len(branches) != len(held):
        raise ActivationError(f"{len(held)} conditions do not fit {len(branches)} values")
    last = Bounded.constant(sympy.Integer(0)) if default is None else reader.term(default)
    pairs: list[Pair] = [*zip(branches, held, strict=True), (last, sympy.true)]
    return piecewise(pairs)


def _branch(reader: Reader, node: ast.expr, argument: ast.expr | None) -> Bounded:
    """A value; in ``np.piecewise`` it may be a function of one argument."""
    if not isinstance(node, ast.Lambda) or argument is None:
        return reader.term(node)
    names = [one.arg for one in node.args.args]
    plain = not (node.args.vararg or node.args.kwarg or node.args.kwonlyargs or node.args.defaults)
    if len(names) != 1 or not plain:
        raise ActivationError(f"{quoted(ast.unparse(node))} must have one argument")
    inner = {**reader.names, names[0]: reader.term(argument)}
    return Reader(inner, reader.source, reader.notes).term(node.body)


def _like(value: int | None) -> Callable[[Reader, str, list[ast.expr]], Bounded]:
    """``zeros_like(x)``, ``ones_like(x)`` and ``full_like(x, c)``."""

    def build(reader: Reader, name: str, given: list[ast.expr]) -> Bounded:
        if value is not None:
            return Bounded.constant(sympy.Integer(value))
        if len(given) != 2:
            raise ActivationError(f"{name} takes two arguments")
        return reader.term(given[1])

    return build


def _ratio(reader: Reader, name: str, given: list[ast.expr]) -> Bounded:
    if len(given) not in (1, 2):
        raise ActivationError(f"{name} takes one or two numbers")
    first = reader.term(given[0])
    return first if len(given) == 1 else first / reader.term(given[1])


def _indicator(reader: Reader, name: str, given: list[ast.expr]) -> Bounded:
    if len(given) != 1:
        raise ActivationError(f"{name} takes one condition, as in {name}(x > 0)")
    return reader.indicator(given[0])


_BUILD: dict[str, Callable[[Reader, str, list[ast.expr]], Bounded]] = {
    "where": _where,
    "masked_fill": _where,
    "ifelse": _where,
    "Piecewise": _piecewise,
    "piecewise": _piecewise,
    "select": _select,
    **dict.fromkeys(("zeros_like", "zeros"), _like(0)),
    **dict.fromkeys(("ones_like", "ones"), _like(1)),
    **dict.fromkeys(("full_like", "full"), _like(None)),
    **dict.fromkeys(("indicator", "I", "ind"), _indicator),
    **dict.fromkeys(("Rational", "Fraction"), _ratio),
}
NAMES = set(_BUILD)
