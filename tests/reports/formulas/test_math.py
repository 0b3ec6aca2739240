import string
from typing import Any

import pytest
import sympy
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Function, Idx, IndexedBase, MatrixSymbol, Rational, Symbol

from reports.formulas.math import print_math

x, a, c, p, k, n = (Symbol(name) for name in "xacpkn")
theta = Symbol("theta")
f: Any = Function("sigma")
w: Any = IndexedBase("w")
i: Any = Idx("i")
A: Any = MatrixSymbol("A", 2, 2)
B: Any = MatrixSymbol("B", 2, 2)


def indexed(name: str) -> Any:
    base: Any = IndexedBase(name)
    return base[i]


CASES: list[tuple[Any, str]] = [
    (x / 2, "frac(x, 2)"),
    (-x / 2, "−frac(x, 2)"),
    (1 / x, "frac(1, x)"),
    (x - a, "x − a"),
    (-x - a, "−a − x"),
    ((x + a) * (x - c), "(a + x) (x − c)"),
    ((x + a) ** 2, "(a + x)^2"),
    ((x + a) / (x - a), "frac(a + x, x − a)"),
    (sympy.Pow(-c, 3, evaluate=False), "(−c)^3"),
    (sympy.Pow(x**a, c, evaluate=False), "(x^a)^c"),
    (x ** (a + 1), "x^(a + 1)"),
    (sympy.sqrt(x + 1), "sqrt(x + 1)"),
    (x ** Rational(1, 3), "root(3, x)"),
    (1 / sympy.sqrt(x), "frac(1, sqrt(x))"),
    (Rational(-1, 2), "−frac(1, 2)"),
    (Rational(1, 2) ** a, "(frac(1, 2))^a"),
    (sympy.Mul(2, 3, evaluate=False), "2 ⋅ 3"),
    (3 * 10**a, "3 ⋅ 10^a"),
    (sympy.Float(1e-5), "10^(−5)"),
    (sympy.Float(2.5e12), "2.5 ⋅ 10^(12)"),
    (sympy.sin(x) ** 2, "sin^2 (x)"),
    (sympy.erf(x / 2), 'op("erf") (frac(x, 2))'),
    (sympy.exp(-(x**2)), "upright(e)^(−x^2)"),
    (sympy.atan(x), "arctan (x)"),
    (sympy.Max(1, x), "max (1, x)"),
    (f(x) ** 2, "σ (x)^2"),
    (Function("Loss")(theta), 'op("Loss") (θ)'),
    (Function("L_train")(theta), 'L_("train") (θ)'),
    (Function("norm_2")(x), "norm(x)_2"),
    (Symbol("w_0"), "w_0"),
    (Symbol("w_0") ** 2, "w_0^2"),
    (Symbol("w_*") ** 2, "w_(∗)^2"),
    (Symbol("y_bar"), 'y_("bar")'),
    (Symbol("x1"), "x_1"),
    (Symbol("alpha_1") * theta, "α_1 θ"),
    (Symbol("Delta"), "Δ"),
    (Symbol("lambda"), "λ"),
    (Symbol("width"), '"width"'),
    (Symbol("learning_rate"), '"learning rate"'),
    (Symbol("w'"), "w'"),
    (w[i], "w_i"),
    (w[i, k] ** 2, "w_(i, k)^2"),
    (indexed("x_0"), "x_(0, i)"),
    (sympy.Sum(w[i] ** 2 + 1, (i, 1, n)), "∑_(i = 1)^(n) (w_i^2 + 1)"),
    (sympy.Sum(x, (k, 1, n)) * a, "a ∑_(k = 1)^(n) x"),
    (sympy.Sum(x, (k, 1, n)) * Rational(1, 2), "frac(1, 2) ∑_(k = 1)^(n) x"),
    (sympy.Product(x, (k, 1, n)), "∏_(k = 1)^(n) x"),
    (sympy.Integral(x + 1, (x, 0, sympy.oo)), "∫_(0)^(∞) (x + 1) thin upright(d) x"),
    (sympy.Derivative(f(x), x), "σ' (x)"),
    (sympy.Derivative(f(x), (x, p)), "σ^((p)) (x)"),
    (sympy.Derivative(f(x, a), x, a), "frac(∂^2, ∂ x ∂ a) σ (x, a)"),
    (sympy.Subs(sympy.Derivative(f(x), x), x, 0), "σ' (0)"),
    (sympy.Subs(x**2, x, a), "lr(x^2 |)_(x = a)"),
    (sympy.Limit(f(x) / x, x, 0), "lim_(x → 0^+) frac(σ (x), x)"),
    (sympy.Order(x**3), "O (x^3)"),
    (sympy.Eq(f(x), x**2 * sympy.tanh(x)), "σ (x) = x^2 tanh (x)"),
    (sympy.Ne(x, a), "x ≠ a"),
    (x <= a, "x ≤ a"),
    (sympy.And(x > 1, a < 2), 'x > 1 "and" a < 2'),
    (
        sympy.Piecewise((x, x > 0), (0, True)),
        'cases(x & quad "if" x > 0, 0 & quad "otherwise")',
    ),
    (sympy.Abs(x / c), "abs(frac(x, c))"),
    (sympy.factorial(n + 1), "(n + 1)!"),
    (sympy.binomial(n, k), "binom(n, k)"),
    (sympy.Matrix([1, x]), "vec(1, x)"),
    (sympy.Matrix([[1, x], [a, f(x, a)]]), "mat(1, x; a, σ (x, a))"),
    (A.T, "A^⊤"),
    (A.T * B, "A^⊤ B"),
    ((A + B).T, "A^⊤ + B^⊤"),
    (2 * A - B, "−B + 2 A"),
    (A.I, "A^(−1)"),
    (A[0, k], "A_(0, k)"),
    (sympy.Interval.Ropen(0, 1), "lr(\\[ 0 \\, 1 \\))"),
    (sympy.Contains(x, sympy.FiniteSet(1, 2)), "x ∈ lr(\\{ 1 \\, 2 \\})"),
    (sympy.oo, "∞"),
    (sympy.S.Reals, "ℝ"),
]


@pytest.mark.parametrize(("expr", "printed"), CASES, ids=[str(expr) for expr, _ in CASES])
def test_printed_form(expr, printed):
    assert print_math(expr) == printed


def compile_all(sources: list[str]) -> None:
    """Evaluate math sources the way that the template does; raises where one does not compile."""
    lines = (f'#math.equation(eval({quoted(source)}, mode: "math"))' for source in sources)
    typst.compile("\n\n".join(lines).encode(), format="svg")


def quoted(source: str) -> str:
    return '"' + source.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_every_printed_form_compiles():
    compile_all([printed for _, printed in CASES])


NAMES = ['#panic("x")', "$x$", 'a"b\\c', "x_#eval", "\u202eabc", "_", "'", "#", "&", ";", ",", "\\"]
NAMES += [
    "a/b",
    "日本",
    "x y",
    "f(x)",
    "\n",
    "w_",
    "__",
    "𝑥",
    "²",
    "//",
    "/*",
    '"',
    "frac",
    "[",
    "}",
]


def test_names_cannot_break_out():
    printed = [print_math(Symbol(name)) for name in NAMES]
    printed += [print_math(Function(name)(x) ** 2) for name in NAMES]
    printed += [print_math(indexed(name)) for name in NAMES]
    printed += [print_math(MatrixSymbol(name, 2, 2)[0, 1]) for name in NAMES]
    compile_all(printed)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(string.printable + "\u202eσ日", min_size=1, max_size=8), min_size=8))
def test_any_name_compiles(names):
    compile_all([print_math(Symbol(name) ** 2 + Function(name)(x) / 2) for name in names])


def test_unknown_kinds_are_printed_as_text():
    assert print_math(sympy.Dict({a: 1})) == '"{a: 1}"'
