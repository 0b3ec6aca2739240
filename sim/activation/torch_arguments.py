"""The text that names a torch callable: ``package.module:Name``, with literal arguments or none.

Arguments are read from the parsed text as numbers, strings, truth values, None and lists or tuples
of these; nothing is evaluated.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from theory.symbolic.functions import ActivationError

NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
LONGEST = 1000  # characters of a name with its arguments
SHOWN = 80  # characters of a name that are shown
EXAMPLE = "as in torch.nn:PReLU(init=0.1)"


@dataclass(frozen=True)
class Named:
    """A module, what it has by a dotted path, and what that is given.

    Attributes:
        called: whether there are brackets, be they empty.
    """

    module: str
    path: str
    positional: tuple[Any, ...]
    keywords: Mapping[str, Any]
    called: bool

    @property
    def with_arguments(self) -> bool:
        return bool(self.positional or self.keywords)


def named(text: str) -> Named:
    """The parts of ``package.module:Name`` or ``package.module:Name(0.1, key=2)``.

    Raises:
        ActivationError: it is of another form, or an argument is no literal; one line.
    """
    name, bracket, rest = text.partition("(")
    if not NAME.fullmatch(name) or not text.isprintable() or len(text) > LONGEST:
        raise ActivationError(f"{_shown(text)} is no name of the form package.module:Name")
    module, _, path = name.partition(":")
    if not bracket:
        return Named(module, path, (), {}, called=False)
    call = _call(f"f({rest}", text)
    if any(isinstance(one, ast.Starred) for one in call.args) or not all(
        one.arg for one in call.keywords
    ):
        raise ActivationError(f"{_shown(text)}: arguments are literals, {EXAMPLE}; no * or **")
    positional = tuple(_literal(one, text) for one in call.args)
    keywords = {str(one.arg): _literal(one.value, text) for one in call.keywords}
    return Named(module, path, positional, keywords, called=True)


def _call(source: str, text: str) -> ast.Call:
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ActivationError(
            f"{_shown(text)}: what stands in brackets are literals, {EXAMPLE}"
        ) from error
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
        raise ActivationError(f"{_shown(text)}: brackets are opened once, {EXAMPLE}")
    return tree


def _literal(node: ast.expr, text: str) -> Any:
    """The value of a literal: `ast.literal_eval` knows literals alone and calls nothing."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        part = " ".join((ast.get_source_segment(f"f({text.partition('(')[2]}", node) or "").split())
        raise ActivationError(
            f"{_shown(text)}: {_shown(part)} is no literal; arguments are numbers, strings, True, "
            f"False or None, {EXAMPLE}"
        ) from error


def _shown(text: str) -> str:
    return repr("".join(c for c in " ".join(text.split()) if c.isprintable())[:SHOWN])
