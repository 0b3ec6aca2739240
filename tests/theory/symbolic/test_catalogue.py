"""The catalogue of functions: every name has one meaning."""

import itertools
import re
from collections import Counter

import pytest
import sympy

from theory.symbolic.activation import ActivationError, X, activation, parse
from theory.symbolic.catalogue import activations, elementary
from theory.symbolic.catalogue.entries import Entry, aliases, table
from theory.symbolic.catalogue.table import key

LINES = elementary.ELEMENTARY + activations.ACTIVATIONS
OTHERS = [
    line.partition(":")
    for line in (elementary.NAMES + activations.NAMES).splitlines()
    if line.strip()
]


def test_no_name_is_defined_twice() -> None:
    """Several lines of one name differ in what they are called with."""
    for name, entries in table(LINES, key).items():
        for one, other in itertools.combinations(entries, 2):
            assert _call(one) != _call(other), name


def _call(one: Entry) -> tuple[tuple[str, ...], ...]:
    return tuple(parameter.names for parameter in one.parameters)


def test_no_definition_is_given_to_two_names() -> None:
    """They would be other names of one function, or a line that was copied and never changed."""
    bodies = Counter(
        line.partition(" = ")[2] for line in LINES.splitlines() if line.partition(" = ")[2]
    )
    assert [body for body, count in bodies.items() if count > 1] == []


def test_every_other_name_is_given_once_and_to_a_function() -> None:
    functions = table(LINES, key)
    others = Counter(key(other) for _, _, names in OTHERS for other in names.split())
    assert [other for other, count in others.items() if count > 1] == []
    for other, name in aliases(elementary.NAMES + activations.NAMES, key).items():
        assert name in functions, other
        assert other == name or other not in functions, other


@pytest.mark.parametrize(
    ("text", "right", "left"),
    [
        ("elish(x)", (1, 0.5), (1, -0.5)),
        ("HardELiSH(x)", (1, 0.5), (1, -0.5)),
        ("SQNL(x)", (1, 1), (1, -1)),
        ("penalized_tanh(x)", (1, 1), (1, -0.25)),
        ("NLReLU(x)", (1, 1), (1, 0)),
        ("BSiLU(x)", (1, 0.5 + 1.67 / 4), (1, -0.5 - 1.67 / 4)),
    ],
)
def test_published_functions(text: str, right: tuple[int, float], left: tuple[int, float]) -> None:
    found = activation(text)
    for side, wanted in ((found.right, right), (found.left, left)):
        assert side is not None
        assert (side.order, float(side.coefficient)) == wanted


def test_hard_elish_is_zero_below_minus_one() -> None:
    assert parse("hard_elish(x)").xreplace({X: sympy.Integer(-2)}) == 0


def test_sqnl_is_the_published_one() -> None:
    found = parse("sqnl(x)")
    values = {"3": "1", "1": "3/4", "-1": "-3/4", "-2": "-1", "-5": "-1"}
    for at, value in values.items():
        assert found.xreplace({X: sympy.Rational(at)}) == sympy.Rational(value)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("soft_clipping(x)", "write log((1 + exp(a*x))/(1 + exp(a*(x - 1))))/a"),
        ("SoftClipping(0.5)(x)", "write log("),
        ("soft_exponential(x, 0.5)", "write (exp(a*x) - 1)/a + a"),
        ("tannh(x)", "did you mean tanh(x)? If not, write out its formula"),
    ],
)
def test_a_name_without_one_meaning_says_what_to_type(text: str, advice: str) -> None:
    with pytest.raises(ActivationError, match=re.escape(advice)):
        parse(text)
