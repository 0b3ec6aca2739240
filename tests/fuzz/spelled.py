"""Random texts in the spellings of libraries and papers, over the whole catalogue of functions."""

import random

from theory.symbolic.catalogue.entries import Entry
from theory.symbolic.catalogue.libraries import PREFIXES
from theory.symbolic.catalogue.table import lookup, spellings

_NAMES = sorted(spellings())
_PREFIXES = sorted(PREFIXES)
_LETTERS = [*"xxxxxxztuwsh", "θ", "ξ", "x1"]
_NUMBERS = ["0", "1", "2", "3", "0.1", "0.5", "1.5", "-1", "1e-3", "10", "1/3", "½", "π", "pi", "e"]
_SUPERSCRIPTS = ["²", "³", "⁴", "⁻¹", "^2", "^3", "^(1/2)", "**0.5", "^{2}", "^-1", "**2"]
_HEADINGS = [
    "f(x) = ",
    "y = ",
    "σ(x) = ",
    "lambda x: ",
    "x -> ",
    "x ↦ ",
    "def f(x): return ",
    "return ",
]
_COMPARISONS = ["<", "<=", ">", ">=", "==", "!=", "≤", "≥", "≠"]


def spelled(rng: random.Random, depth: int) -> str:
    """A text that mixes the spellings, at most so many levels deep."""
    text = _term(rng, depth)
    if rng.random() < 0.15:
        return rng.choice(_HEADINGS) + text
    if rng.random() < 0.15:
        letter = rng.choice(_LETTERS)
        return "".join(letter if c == "x" else c for c in text)
    return text


def _term(rng: random.Random, depth: int) -> str:
    if depth <= 0 or rng.random() < 0.08:
        return "x" if rng.random() < 0.75 else rng.choice(_NUMBERS)
    kinds = [_call, _module, _method, _conditional, _factor, _choice, _notation, _latex, _operator]
    weights = (30, 5, 6, 7, 6, 7, 20, 5, 20)
    return rng.choices(kinds, weights)[0](rng, depth - 1)


def _small(rng: random.Random, depth: int) -> str:
    return _term(rng, min(depth, rng.randint(0, 2)))


def _entry(rng: random.Random) -> tuple[str, Entry]:
    name = rng.choice(_NAMES)
    return name, rng.choice(lookup(name))


def _call(rng: random.Random, depth: int) -> str:
    name, entry = _entry(rng)
    prefix = f"{rng.choice(_PREFIXES)}." if rng.random() < 0.3 else ""
    others = _arguments(rng, entry, depth)
    first = _term(rng, depth)
    if entry.parameters[0].kind == "whole":
        first, others = rng.choice(("0", "1", "3")), [_term(rng, depth)]
    return f"{prefix}{name}({', '.join([first, *others])})"


def _arguments(rng: random.Random, entry: Entry, depth: int) -> list[str]:
    found = list[str]()
    for parameter in entry.parameters[1:]:
        if parameter.default is not None and rng.random() < 0.5:
            break
        value = {"whole": "2", "word": "'tanh'", "lower": "None", "upper": "inf"}.get(
            parameter.kind
        )
        if value is None or rng.random() < 0.5:
            value = rng.choice(_NUMBERS) if rng.random() < 0.7 else _small(rng, depth)
        keyword = f"{rng.choice(parameter.names)}=" if rng.random() < 0.3 else ""
        found.append(keyword + value)
    if entry.several:
        found.append(_small(rng, depth))
    return found


def _module(rng: random.Random, depth: int) -> str:
    name = rng.choice(["ReLU", "GELU", "ELU", "LeakyReLU", "Softplus", "Hardtanh", "Mish", "PReLU"])
    inside = rng.choice(["", "", "0.1", "-1, 1", "alpha=0.5", "approximate='tanh'", "beta=2"])
    prefix = rng.choice(("nn.", "torch.nn.", "keras.layers.", ""))
    return f"{prefix}{name}({inside})({_term(rng, depth)})"


def _method(rng: random.Random, depth: int) -> str:
    name, entry = _entry(rng)
    return f"({_term(rng, depth)}).{name}({', '.join(_arguments(rng, entry, depth))})"


def _conditional(rng: random.Random, depth: int) -> str:
    return f"({_term(rng, depth)} if {_condition(rng, depth)} else {_small(rng, depth)})"


def _factor(rng: random.Random, depth: int) -> str:
    cast = rng.choice(("", "", ".float()", ".astype(float)"))
    return f"({_condition(rng, depth)}){cast}*{_term(rng, depth)}"


def _choice(rng: random.Random, depth: int) -> str:
    yes, no, condition = _term(rng, depth), _small(rng, depth), _condition(rng, depth)
    forms = [
        f"where({condition}, {yes}, {no})",
        f"np.where({condition}, {no}, {yes})",
        f"torch.where({condition}, {yes}, torch.zeros_like(x))",
        f"Piecewise(({yes}, {condition}), ({no}, True))",
        f"np.select([{condition}], [{yes}], {no})",
        f"np.piecewise(x, [{condition}], [lambda x: {yes}, {no}])",
    ]
    return rng.choice(forms)


def _condition(rng: random.Random, depth: int) -> str:
    left = "x" if rng.random() < 0.6 else _small(rng, depth)
    one = f"{left} {rng.choice(_COMPARISONS)} {rng.choice(_NUMBERS)}"
    match rng.choices(("plain", "and", "bits", "numpy", "not", "chain"), (7, 1, 1, 1, 1, 1))[0]:
        case "and":
            return f"{one} {rng.choice(('and', 'or', '&&', '∧'))} x < 1"
        case "bits":
            return f"({one}) {rng.choice('&|')} (x > -1)"
        case "numpy":
            return f"np.logical_{rng.choice(('and', 'or'))}({one}, x > 1)"
        case "not":
            return f"not {one}"
        case "chain":
            return f"-1 < {one}"
    return one


def _notation(rng: random.Random, depth: int) -> str:
    inner, name = _term(rng, depth), rng.choice(["sin", "tanh", "ln", "cos", "exp", "erf", "sigma"])
    forms = [
        f"|{inner}|",
        f"√({inner})",
        f"({inner}){rng.choice(_SUPERSCRIPTS)}",
        f"2({inner})",
        f"x({inner})",
        f"({inner})({_small(rng, depth)})",
        f"{name}{rng.choice(('²', '^2', '^3'))}({inner})",
        f"{name} x",
        f"{rng.choice('23')}x",
        f"e^({inner})",
        f"e^-x {name}({inner})",
        f"⌊{inner}⌋",
        f"σ({inner})·x",
        f"({inner}) mod 2",
    ]
    return rng.choice(forms)


def _latex(rng: random.Random, depth: int) -> str:
    inner = _term(rng, depth)
    forms = [
        f"\\frac{{{inner}}}{{{_small(rng, depth)}}}",
        f"\\tanh({inner})",
        f"e^{{{inner}}}",
        f"\\sqrt{{{inner}}}",
        f"\\max\\{{0, {inner}\\}}",
        f"x \\cdot \\sigma\\left({inner}\\right)",
        f"\\operatorname{{erf}}({inner})",
    ]
    return rng.choice(forms)


def _operator(rng: random.Random, depth: int) -> str:
    sides = [_term(rng, depth), _small(rng, depth)]
    rng.shuffle(sides)
    sign = rng.choice(("+", "-", "*", "/", "·", "−", "//", "%", "**", "^"))
    return f"({sides[0]} {sign} {sides[1]})"
