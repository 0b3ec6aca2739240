"""LaTeX as plain text: ``\\frac{x}{1+e^{-x}}``, ``x \\cdot \\sigma(x)``, ``\\max\\{0, x\\}``.

Braces are brackets, commands that lay formulas out say nothing, and a command that is no function,
Greek letter or sign is refused.
"""

import re
from collections.abc import Callable

from theory.symbolic.functions import ActivationError
from theory.symbolic.spelling.characters import GREEK

_COMMAND = re.compile(r"\\([A-Za-z]+|.)")
_BASE = re.compile(r"\s*_\s*(?:(\d)(?!\d)|\{\s*(\d+)\s*\})")
_LAYOUT = {
    *(
        "left",
        "right",
        "big",
        "Big",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "quad",
        "qquad",
        "displaystyle",
    ),
    *(",", ";", "!", ":", " "),
}
_NAMED = {"operatorname", "mathrm", "text", "mathit", "mathbf", "mathop", "textrm", "rm"}
_SIGNS = {
    **dict.fromkeys(("cdot", "times", "ast"), "*"),
    **{"le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">="},
    **{"lt": "<", "gt": ">", "ne": "!=", "neq": "!=", "div": "/", "infty": "inf", "to": "->"},
    **dict.fromkeys(("lvert", "rvert", "vert", "mid"), "|"),
    **{"{": "(", "}": ")", "mapsto": "->", "lfloor": "floor(", "rfloor": ")"},
    **{"land": "and", "lor": "or", "wedge": "and", "vee": "or"},
}
_LETTERS = {*GREEK.values()}
_VARIANTS = {"lambda": "lamda", "varphi": "phi", "varepsilon": "epsilon", "vartheta": "theta"}


def without_latex(text: str, is_function: Callable[[str], bool]) -> str:
    """The text without commands and braces.

    Args:
        is_function: whether a name is that of a function.

    Raises:
        ActivationError: a command that is not known.
    """
    if "\\" not in text and "{" not in text:
        return text
    pieces, position = list[str](), 0
    while position < len(text):
        if text[position] in "{}":
            pieces.append("(" if text[position] == "{" else ")")
            position += 1
            continue
        command = _COMMAND.match(text, position)
        if command is None:
            pieces.append(text[position])
            position += 1
            continue
        piece, position = _command(command[1], text, command.end(), is_function)
        pieces.append(piece)
    return "".join(pieces)


def _command(
    name: str, text: str, start: int, is_function: Callable[[str], bool]
) -> tuple[str, int]:
    """What a command stands for, and where its arguments end."""

    def argument(at: int) -> tuple[str, int]:
        inside, stop = _group(text, at)
        return without_latex(inside, is_function), stop

    if name in ("frac", "dfrac", "tfrac"):
        above, middle = argument(start)
        below, stop = argument(middle)
        return f"(({above})/({below}))", stop
    if name == "sqrt":
        degree = re.compile(r"\s*\[(\d)\]").match(text, start)
        inside, stop = argument(degree.end() if degree else start)
        return (f"root({inside}, {degree[1]})" if degree else f"sqrt({inside})"), stop
    if name in _NAMED:
        inside, stop = _group(text, start)
        return f" {inside} ", stop
    if name in _LAYOUT:
        return " ", start
    if name in _SIGNS:
        return f" {_SIGNS[name]} ", start
    if name in ("lceil", "rceil"):
        return (" ceil(" if name == "lceil" else ")"), start
    base = _BASE.match(text, start) if name == "log" else None
    if base is not None:
        number = base[1] or base[2]
        if number not in ("2", "10"):
            raise ActivationError(f"for the base {number} write log(…, {number})")
        return f" log{number} ", base.end()
    name = _VARIANTS.get(name, name)
    if name in _LETTERS or is_function(name):
        return f" {name} ", start
    raise ActivationError(f"the command \\{name} is not known; write the formula as plain text")


def _group(text: str, start: int) -> tuple[str, int]:
    """The inside of the braces that open at ``start``, or one character, and where it ends."""
    while start < len(text) and text[start] == " ":
        start += 1
    if start >= len(text):
        raise ActivationError("a command at the end has no argument")
    if text[start] != "{":
        return text[start], start + 1
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start + 1 : place], place + 1
    raise ActivationError("a brace is not closed")
