"""What is read as an activation function, and refusals: one clear line each."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.symbolic.activation import ActivationError, X, activation, parse

REFUSED = [
    ("", "empty"),
    ("   ", "empty"),
    ("x +", "no valid expression"),
    ("x = 1", "gives x a value"),
    ("import os", "no valid expression"),
    ("__import__('os').system('true')", "no function"),
    ("x.__class__", "not accepted"),
    ("x.diff()", "write out"),
    ("x.func()", "no function"),
    ("().__class__.__bases__[0]", "not accepted"),
    ("x[0]", "not accepted"),
    ("[x]", "not accepted"),
    ("{x: 1}", "cannot be read at"),
    ("(x, x)", "not accepted"),
    ("x + (lambda x: x)", "not accepted"),
    ("[t for t in (1, 2)]", "not accepted"),
    ("(t for t in (1, 2))", "not accepted"),
    ("x if x else 0", "no condition"),
    ("(x := 1)", "not accepted"),
    ("f'{x}'", "not accepted"),
    ("'x' + x", "real numbers"),
    ("b'x'", "no valid expression"),
    ("None", "real numbers"),
    ("True", "real numbers"),
    ("1j*x", "real numbers"),
    ("2j", "real numbers"),
    ("...", "no valid expression"),
    ("x*y", "y has no value beside the variable x"),
    ("a*x + b", "a, b have no values"),
    ("foo", "unknown"),
    ("tanh", "needs an argument"),
    ("Piecewise", "needs an argument"),
    ("eval(x)", "unknown"),
    ("factorial(x)", r"gamma\(x \+ 1\)"),
    ("__builtins__", "unknown"),
    ("tanh()", "takes 1 argument, not 0"),
    ("tanh(x, x)", "takes 1 argument, not 2"),
    ("tanh(u=x)", "no parameter u"),
    ("tanh(x, x=x)", "no parameter"),
    ("tanh(*x)", "starred"),
    ("tanh(**{'x': x})", "no valid|starred"),
    ("x @ x", "not accepted"),
    ("~x", "not accepted"),
    ("not x", "not accepted"),
    ("x and x", "no condition"),
    ("9**9**9", "exponent"),
    ("9**9**9**9", "exponent"),
    ("((9**9)**9)**9", "digits|outside"),
    ("x**1000", "exponent"),
    ("((x**9)**9)**9", "degree"),
    ("tanh(x**9)**9", "degree"),
    ("exp(exp(exp(exp(9))))*x", "outside"),
    ("1e400*x", "larger"),
    ("1" + "0" * 400, "larger"),
    ("1e-40*x", "outside"),
    ("1/0", "divides by zero"),
    ("x/(1-1)", "divides by zero"),
    ("log(0)*x", "not a real number"),
    ("sqrt(-1)*x", "not a real number"),
    ("sqrt(-x**2)", "not a real number"),
    ("(-2)**x", "positive base"),
    ("0**x", "positive base"),
    ("(" * 60 + "x" + ")" * 60 + "+" * 60 + "x", "nested|characters"),
    ("-" * 100 + "x", "nested"),
    ("sin(" * 50 + "x" + ")" * 50, "nested"),
    ("gelu(" * 20 + "x" + ")" * 20, "expands"),
    ("+".join(["x"] * 200), "parts|nested"),
    ("x" * 1000, "characters"),
    ("x\x00", "printable"),
    ("x\u202e", "printable"),
    ("\u0445", "did you mean x"),
    ("x\n", None),
    ("Piecewise()", "at least one"),
    ("Piecewise((x, False))", "at least one"),
    ("Piecewise(x)", "pairs"),
    ("Piecewise((x, x))", "condition"),
    ("Piecewise((x, 'True'))", "condition"),
    ("Piecewise((x, x in x))", "compare"),
    ("Piecewise((x, x is x))", "compare"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_refusals_are_one_clear_line(text: str, message: str | None) -> None:
    if message is None:
        assert parse(text) == X
        return
    with pytest.raises(ActivationError, match=message) as caught:
        parse(text)
    line = str(caught.value)
    assert "\n" not in line
    assert len(line) < 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1*x", X / 10),
        ("-x**2", -(X**2)),
        ("2**-1*x", X / 2),
        ("+x", X),
        ("  x ", X),
        ("pi*x/E", sympy.pi * X / sympy.E),
        ("Max(1, 2)*x", 2 * X),
        ("x*floor(pi)", 3 * X),
        ("x*floor(-pi)", -4 * X),
        ("x*floor(log(8)/log(2))", 3 * X),
        ("x*ceil(exp(1))", 3 * X),
        ("Piecewise((x, 1 > 0), (0, True))", X),
    ],
)
def test_reads(text: str, expected: sympy.Expr) -> None:
    assert sympy.simplify(parse(text) - expected) == 0


PIECES = [
    *["x", "x", "1", "2.5", "-", "+", "*", "/", "**", "(", ")", ",", " ", ">", "<", "True"],
    *["tanh(", "exp(", "log(", "sqrt(", "abs(", "Max(", "relu(", "gelu(", "Piecewise((", "sign("],
    *["sin(", "sigmoid(", "pi", "E", "__", ".", "[", "]", "'", "lambda", ":", "0", "9**9", "for"],
]


@settings(max_examples=300, deadline=3000)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_arbitrary_text_is_read_or_refused(text: str) -> None:
    try:
        found = activation(text)
    except ActivationError:
        return
    assert (found.multiplicity is None) != (found.reason is None)
