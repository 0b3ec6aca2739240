"""An entry of the catalogue: a function's parameters and what it is made of.

Definitions are lines such as ``leaky_relu(x, negative_slope|alpha=0.01) = where(x>0, x,
negative_slope*x)``: the parameters with all names that libraries give them and their defaults, and
a formula in the language that activations are written in. Without a formula the function is one of
`theory.symbolic.functions.FUNCTIONS`, which sympy knows.
"""

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

# What an argument may be: an expression; one that is left out as None or as -inf (a lower bound) or
# inf (an upper one); a whole number; one of some words.
Kind = Literal["number", "lower", "upper", "whole", "word"]

_HEAD = re.compile(r"(?P<name>\w+)\((?P<parameters>[^()]*)\)\s*(?:=\s*(?P<body>.+))?")
_MARKS: dict[str, Kind] = {"<": "lower", ">": "upper", "#": "whole", "$": "word"}


@dataclass(frozen=True)
class Parameter:
    """A parameter with all its names; ``default`` None where it must be given."""

    names: tuple[str, ...]
    kind: Kind
    default: ast.expr | None


@dataclass(frozen=True)
class Entry:
    """A function by name.

    Attributes:
        name: as people know it.
        parameters: the first one is the argument that a method or a module leaves out.
        body: the formula in the first names of the parameters; None for a function of sympy.
        note: the convention that is used where others exist, or None.
        several: whether the last parameter may be repeated.
    """

    name: str
    parameters: tuple[Parameter, ...]
    body: ast.expr | None
    note: str | None = None
    several: bool = False

    @property
    def fewest(self) -> int:
        """Arguments that must be given."""
        return sum(parameter.default is None for parameter in self.parameters)


def entry(line: str, note: str | None = None) -> Entry:
    """The entry of one line of a table.

    A name that ends with ``<`` or ``>`` is a lower or an upper bound, which may be left out, with
    ``#`` a whole number, with ``$`` a word, and with ``*`` it is repeated.
    """
    match = _HEAD.fullmatch(line)
    assert match is not None, line
    texts = [part.strip() for part in match["parameters"].split(",")]
    several = texts[-1].endswith("*")
    parameters = tuple(_parameter(text.removesuffix("*")) for text in texts)
    body = match["body"] and parsed(match["body"])
    return Entry(match["name"], parameters, body or None, note, several)


def parsed(text: str) -> ast.expr:
    """The tree of a formula of the catalogue."""
    return ast.parse(text.strip(), mode="eval").body


def _parameter(text: str) -> Parameter:
    names, _, default = text.partition("=")
    names = names.strip()
    kind = _MARKS.get(names[-1], "number")
    names = names.rstrip("".join(_MARKS))
    return Parameter(tuple(names.split("|")), kind, parsed(default) if default else None)


def table(lines: str, key: Callable[[str], str]) -> dict[str, list[Entry]]:
    """Entries by key; a name with several lines may be called in each of these ways."""
    found: dict[str, list[Entry]] = {}
    for line in _lines(lines):
        one = entry(line)
        found.setdefault(key(one.name), []).append(one)
    return found


def aliases(lines: str, key: Callable[[str], str]) -> dict[str, str]:
    """Key of every other name to that of the function: lines ``name: other other``."""
    found: dict[str, str] = {}
    for line in _lines(lines):
        name, _, others = line.partition(":")
        found.update({key(other): key(name.strip()) for other in others.split()})
    return found


def _lines(text: str) -> Iterable[str]:
    """The lines of a table; one that is indented goes on with the one before."""
    joined = text.replace("\n    ", " ")
    return (line for line in joined.splitlines() if line.strip() and not line.startswith("#"))
