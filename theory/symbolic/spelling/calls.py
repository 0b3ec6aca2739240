"""Calls: whose function it is, and which argument is which parameter."""

import ast
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from theory.symbolic.bounded import Bounded
from theory.symbolic.catalogue.entries import Entry, Parameter
from theory.symbolic.catalogue.libraries import BEFORE_INPLACE, LAYERS
from theory.symbolic.catalogue.table import (
    REFUSED,
    convention,
    key,
    layers_of,
    library_of,
    lookup,
    nearest,
)
from theory.symbolic.functions import CONSTANTS, ActivationError
from theory.symbolic.spelling import conditions, constructs
from theory.symbolic.spelling.definitions import Value, value_of
from theory.symbolic.spelling.quotes import quoted
from theory.symbolic.spelling.reader import Reader

# Arguments that say nothing about the function.
_IGNORED = {"inplace", "name", "dtype", "out", "device"}
# Methods and functions that change the type of a number alone.
_INFINITE = {"inf", "oo", "infinity", "Infinity", "Inf"}
_CASTS = {
    *("float", "double", "half", "type", "to", "astype", "int", "long", "type_as", "cast", "numpy"),
    *("tensor", "array", "asarray", "constant", "float32", "float64", "Tensor", "Float", "Integer"),
    *(
        "bool",
        "detach",
        "clone",
        "contiguous",
        "S",
        "sympify",
        "as_tensor",
        "mpf",
        "convert_to_tensor",
        "scalar_tensor",
        "float16",
    ),
}


@dataclass(frozen=True)
class Call:
    """A call whose function's name and library are known.

    Attributes:
        shown: the function as it was written.
        leading: arguments that stand before the brackets: of a method, or of a module.
    """

    name: str
    library: str
    shown: str
    leading: tuple[ast.expr, ...]
    arguments: tuple[ast.expr, ...]
    keywords: tuple[ast.keyword, ...]


def call(reader: Reader, node: ast.Call) -> Bounded:
    """A call of a function, a method or a module.

    Raises:
        ActivationError: the function is unknown, or its arguments are not its own.
    """
    found = _resolved(reader, node)
    if _lacks_argument(reader, found):
        written = quoted(ast.unparse(node))[1:-1]
        raise ActivationError(f"{written} needs an argument, as in {written}(x)")
    built = constructs.construct(reader, found.name, [*found.leading, *found.arguments], node)
    if built is not None:
        return built
    if found.name in _CASTS:
        return _cast(reader, found)
    return _catalogued(reader, found)


def _lacks_argument(reader: Reader, found: Call) -> bool:
    """Is it a layer that is made and never called, such as ``nn.ELU(0.5)``?"""
    if found.leading or not found.name[:1].isupper() or not lookup(found.name):
        return False
    given = [*found.arguments, *(keyword.value for keyword in found.keywords)]
    if not given:
        return True
    within = found.shown.split(".")[-2:-1]
    depends = any(
        isinstance(one, ast.Name) and one.id in reader.names
        for argument in given
        for one in ast.walk(argument)
    )
    return bool(set(within) & LAYERS) and not depends


def attribute(reader: Reader, node: ast.Attribute) -> Bounded:
    """A constant of a library, such as ``np.pi``."""
    dotted = _dotted(node)
    prefix, _, last = (dotted or "").rpartition(".")
    if dotted is not None and library_of(prefix) is not None:
        if last in CONSTANTS:
            return Bounded.constant(CONSTANTS[last])
        if lookup(last):
            raise ActivationError(
                f"the function {dotted} needs an argument, as in {dotted}(x)"
                if last[:1].islower()
                else f"{dotted} needs an argument, as in {dotted}()(x)"
            )
    raise ActivationError(f"{quoted(ast.unparse(node))} is not accepted; no such constant is known")


def by_name(reader: Reader, name: str, values: Sequence[Bounded]) -> Bounded:
    """A function of the catalogue at given values."""
    entries = [one for one in lookup(name) if len(one.parameters) == len(values)]
    if not entries:
        raise ActivationError(f"{name} is not accepted; write the function in another way")
    _note(reader, entries[0], "", values)
    return value_of(reader, entries[0], list(values))


def _resolved(reader: Reader, node: ast.Call) -> Call:
    arguments, keywords = tuple(node.args), tuple(node.keywords)
    match node.func:
        case ast.Name():
            return Call(node.func.id, "", node.func.id, (), arguments, keywords)
        case ast.Attribute():
            dotted = _dotted(node.func)
            prefix, _, last = (dotted or "").rpartition(".")
            library = library_of(prefix) if dotted else None
            if library is not None and prefix.split(".")[0] not in reader.names:
                return Call(last, library, dotted or "", (), arguments, keywords)
            return _method(reader, node.func, arguments, keywords)
        case ast.Call() if len(arguments) == 1 and not keywords:
            # a module: nn.LeakyReLU(0.1)(x)
            module = _resolved(reader, node.func)
            library = module.library
            if not library.endswith("layers"):
                library = layers_of(library, module.shown)
            shown = f"{module.shown}()"
            leading = (arguments[0], *module.leading)
            if module.name.lower() == "rrelu":
                raise ActivationError(f"{module.shown} is random in training; write F.rrelu(x)")
            return Call(module.name, library, shown, leading, module.arguments, module.keywords)
    raise ActivationError(f"{quoted(ast.unparse(node.func))} is no function known here")


def _method(
    reader: Reader,
    function: ast.Attribute,
    arguments: tuple[ast.expr, ...],
    keywords: tuple[ast.keyword, ...],
) -> Call:
    root = function.value
    while isinstance(root, ast.Attribute):
        root = root.value
    known = not isinstance(root, ast.Name) or root.id in reader.names or root.id in CONSTANTS
    name = function.attr.rstrip("_")
    if not known:
        shown = ast.unparse(function)
        likely = f"; did you mean {function.attr}(x)?" if lookup(name) else ""
        raise ActivationError(f"{quoted(shown)} is no function of a known library{likely}")
    built = name in _CASTS or name in constructs.NAMES or name in conditions.COMPARING
    if not (lookup(name) or built or key(name) in REFUSED):
        raise ActivationError(f"{quoted(ast.unparse(function))} is no function known here")
    return Call(name, "torch", f".{name}", (function.value,), arguments, keywords)


def _dotted(node: ast.expr) -> str | None:
    parts = list[str]()
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _cast(reader: Reader, found: Call) -> Bounded:
    """The number itself; a cast to whole numbers is one of conditions alone."""
    given = [*found.leading, *found.arguments]
    if not given or isinstance(given[0], ast.Starred):
        raise ActivationError(f"{found.shown} needs an argument")
    only = given[0]
    while isinstance(only, ast.List) and len(only.elts) == 1:  # torch.tensor([0.1])
        only = only.elts[0]
    if found.name in ("int", "long", "bool") and not conditions.is_condition(given[0]):
        if found.name == "bool":
            raise ActivationError("bool needs a condition, as in bool(x > 0)")
        return reader.named("trunc", reader.term(given[0]))
    return reader.term(only)


def _catalogued(reader: Reader, found: Call) -> Bounded:
    found = _without_inplace(_unpacked(found))
    entries = lookup(found.name.rstrip("_") or found.name, found.library)
    if not entries:
        raise ActivationError(_unknown(found))
    if found.name in ("max", "min") and len(found.leading) + len(found.arguments) == 1:
        raise ActivationError(
            f"{found.name} of one argument takes an array; write {found.name}(0, x)"
        )
    failure = None
    for one in entries:
        try:
            nodes = _bound(one, found)
        except ActivationError as error:
            failure = error
            continue
        _note(reader, one, found.library, nodes)
        return value_of(reader, one, [_value(reader, *pair) for pair in _paired(one, nodes)])
    assert failure is not None
    raise failure


def _unpacked(found: Call) -> Call:
    """``max([0, x])`` is max(0, x)."""
    extremum = found.name in ("max", "min", "amax", "amin", "Max", "Min") and not found.leading
    if extremum and len(found.arguments) == 1:
        (only,) = found.arguments
        if isinstance(only, ast.List | ast.Tuple) and len(only.elts) > 1:
            name = found.name.removeprefix("a")
            return dataclasses.replace(found, name=name, arguments=tuple(only.elts))
    return found


def _without_inplace(found: Call) -> Call:
    """``F.relu(x, True)`` is F.relu(x)."""
    if found.library not in ("", "layers", "torch", "torch layers") or not found.arguments:
        return found
    count = len(found.leading) + len(found.arguments)
    *others, last = found.arguments
    named = isinstance(last, ast.Constant) and isinstance(last.value, bool)
    if named and BEFORE_INPLACE.get(key(found.name)) == count - 1:
        return dataclasses.replace(found, arguments=tuple(others))
    return found


def _note(reader: Reader, one: Entry, library: str, given: Sequence[object]) -> None:
    """Say which convention is used: of a library that differs, or where defaults are taken."""
    last = one.parameters[-1]
    if one.note:
        if last.default is None or given[-1] is None:
            reader.note(one.note)
    elif (
        library in ("", "layers")
        and one is lookup(one.name)[0]
        and sum(argument is not None for argument in given) == one.fewest
    ):
        reader.note(convention(one))


def _bound(one: Entry, found: Call) -> list[ast.expr | None]:
    """The argument of every parameter, None where its default is taken; several at the end."""
    positional = [*found.leading, *found.arguments]
    if any(isinstance(node, ast.Starred) for node in positional):
        raise ActivationError(f"{found.shown} takes no starred arguments")
    count = len(one.parameters)
    if len(positional) > count and not one.several:
        raise ActivationError(_count(one, found, len(positional)))
    bound: list[ast.expr | None] = [*positional, *[None] * (count - len(positional))]
    for keyword in found.keywords:
        if keyword.arg is None:
            raise ActivationError(f"{found.shown} takes no starred arguments")
        if keyword.arg in _IGNORED:
            continue
        place = _place(one, keyword.arg)
        if place is None or bound[place] is not None:
            raise ActivationError(_keyword(one, found, keyword.arg))
        bound[place] = keyword.value
    for place, parameter in enumerate(one.parameters):
        if bound[place] is None and parameter.default is None:
            raise ActivationError(_count(one, found, len(positional) + len(found.keywords)))
    return bound


def _place(one: Entry, name: str) -> int | None:
    for place, parameter in enumerate(one.parameters):
        if name in parameter.names:
            return place
    return 0 if name in ("input", "inputs", "a", "features") else None


def _paired(one: Entry, nodes: list[ast.expr | None]) -> list[tuple[Parameter, ast.expr | None]]:
    last = one.parameters[-1]
    parameters = [*one.parameters, *[last] * (len(nodes) - len(one.parameters))]
    return list(zip(parameters, nodes, strict=True))


def _value(reader: Reader, parameter: Parameter, node: ast.expr | None) -> Value:
    if node is None:
        assert parameter.default is not None
        reader, node = Reader({}), parameter.default
    match parameter.kind:
        case "word":
            return _word(node)
        case "whole":
            return _whole(reader, parameter.names[0], node)
        case "lower" | "upper" if _is_left_out(reader, node, parameter.kind):
            return None
    return reader.term(node)


def _is_left_out(reader: Reader, node: ast.expr, kind: str) -> bool:
    """None, an argument that was left out, or the infinite bound that bounds nothing."""
    if isinstance(node, ast.Name) and node.id in reader.names:
        return reader.names[node.id] is None
    if isinstance(node, ast.Constant) and node.value is None:
        return True
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    if isinstance(node, ast.UnaryOp) and negative:
        node = node.operand
    words = [*map(ast.unparse, node.args)] if isinstance(node, ast.Call) else []
    negative ^= words == ["'-inf'"]
    infinite = (_dotted(node) or "").rpartition(".")[2] in _INFINITE
    infinite |= words in (["'inf'"], ["'-inf'"])
    return infinite and negative is (kind == "lower")


def _word(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bool):
        return str(node.value)
    raise ActivationError(
        f"{quoted(ast.unparse(node))} is not accepted; a word in quotes is needed"
    )


def _whole(reader: Reader, name: str, node: ast.expr) -> int:
    expression = reader.term(node).expression
    if not isinstance(expression, sympy.Integer):
        raise ActivationError(f"{name} must be a whole number, not {quoted(ast.unparse(node))}")
    return int(expression)


def _count(one: Entry, found: Call, given: int) -> str:
    most = len(one.parameters)
    if one.fewest == most:
        count = f"{most} argument{'s' * (most > 1)}"
    else:
        count = f"{one.fewest} to {most} arguments"
    return f"{found.shown} takes {count}, not {given}"


def _keyword(one: Entry, found: Call, name: str) -> str:
    names = [parameter.names[0] for parameter in one.parameters[1:]]
    accepted = f"it knows {', '.join(names)}" if names else f"write {one.name}(x)"
    return f"{found.shown} has no parameter {name}; {accepted}"


def _unknown(found: Call) -> str:
    reason = REFUSED.get(key(found.name.rstrip("_")))
    if reason:
        return f"{found.shown} {reason}"
    if found.name in CONSTANTS or len(found.name) == 1:
        return f"{found.name} is no function; write {found.name}*(…) for a product"
    if found.name[0] == "x" and lookup(found.name[1:]):
        return f"the function {quoted(found.shown)} is unknown; did you mean x*{found.name[1:]}(…)?"
    close = nearest(found.name)
    formula = "write out its formula, such as x*tanh(x)"
    advice = f"did you mean {close}(x)? If not, {formula}" if close else formula
    return f"the function {quoted(found.shown)} is unknown; {advice}"
