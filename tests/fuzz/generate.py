"""Random texts for the parser: expressions over the whole whitelist, and hostile ones.

Names are read from the parser's own tables, so that a new function is covered at once.
"""

import random
import re
from collections.abc import Callable

from tests.fuzz.spelled import spelled
from theory.symbolic.functions import CONSTANTS, FUNCTIONS

# Seven in ten texts are built to be accepted, nearly half of them in the spellings of libraries and
# papers; the others are made to be refused.
_SHARE_VALID, _SHARE_SPELLED, _SHARE_MUTATED = 0.4, 0.3, 0.2

_TOKEN = re.compile(r"\w+|\*\*|[<>=!]=|\S|\s+")

_FOREIGN = [
    *["eval", "exec", "__import__", "open", "compile", "globals", "getattr", "print", "y", "X"],
    *["sympify", "lambdify", "Symbol", "Lambda", "self", "os", "sys", "torch", "np", "factorial"],
    *["__class__", "__builtins__", "__subclasses__", "__reduce__", "I", "oo", "nan", "zoo"],
]
_SNIPPETS = [
    *[".__class__", ".__class__.__mro__[1].__subclasses__()", ".func", ".diff(x)", "[0]", "[::2]"],
    *[
        " if x else 1",
        " for x in x",
        " and x",
        " or x",
        " := 1",
        ";x",
        ";import os",
        "\\",
        "#",
        "'",
    ],
    *['"', "f'{x}'", "b'x'", "lambda: x", "lambda x: x", "await x", "yield x", "*x", "**x", "@x"],
    *["//2", "%2", "<<9", ">>1", "|x", "&x", "^2", "~", "not ", "->x", "...", "None", "1j", "x=1"],
    *["\0", "\n", "\r", "\t", "\x1b[31m", "\u202e", "\ufeff", "\u00b2", "\u03c0", "\U0001d4d0"],
    *[
        "\ud800",
        "\u0661",
        "\uff58",
        "0x1f",
        "0b1",
        "1_000",
        "1e309",
        "1e-309",
        "9" * 60,
        "07",
        "0.",
    ],
    *[
        "|",
        "||",
        "√",
        "²",
        "⁻¹",
        "{",
        "}",
        "\\frac{",
        "σ(",
        "∞",
        "≥",
        "⌊",
        "np.",
        "nn.ReLU()",
        "x:",
        "=>",
    ],
    *["(" * 50, ")" * 50, "-" * 60, "[" * 90, "{" * 90, "+x" * 90, "**9" * 9, "*x" * 90, ",", ":"],
]
_WHOLE = [
    *["", " ", "\0", "x;x", "import os", "x=1", "def f(x): return x", "lambda x: x", "print(x)"],
    *["__import__('os').system('true')", "eval('x')", "exec('x')", "open('/etc/passwd').read()"],
    *["(lambda: x)()", "[x for x in (1, 2)]", "{x: x}", "{*()}", "(x for x in x)", "f'{x!r:>{9}}'"],
    *["(x := 9)", "await x", "yield", "x if x > 0 else 0", "x.__class__", "().__class__", "x()"],
    *["x" * 600, "(" * 300 + "x" + ")" * 300, "9**9**9**9", "9" * 499, "1e999999999", "x**-9**9"],
    *["exp(" * 30 + "x" + ")" * 30, "-" * 400 + "x", "x" + "+x" * 240, "tanh(x=x)", "tanh(*[x])"],
    *["tanh(**{'u': x})", "Piecewise(*((x, True),))", "Piecewise((x, x), (x, x))", "x is x"],
]

_WHOLE += [
    *["np.__class__", "torch.load('x')", "nn.Module()(x)", "os.system('true')", "np.eval(x)"],
    *["x.__init__()", "eval(x)(x)", "F.__dict__", "f(x) = __import__('os')", "(lambda: x)()(x)"],
    *[
        "getattr(np, 'tanh')(x)",
        "np.piecewise(x, [x<0], [lambda x: eval(x)])",
        "\\input{/etc/passwd}",
    ],
    *[
        "\\write18{ls}",
        "|" * 300,
        "√" * 300,
        "{" * 300,
        "x" + "²" * 300,
        "x" + "^x" * 200,
        "x" + " x" * 240,
    ],
    *[
        "2" * 240 + "x",
        "sin " * 120 + "x",
        "\\frac" * 60,
        "\\frac{x}{x}" * 20,
        "|" * 99 + "x" + "|" * 99,
    ],
    *[
        "x if x>0 else " * 30 + "x",
        "lambda x: " * 40 + "x",
        "f(x) = " * 60 + "x",
        "½" * 400,
        "θ" * 400,
    ],
    *[
        "np." * 150 + "tanh(x)",
        "(x)" * 160,
        "x.relu()" + ".relu()" * 60,
        "[x>0]" * 90,
        "not " * 120 + "x>0",
    ],
    *[
        "x" + " mod x" * 80,
        "\\left(" * 60 + "x",
        "$" * 9 + "x",
        "'" + "x" * 400 + "'",
        "x" + "·x" * 240,
    ],
]

_CONSTANT_POOL = [
    *["0", "1", "2", "3", "7", "10", "0.1", "0.5", "1.5", "2.75", "1e-3", "1e3", "pi", "E"],
    *[
        "(-1)",
        "(-2)",
        "1/2",
        "1/3",
        "2/3",
        "-1/2",
        "31",
        "32",
        "33",
        "100",
        "1e29",
        "1e-29",
        "12345",
    ],
]
_EXPONENTS = ["2", "3", "4", "5", "9", "0", "1", "-1", "-2", "1/2", "1/3", "-1/2", "0.5", "1.5"]


def text(rng: random.Random) -> str:
    """One text: built to be valid, a mutation of such a one, or hostile from the start."""
    kind = rng.random()
    if kind < _SHARE_VALID:
        return expression(rng, _depth(rng))
    kind -= _SHARE_VALID
    if kind < _SHARE_SPELLED:
        return spelled(rng, rng.choice((1, 1, 2, 2, 3, 4)))
    if kind < _SHARE_SPELLED + _SHARE_MUTATED:
        mutated = rng.choice((expression, spelled))(rng, rng.randint(1, 4))
        for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
            mutated = rng.choice(_MUTATIONS)(rng, mutated)
        return mutated
    hostile = rng.choice(_WHOLE)
    return hostile if rng.random() < 0.5 else _insert(rng, hostile)


def _depth(rng: random.Random) -> int:
    # Mostly small, some at the limit of 40 levels.
    return rng.choice((1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8, 12, 20, 36))


def expression(rng: random.Random, depth: int) -> str:
    """A text that follows the parser's grammar, at most so many levels of calls and operators."""
    if depth <= 0 or rng.random() < 0.08:
        return "x" if rng.random() < 0.7 else rng.choice([*_CONSTANT_POOL, *CONSTANTS])
    # Both branches deep would exceed every limit; one of them stays small.
    small = rng.randint(0, min(depth - 1, 2))
    inner = expression(rng, depth - 1)
    match rng.choices(("call", "operator", "power", "sign", "piecewise"), (46, 36, 10, 3, 5))[0]:
        case "call":
            return _call(rng, inner, small)
        case "operator":
            sides = [inner, expression(rng, small)]
            rng.shuffle(sides)
            return f"({sides[0]}{rng.choice('+-*/+-*')}{sides[1]})"
        case "power":
            exponent = rng.choice(_EXPONENTS) if rng.random() < 0.85 else expression(rng, small)
            return f"({inner})**({exponent})"
        case "sign":
            return f"{rng.choice('-+')}({inner})"
    return _piecewise(rng, inner, small)


def _call(rng: random.Random, inner: str, small: int) -> str:
    name = rng.choice(sorted(FUNCTIONS))
    fewest, most, _ = FUNCTIONS[name]
    count = rng.randint(fewest, min(most, 3))
    others = [
        expression(rng, small) if most > 2 else rng.choice(_CONSTANT_POOL) for _ in range(count - 1)
    ]
    return f"{name}({', '.join([inner, *others])})"


def _piecewise(rng: random.Random, inner: str, small: int) -> str:
    cases = [inner, *(expression(rng, small) for _ in range(rng.randint(0, 2)))]
    rng.shuffle(cases)
    pairs = [f"({case}, {_condition(rng, small)})" for case in cases[:-1]]
    last = "True" if rng.random() < 0.9 else _condition(rng, small)
    return f"Piecewise({', '.join([*pairs, f'({cases[-1]}, {last})'])})"


def _condition(rng: random.Random, small: int) -> str:
    left, right = "x" if rng.random() < 0.6 else expression(rng, small), rng.choice(_CONSTANT_POOL)
    comparison = f"{left} {rng.choice(['<', '<=', '>', '>=', '==', '!='])} {right}"
    match rng.choices(("plain", "chain", "both", "not"), (7, 1, 1, 1))[0]:
        case "chain":
            return f"{rng.choice(_CONSTANT_POOL)} <= {left} < {right}"
        case "both":
            return f"({comparison}) {rng.choice('&|')} (x > {rng.choice(_CONSTANT_POOL)})"
        case "not":
            return f"not {comparison}"
    return comparison


def _tokens(source: str) -> list[str]:
    return _TOKEN.findall(source) or [""]


def _place(rng: random.Random, tokens: list[str]) -> int:
    return rng.randrange(len(tokens))


def _delete(rng: random.Random, source: str) -> str:
    tokens = _tokens(source)
    del tokens[_place(rng, tokens)]
    return "".join(tokens)


def _duplicate(rng: random.Random, source: str) -> str:
    tokens = _tokens(source)
    start = _place(rng, tokens)
    piece = tokens[start : start + rng.randint(1, 4)]
    return "".join(tokens[:start] + piece * rng.choice((2, 2, 3, 20)) + tokens[start:])


def _swap(rng: random.Random, source: str) -> str:
    tokens = _tokens(source)
    a, b = _place(rng, tokens), _place(rng, tokens)
    tokens[a], tokens[b] = tokens[b], tokens[a]
    return "".join(tokens)


def _rename(rng: random.Random, source: str) -> str:
    tokens = _tokens(source)
    names = [k for k, token in enumerate(tokens) if token.isidentifier()]
    if names:
        tokens[rng.choice(names)] = rng.choice([*_FOREIGN, *FUNCTIONS, "Piecewise", "True", "x"])
    return "".join(tokens)


def _insert(rng: random.Random, source: str) -> str:
    place = rng.randint(0, len(source))
    return source[:place] + rng.choice([*_SNIPPETS, *_FOREIGN]) + source[place:]


def _character(rng: random.Random, source: str) -> str:
    place = rng.randint(0, len(source))
    return (
        source[:place]
        + chr(rng.choice((rng.randrange(128), rng.randrange(0x3000))))
        + source[place + rng.randint(0, 1) :]
    )


def _number(rng: random.Random, source: str) -> str:
    numbers = [
        *_CONSTANT_POOL,
        "9" * rng.randint(1, 300),
        f"1e{rng.randint(-400, 400)}",
        "0x" + "f" * 9,
    ]
    return re.sub(r"\d+(\.\d+)?", lambda _: rng.choice(numbers), source, count=1)


def _crossed(rng: random.Random, source: str) -> str:
    other = expression(rng, 3)
    return source[: rng.randint(0, len(source))] + other[rng.randint(0, len(other)) :]


_MUTATIONS: list[Callable[[random.Random, str], str]] = [
    *(_delete, _duplicate, _swap, _rename, _rename, _insert, _insert, _character, _number, _crossed)
]
