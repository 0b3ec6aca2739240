"""Which name of a formula is its variable."""

import ast
import re
from collections.abc import Iterator

from theory.symbolic.catalogue.libraries import PREFIXES
from theory.symbolic.catalogue.table import is_function, nearest
from theory.symbolic.functions import CONSTANTS, ActivationError
from theory.symbolic.spelling.characters import GREEK
from theory.symbolic.spelling.quotes import quoted

# What is no letter, and still means the argument where it stands alone.
_WORDS = {"input", "inputs", "inp", "features", "tensor", "xs"}
_LETTER = re.compile(r"[A-Za-z](_?\d)?")
# Names that are read where they stand: conditions and bounds.
_RESERVED = {*CONSTANTS, "inf", "infinity", "nan", "otherwise", "true", "false", "oo"}
_RESERVED |= {"float", "int", "bool", "float32", "float64", "dtype"}


def variable_of(tree: ast.expr, declared: str | None) -> str:
    """The one letter (or Greek name) that has no value; x where there is none.

    Args:
        tree: of the formula.
        declared: the variable that a heading names.

    Raises:
        ActivationError: several letters, or a name that is neither letter nor function.
    """
    if declared is not None:
        if declared in CONSTANTS:
            raise ActivationError(f"{declared} is a constant; name the variable x")
        return declared
    free = sorted({name for name in _names(tree) if name not in _RESERVED})
    words = [name for name in free if not _is_letter(name) and name not in _WORDS]
    if words:
        raise ActivationError(_unknown(words[0]))
    if len(free) > 1:
        known = "x" if "x" in free else free[0]
        others = ", ".join(name for name in free if name != known)
        raise ActivationError(
            f"{others} has no value beside the variable {known}; write a number in its place"
            if "," not in others
            else f"{others} have no values beside the variable {known}; write numbers"
        )
    return free[0] if free else "x"


def _is_letter(name: str) -> bool:
    if name in GREEK.values():
        return True
    return _LETTER.fullmatch(name) is not None and not is_function(name)


def _names(node: ast.AST) -> Iterator[str]:
    """Names that stand for numbers: no functions, no libraries, no keywords."""
    match node:
        case ast.Name():
            yield node.id
        case ast.Attribute():
            root = _root(node)
            # what is no library and no letter is refused where it is read
            library = root is not None and root.id in PREFIXES
            if root is None or (not library and (_is_letter(root.id) or root.id in _WORDS)):
                yield from _names(node.value)
        case ast.Call():
            if not isinstance(node.func, ast.Name):
                yield from _names(node.func)
            for part in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from _names(part)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _names(child)


def _root(node: ast.expr) -> ast.Name | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node if isinstance(node, ast.Name) else None


def _unknown(name: str) -> str:
    if is_function(name):
        return f"the function {name} needs an argument, as in {name}(x)"
    if name[0] == "x" and (is_function(name[1:]) or name[1:] in ("e", "pi")):
        return f"the name {quoted(name)} is unknown; did you mean x*{name[1:]}?"
    close = nearest(name)
    advice = f"did you mean {close}(x)?" if close else "the variable is one letter, such as x"
    return f"the name {quoted(name)} is unknown; {advice}"
