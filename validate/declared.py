"""What modules of claims declare, read from their text: none is imported until a claim is built.

So a module may import at its top whatever it needs, and listing claims costs nothing. What
`validate.registry.claim` and `family` are given is written out there: text, numbers, tuples,
`Reading`, constants of this or of another module of claims, f-strings and ``.format`` of these.
``reads`` is the name of a function, of this module or of one that it imports it from.
"""

import ast
import importlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

CLAIMS = "validate.claims"
DECLARE = ("claim", "family")


class DeclarationError(ValueError):
    """What a module declares cannot be read without running it."""


class Declaration(NamedTuple):
    """A call of `claim` or `family` at the top of a module.

    Attributes:
        what: "claim" or "family".
        id: the first argument.
        said: the others, by name.
        build: of a claim: imports the module and builds the claim's body.
    """

    what: str
    id: str
    said: dict[str, Any]
    build: Callable[[], Any]


def declarations(module: str, made_of: Mapping[str, Callable[..., Any]]) -> Iterator[Declaration]:
    """What a module declares, in its order.

    Args:
        module: its full name.
        made_of: what may be called among the arguments, by name.

    Raises:
        DeclarationError: an argument is none of what can be read; with file and line.
    """
    read = _Reader(module, made_of)
    for statement in read.tree.body:
        if isinstance(statement, ast.FunctionDef):
            calls = [one for one in statement.decorator_list if _called(one) == "claim"]
        else:
            value = getattr(statement, "value", None)
            calls = [value] if _called(value) == "family" else []
        for call in calls:
            assert isinstance(call, ast.Call)
            said = {one.arg: read.value(one.value) for one in call.keywords if one.arg}
            (id,) = map(read.value, call.args)
            builder = getattr(statement, "name", "")
            yield Declaration(str(_called(call)), id, said, _builder(module, builder))


def _called(node: ast.AST | None) -> str | None:
    return getattr(node.func, "id", None) if isinstance(node, ast.Call) else None


def _builder(module: str, name: str) -> Callable[[], Any]:
    """Builds a claim by its place; it has the place's names."""

    def build() -> Any:
        return getattr(importlib.import_module(module), name).build()

    build.__module__, build.__qualname__ = module, name
    return build


class _Reader:
    """The constants of a module, and where its names come from."""

    def __init__(self, module: str, made_of: Mapping[str, Callable[..., Any]]) -> None:
        spec = find_spec(module)
        assert spec is not None
        assert spec.origin is not None
        self.module, self.file, self.made_of = module, Path(spec.origin), made_of
        self.tree = ast.parse(self.file.read_text(encoding="utf-8"), self.file.name)
        self.assigned: dict[str, ast.expr] = {}
        self.origin: dict[str, str] = {}
        for one in self.tree.body:
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
                self.assigned[one.targets[0].id] = one.value
            elif isinstance(one, ast.ImportFrom) and one.module:
                self.origin |= {alias.asname or alias.name: one.module for alias in one.names}
            elif isinstance(one, ast.FunctionDef):
                self.origin[one.name] = module

    def value(self, node: ast.expr) -> Any:
        """What an expression is, without running it."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Tuple):
            return tuple(map(self.value, node.elts))
        if isinstance(node, ast.JoinedStr):
            return "".join(map(str, map(self.value, node.values)))
        if isinstance(node, ast.FormattedValue) and node.format_spec is None:
            return self.value(node.value)
        if isinstance(node, ast.Name):
            return self._named(node)
        if isinstance(node, ast.Call):
            return self._made(node)
        raise self._unreadable(node)

    def _named(self, node: ast.Name) -> Any:
        if node.id in self.assigned:
            return self.value(self.assigned[node.id])
        origin = self.origin.get(node.id)
        if origin is None:
            raise self._unreadable(node)
        if origin.startswith(f"{CLAIMS}.") and origin != self.module:
            other = _reader(origin, tuple(self.made_of.items()))
            if node.id in other.assigned:
                return other.value(other.assigned[node.id])
        return lambda: getattr(importlib.import_module(origin), node.id)()

    def _made(self, node: ast.Call) -> Any:
        named = {one.arg: self.value(one.value) for one in node.keywords if one.arg}
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            return str(self.value(node.func.value)).format(**named)
        make = self.made_of.get(str(_called(node)))
        if make is None:
            raise self._unreadable(node)
        return make(*map(self.value, node.args), **named)

    def _unreadable(self, node: ast.expr) -> DeclarationError:
        return DeclarationError(
            f"{self.file.name}, line {node.lineno}: {ast.unparse(node)[:60]} is not written out; "
            "what is declared of a claim is text, numbers, Reading(…), constants, f-strings"
        )


@cache
def _reader(module: str, made_of: tuple[tuple[str, Callable[..., Any]], ...]) -> _Reader:
    return _Reader(module, dict(made_of))
