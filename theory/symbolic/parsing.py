"""Activation functions from untrusted text: a whitelist over Python's `ast` into sympy.

What numpy, torch, jax, Keras, math and papers write is brought into Python's grammar first
(`theory.symbolic.spelling`). Nothing is evaluated as Python, and nothing reaches sympy before its
size is known to be harmless. Every refusal is an `ActivationError` with one line: what is wrong,
what to type.
"""

import ast
import warnings
from dataclasses import dataclass

import sympy

from theory.symbolic.bounded import Bounded
from theory.symbolic.catalogue.table import is_function
from theory.symbolic.functions import ActivationError
from theory.symbolic.guards.deadline import TimeLimit
from theory.symbolic.guards.library_errors import TOO_DEEP
from theory.symbolic.spelling.bars import without_bars
from theory.symbolic.spelling.characters import to_ascii
from theory.symbolic.spelling.headings import without_heading
from theory.symbolic.spelling.latex import without_latex
from theory.symbolic.spelling.notation import pythonic
from theory.symbolic.spelling.quotes import quoted
from theory.symbolic.spelling.reader import Reader
from theory.symbolic.spelling.tokens import tokens, written
from theory.symbolic.spelling.variable import variable_of

MAX_LENGTH = 500
MAX_NODES = 250
MAX_DEPTH = 40
# Seconds; what the limits above let through takes a few hundredths of one.
MAX_SECONDS = 5.0


@dataclass(frozen=True)
class Reading:
    """What a text means.

    Attributes:
        expression: in the symbol `X`.
        notes: conventions that were used where libraries or books differ, a line each.
    """

    expression: sympy.Expr
    notes: tuple[str, ...]


def parse(text: str) -> sympy.Expr:
    """Read a function of one real variable.

    Args:
        text: as numpy, torch, jax, Keras, math or papers write it, such as ``x**2*tanh(x)``,
            ``F.relu(x) + 0.1*np.sin(x)``, ``x if x > 0 else exp(x) - 1`` or
            ``Piecewise((x, x > 0), (exp(x) - 1, True))``. Decimals are read exactly.

    Returns:
        The expression in the symbol `X`.

    Raises:
        ActivationError: for whatever is not on the whitelist or exceeds a limit.
    """
    return read(text).expression


@TimeLimit(MAX_SECONDS, "reading the expression")
def read(text: str) -> Reading:
    """The same with the conventions that were used.

    Raises:
        ActivationError: for whatever is not on the whitelist or exceeds a limit.
    """
    try:
        declared, source = spelled(text)
        body = _tree(source, text)
        reader = Reader({variable_of(body, declared): Bounded.variable()}, source)
        expression = reader.term(body).finished()
    except RecursionError:  # within sympy, which rewrites what it builds
        raise ActivationError(TOO_DEEP) from None
    return Reading(expression, tuple(reader.notes))


def spelled(text: str) -> tuple[str | None, str]:
    """The variable that a heading such as ``f(z) =`` declares, and the formula for Python's parser.

    Raises:
        ActivationError: characters or notation that cannot be read.
    """
    stripped = text.strip()
    if not stripped:
        raise ActivationError("the expression is empty; write a function of x such as tanh(x)")
    if len(stripped) > MAX_LENGTH:
        raise ActivationError(
            f"the expression has {len(stripped)} characters; at most {MAX_LENGTH} are accepted"
        )
    plain = to_ascii(without_latex(_without_quotes(stripped), is_function))
    declared, found = without_heading(tokens(plain))
    if not found:
        raise ActivationError("the expression is empty; write a function of x such as tanh(x)")
    return declared, written(pythonic(without_bars(found), is_function))


def _without_quotes(text: str) -> str:
    """Without what encloses a formula in other texts: quotes, dollars, a full stop."""
    text = text.removesuffix(".") if text[-2:-1] in (")", "}") else text
    while (
        len(text) > 2 and text[0] == text[-1] and text[0] in "'\"`$" and text[0] not in text[1:-1]
    ):
        text = text[1:-1].strip()
    return text


def _tree(source: str, text: str) -> ast.expr:
    """The syntax tree, checked for size before anything walks it recursively."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ActivationError(_invalid(text, source, error)) from error
    _check_size(body)
    return body


def _invalid(text: str, source: str, error: Exception) -> str:
    """What is wrong with a text that has no syntax tree."""
    refusal = f"{quoted(text.strip())} is no valid expression in x"
    missing = source.count("(") - source.count(")")
    if missing:
        return f"{refusal}: {abs(missing)} {'(' if missing < 0 else ')'} missing"
    if "?" in source:
        return f"{refusal}: for a choice write where(x > 0, x, 0) or x if x > 0 else 0"
    offset = getattr(error, "offset", None) or 0
    if source.rstrip()[-1:] in "+-*/%=<>,":
        return f"{refusal}: a term is missing at the end; the positive part of x is relu(x)"
    place = source[offset - 1 :].split(" ")[0] if 0 < offset <= len(source) else ""
    return f"{refusal}: it cannot be read at {quoted(place)}" if place else refusal


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
