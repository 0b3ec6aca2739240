"""Activations at 0: leading parts against independent high-precision differences."""

import math
import time
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.symbolic.activation import Activation, ActivationError, Leading, X, activation

# Step 1e-15 and order up to 32 need 32 * 15 digits and as many again for the quotient.
MP: Any = mpmath.mp.clone()
MP.dps = 1000
STEP = MP.mpf(10) ** -15


SELU, ALPHA = MP.mpf("1.0507009873554805"), MP.mpf("1.6732632423543772")


def softplus(x: Any) -> Any:
    return MP.log(1 + MP.exp(x))


def sigmoid(x: Any) -> Any:
    return 1 / (1 + MP.exp(-x))


# text -> (the function, written here in mpmath, multiplicity). None: no multiplicity.
KNOWN: dict[str, tuple[Callable[[Any], Any], int | None]] = {
    "tanh(x)": (MP.tanh, 1),
    "x*tanh(x)": (lambda x: x * MP.tanh(x), 2),
    "x**2*tanh(x)": (lambda x: x**2 * MP.tanh(x), 3),
    "x**3*tanh(x)": (lambda x: x**3 * MP.tanh(x), 4),
    "sin(x)": (MP.sin, 1),
    "1-cos(x)": (lambda x: 1 - MP.cos(x), 2),
    "cos(x)": (MP.cos, 2),
    "exp(x)-1": (MP.expm1, 1),
    "expm1(x)": (MP.expm1, 1),
    "sigmoid(x)": (sigmoid, 1),
    "softplus(x)": (softplus, 1),
    "logsigmoid(x)": (lambda x: -softplus(-x), 1),
    "gelu(x)": (lambda x: x * MP.ncdf(x), 1),
    "x*erf(x/sqrt(2))": (lambda x: x * MP.erf(x / MP.sqrt(2)), 2),
    "silu(x)": (lambda x: x * sigmoid(x), 1),
    "mish(x)": (lambda x: x * MP.tanh(softplus(x)), 1),
    "relu(x)": (lambda x: max(x, MP.mpf(0)), None),
    "relu(x) + 0.1*sin(x)": (lambda x: max(x, MP.mpf(0)) + MP.sin(x) / 10, None),
    "leaky_relu(x)": (lambda x: x if x > 0 else x / 100, None),
    "leaky_relu(x, 0.2)": (lambda x: x if x > 0 else x / 5, None),
    "abs(x)": (abs, None),
    "abs(x)**3": (lambda x: abs(x) ** 3, None),
    "x*abs(x)": (lambda x: x * abs(x), None),
    "Max(x, x**2)": (lambda x: max(x, x**2), None),
    "x**2": (lambda x: x**2, 2),
    "x**3": (lambda x: x**3, 3),
    "3*x": (lambda x: 3 * x, 1),
    "x**2+x**5": (lambda x: x**2 + x**5, 2),
    "x**2+abs(x)**3": (lambda x: x**2 + abs(x) ** 3, 2),
    "sinc(x)": (lambda x: MP.sin(x) / x if x else MP.mpf(1), 2),
    "sin(x)/x": (lambda x: MP.sin(x) / x if x else MP.mpf(1), 2),
    "exp(-x**2)-1": (lambda x: MP.expm1(-(x**2)), 2),
    "elu(x)": (lambda x: x if x > 0 else MP.expm1(x), 1),
    "elu(x, 2)": (lambda x: x if x > 0 else 2 * MP.expm1(x), None),
    "celu(x, 2)": (lambda x: x if x > 0 else 2 * MP.expm1(x / 2), 1),
    "Piecewise((x, x>0), (exp(x)-1, True))": (lambda x: x if x > 0 else MP.expm1(x), 1),
    "softsign(x)": (lambda x: x / (1 + abs(x)), 1),
    "hardswish(x)": (lambda x: x * min(max(x + 3, MP.mpf(0)), MP.mpf(6)) / 6, 1),
    "hardsigmoid(x)": (lambda x: min(max(x / 6 + MP.mpf(1) / 2, MP.mpf(0)), MP.mpf(1)), 1),
    "relu6(x)": (lambda x: min(max(x, MP.mpf(0)), MP.mpf(6)), None),
    "selu(x)": (lambda x: SELU * x if x > 0 else SELU * ALPHA * MP.expm1(x), None),
    "swish(x)": (lambda x: x * sigmoid(x), 1),
    "gelu_tanh(x)": (
        lambda x: x * (1 + MP.tanh(MP.sqrt(2 / MP.pi) * (x + MP.mpf("0.044715") * x**3))) / 2,
        1,
    ),
    "x**31*tanh(x)": (lambda x: x**31 * MP.tanh(x), 32),
    "Piecewise((x**2, x>0), (x, True))": (lambda x: x**2 if x > 0 else x, None),
    "hardtanh(x)": (lambda x: min(max(x, MP.mpf(-1)), MP.mpf(1)), 1),
    "tanhshrink(x)": (lambda x: x - MP.tanh(x), 3),
    "tan(x - pi/2 + 1)": (lambda x: MP.tan(x - MP.pi / 2 + 1), 1),
    "asinh(x)-sin(x)": (lambda x: MP.asinh(x) - MP.sin(x), 5),
    "atan(x)-x": (lambda x: MP.atan(x) - x, 3),
    "tan(x)-x": (lambda x: MP.tan(x) - x, 3),
    "cosh(x)-cos(x)": (lambda x: MP.cosh(x) - MP.cos(x), 2),
    "sinh(x)-x": (lambda x: MP.sinh(x) - x, 3),
    "erfc(x)": (MP.erfc, 1),
    "2**x": (lambda x: MP.mpf(2) ** x, 1),
    "log1p(x**2)": (lambda x: MP.log(1 + x**2), 2),
    "tanh(x+1)": (lambda x: MP.tanh(x + 1), 1),
    "(1+x**2)**(1/3)": (lambda x: MP.cbrt(1 + x**2), 2),
    "(tanh(x)-sin(x))*(1-cos(x))**3": (
        lambda x: (MP.tanh(x) - MP.sin(x)) * (1 - MP.cos(x)) ** 3,
        9,
    ),
    "tanh(sin(exp(x+1))+1)": (lambda x: MP.tanh(MP.sin(MP.exp(x + 1)) + 1), 1),
    "x + exp(-1/x**2)": (lambda x: x + (MP.exp(-1 / x**2) if x else 0), 1),
}


def one_sided(function: Callable[[Any], Any], sign: int, order: int) -> Any:
    """(f(±h) − f(0)) / h^order."""
    return (function(sign * STEP) - function(MP.mpf(0))) / STEP**order


@pytest.mark.parametrize("text", KNOWN)
def test_leading_parts_match_differences(text: str) -> None:
    function, multiplicity = KNOWN[text]
    found = activation(text)
    assert found.multiplicity == multiplicity
    assert found.value_at_zero is not None
    assert abs(MP.mpf(found.value_at_zero.evalf(30)) - function(MP.mpf(0))) < 1e-25
    for leading, sign in ((found.right, +1), (found.left, -1)):
        assert leading is not None
        coefficient = MP.mpf(leading.coefficient.evalf(30))
        assert abs(one_sided(function, sign, leading.order) - coefficient) < 1e-13
        # Nothing of lower order: a wrong, too high order would show here as a huge quotient.
        if leading.order > 1:
            assert abs(one_sided(function, sign, leading.order - 1)) < 1e-13


@pytest.mark.parametrize("text", [text for text, (_, p) in KNOWN.items() if p is not None])
def test_smooth_sides_mirror_each_other(text: str) -> None:
    found = activation(text)
    assert found.right is not None
    assert found.left is not None
    assert found.bound == 2 * found.right.order
    assert found.reason is None
    assert found.leading_coefficient == found.right.coefficient
    mirrored = (-1) ** found.right.order * found.right.coefficient
    assert abs((mirrored - found.left.coefficient).evalf(30)) < 1e-25


@pytest.mark.parametrize(
    ("text", "coefficient"),
    [
        ("tanh(x)", sympy.Integer(1)),
        ("mish(x)", sympy.Rational(3, 5)),
        ("x*erf(x/sqrt(2))", sympy.sqrt(2 / sympy.pi)),
        ("2**x", sympy.log(2)),
        ("sigmoid(x)", sympy.Rational(1, 4)),
        ("tanhshrink(x)", sympy.Rational(1, 3)),
    ],
)
def test_coefficients_are_exact(text: str, coefficient: sympy.Expr) -> None:
    found = activation(text).leading_coefficient
    assert found is not None
    assert sympy.simplify(found - coefficient) == 0


def test_relu_vanishes_on_the_left() -> None:
    found = activation("relu(x)")
    assert (found.right, found.left) == (Leading(1, sympy.Integer(1)), Leading(1, sympy.Integer(0)))
    assert found.reason == "one-sided expansions differ: 1·x for x>0, 0 for x<0"
    assert found.bound is None
    assert found.leading_coefficient is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("log(abs(x))", "log of an argument that tends to 0"),
        ("x*log(abs(x))", "log of an argument that tends to 0"),
        ("sqrt(x)", "not real"),
        ("sqrt(abs(x))", "the leading order is 1/2"),
        ("abs(x)**1.5", "the leading order is 3/2"),
        ("1/x", "infinite at 0"),
        ("x**x", "not real"),
        ("5", "constant"),
        ("x - x", "constant"),
        ("exp(-1/x**2)", "flat at 0: no term up to order 32"),
        ("x**30*(x - sin(x))", "no term up to order 32, where the analysis ends"),  # order 33
        ("exp(-1/x**2)/x**8", "no term up to order 32, where the analysis ends"),
        ("hardshrink(x)", "flat at 0"),
        ("softshrink(x, 0.1)", "flat at 0"),
        ("relu(x)", "one-sided expansions differ: 1·x for x>0, 0 for x<0"),
        ("x*abs(x)", "one-sided expansions differ: 1·x^2 for x>0, -1·|x|^2 for x<0"),
        ("Piecewise((abs(x)**1.5, x > 0), (x, True))", "for x>0: the leading order is 3/2"),
        ("log(x)", "for x>0: no expansion at 0"),
        ("sign(x) + x", "discontinuous"),
        ("sign(x)", "discontinuous at 0: 1 from the right, -1 from the left"),
        ("Heaviside(x)", "discontinuous"),
        ("sin(1/x)", "oscillates"),
        ("x**2*sin(1/x)", "oscillates"),
        ("Piecewise((x, x > 0))", "no case of Piecewise covers"),
    ],
)
def test_reasons(text: str, reason: str) -> None:
    found = activation(text)
    assert found.multiplicity is None
    assert reason in (found.reason or "")


@pytest.mark.parametrize("text", KNOWN)
def test_analysis_is_fast(text: str) -> None:
    start = time.process_time()
    activation.__wrapped__(text)
    assert time.process_time() - start < 1.0


def test_accepts_a_sympy_expression_in_any_symbol() -> None:
    z = sympy.Symbol("z")
    assert activation(z**2 * sympy.tanh(z)).multiplicity == 3
    with pytest.raises(ActivationError, match="one variable"):
        activation(z * X)


@settings(max_examples=60, deadline=2000)
@given(
    start=st.integers(0, 5),
    coefficients=st.lists(st.integers(-9, 9), min_size=1, max_size=4),
    factor=st.sampled_from([("tanh(x)", 1), ("sin(x)", 1), ("(1-cos(x))", 2), ("elu(x)", 1)]),
)
def test_polynomial_times_function(
    start: int, coefficients: list[int], factor: tuple[str, int]
) -> None:
    if coefficients[0] == 0:
        coefficients[0] = 1
    terms = [f"({c})*x**{start + k}" for k, c in enumerate(coefficients)]
    found = activation(f"({' + '.join(terms)})*{factor[0]}")
    assert found.multiplicity == start + factor[1]
    expected = coefficients[0] * (sympy.Rational(1, 2) if factor[1] == 2 else 1)
    assert found.leading_coefficient == expected


UNARY = "tanh exp log sqrt abs relu gelu sin cos sign sigmoid softplus elu erf atan mish sinc"


def grammar() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["x", "x", "x", "1", "2", "0.5", "pi", "(-1)", "(x+1)"])

    def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        unary = st.builds(lambda f, u: f"{f}({u})", st.sampled_from(UNARY.split()), inner)
        binary = st.builds(
            lambda a, o, b: f"({a}{o}{b})",
            inner,
            st.sampled_from(["+", "-", "*", "/", "**"]),
            inner,
        )
        other = st.builds(lambda a, b: f"Max({a},{b})", inner, inner)
        cases = st.builds(lambda a, b, c: f"Piecewise(({a},{b}>0),({c},True))", inner, inner, inner)
        return st.one_of(unary, binary, other, cases)

    return st.recursive(leaves, extend, max_leaves=8)


@settings(max_examples=150, deadline=5000)
@given(grammar())
def test_any_accepted_expression_is_analyzed_in_bounded_time(text: str) -> None:
    start = time.process_time()
    try:
        found = activation.__wrapped__(text)
    except ActivationError:
        return
    assert isinstance(found, Activation)
    assert time.process_time() - start < 3.0
    assert found.bound is None or found.bound == 2 * (found.multiplicity or 0)
    if found.value_at_zero is not None:
        assert math.isfinite(float(found.value_at_zero))
