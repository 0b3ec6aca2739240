"""Formulas on the page: what a reader sees, and names that stay names."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
import sympy

from reports.page.mathml import TAGS, mathml
from tests.reports.synthetic import derivation
from theory.symbolic.expression import dump

x, y, t = sympy.symbols("x y t")
i, n = sympy.symbols("i n", integer=True, positive=True)
f = sympy.Function("f")
w: Any = sympy.IndexedBase("w")


def seen(expr: sympy.Basic) -> str:
    """The characters of a formula in their order."""
    return "".join(ElementTree.fromstring(mathml(dump(expr))).itertext())


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (sympy.Symbol("w_0"), "w0"),
        (sympy.Symbol("theta"), "θ"),
        (sympy.Symbol("learning_rate"), "learning rate"),
        (sympy.Symbol("<b>&amp;"), "<b>&amp;"),
        (x * y, "x\N{INVISIBLE TIMES}y"),
        (x - y, "x−y"),
        (y - 2 * x, "y−2\N{INVISIBLE TIMES}x"),
        (sympy.Integer(-3), "−3"),
        (sympy.Float(1.5e-7), "1.5⋅10−7"),
        (sympy.exp(x), "ex"),
        (f(x).diff(x), "f′(x)"),
        (sympy.Derivative(f(x) + x, x), "ddx(x+f(x))"),
        (sympy.Derivative(f(x, y), x), "∂∂xf(x,y)"),
        (sympy.Function("norm_2")(x), "‖x‖2"),
        (sympy.Max(x, y), "max(x,y)"),
        (w[i, n], "wi,n"),
        (sympy.Sum(w[i] * x, (i, 1, n)), "∑i=1nx\N{INVISIBLE TIMES}wi"),
        (sympy.Product(x + i, (i, 1, n)), "∏i=1n(i+x)"),
        (sympy.Piecewise((x, x > 0), (0, True)), "{xif\N{NO-BREAK SPACE}x>00otherwise"),
        (sympy.Subs(sympy.Derivative(f(x), x), x, 0), "f′(x)|x=0"),
        (sympy.And(x > 0, y > 0), "x>0∧y>0"),
        (sympy.Eq(x, y), "x=y"),
    ],
)
def test_what_is_seen(expr, text):
    assert seen(expr) == text


@pytest.mark.parametrize("step", [one for one in derivation() if one.formula])
def test_formulas_of_the_records_are_well_formed(step):
    made = ElementTree.fromstring(mathml(step.formula, display=True))
    assert made.get("display") == "block"
    assert {one.tag for one in made.iter()} <= TAGS | {"math"}
    assert "".join(made.itertext()).strip()


def test_a_name_is_no_markup():
    name = '<script>alert(1)</script>"&#60;'
    made = str(mathml(dump(sympy.Symbol(name) + sympy.Function(name)(x))))
    assert "<script" not in made
    assert not re.search(r"<m\w+ ", made)


def test_what_cannot_be_read_is_shown_as_text():
    assert mathml("__import__('os') <b>") == ("<code>__import__(&#39;os&#39;) &lt;b&gt;</code>")


def test_a_formula_that_is_too_large_is_shown_as_text():
    large: Any = sum(sympy.Symbol(f"a_{k}") * x**k for k in range(600))
    made = mathml(dump(large))
    assert made.startswith("<math><mtext>")
