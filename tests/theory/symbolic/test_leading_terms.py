"""Further terms of activations against one-sided differences at high precision."""

import time
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from theory.condensation.forms.governing import part_of
from theory.condensation.forms.leading_form import Form, Geometry, form_of
from theory.condensation.forms.sectors import SectorForm, form_for, plane_form
from theory.condensation.orientations.plane import DegenerateError, orientations
from theory.symbolic.activation import activation
from theory.symbolic.leading_terms import Term

# Step 1e-20 and order up to 10 need 200 digits and as many again for the quotient.
MP: Any = mpmath.mp.clone()
MP.dps = 500
STEP = MP.mpf(10) ** -20
SELU, ALPHA = MP.mpf("1.0507009873554805"), MP.mpf("1.6732632423543772")


def sigmoid(x: Any) -> Any:
    return 1 / (1 + MP.exp(-x))


# text -> (the function, written here in mpmath; orders of the first terms)
KNOWN: dict[str, tuple[Callable[[Any], Any], list[int]]] = {
    "tanh(x)": (MP.tanh, [1, 3, 5, 7]),
    "x**2*tanh(x)": (lambda x: x**2 * MP.tanh(x), [3, 5, 7]),
    "sigmoid(x)": (sigmoid, [1, 3, 5]),
    "softplus(x)": (lambda x: MP.log(1 + MP.exp(x)), [1, 2, 4, 6]),
    "mish(x)": (lambda x: x * MP.tanh(MP.log(1 + MP.exp(x))), [1, 2, 3, 4]),
    "gelu(x)": (lambda x: x * MP.ncdf(x), [1, 2, 4, 6]),
    "silu(x)": (lambda x: x * sigmoid(x), [1, 2, 4]),
    "elu(x)": (lambda x: x if x > 0 else MP.expm1(x), [1, 2, 3]),
    "celu(x, 2)": (lambda x: x if x > 0 else 2 * MP.expm1(x / 2), [1, 2, 3]),
    "selu(x)": (lambda x: SELU * x if x > 0 else SELU * ALPHA * MP.expm1(x), [1, 2, 3]),
    "hardswish(x)": (lambda x: x * min(max(x + 3, MP.mpf(0)), MP.mpf(6)) / 6, [1, 2]),
    "softsign(x)": (lambda x: x / (1 + abs(x)), [1, 2, 3, 4]),
    "relu(x)": (lambda x: max(x, MP.mpf(0)), [1]),
    "leaky_relu(x)": (lambda x: x if x > 0 else x / 100, [1]),
    "abs(x) + x**3": (lambda x: abs(x) + x**3, [1, 3]),
    "Piecewise((x**2, x > 0), (x + x**4, True))": (
        lambda x: x**2 if x > 0 else x + x**4,
        [1, 2, 4],
    ),
    "cos(x)": (MP.cos, [2, 4, 6]),
    "sinc(x)": (lambda x: MP.sin(x) / x if x else MP.mpf(1), [2, 4, 6]),
    "exp(-x**2) - 1": (lambda x: MP.expm1(-(x**2)), [2, 4, 6]),
    "asinh(x) - sin(x)": (lambda x: MP.asinh(x) - MP.sin(x), [5, 7, 9]),
    "x + exp(-1/x**2)": (lambda x: x + (MP.exp(-1 / x**2) if x else 0), [1]),
    # what follows x is of fractional order: the list ends
    "x + abs(x)**2.5 + x**3": (
        lambda x: x + abs(x) ** MP.mpf(2.5) + x**3,
        [1],
    ),
}


@pytest.mark.parametrize("text", KNOWN)
def test_terms_match_differences(text: str):
    function, orders = KNOWN[text]
    found = activation(text).terms(len(orders))
    assert [term.order for term in found] == orders
    for sign in (+1, -1):
        rest = function(sign * STEP) - function(MP.mpf(0))
        for term in found:
            side = MP.mpf((term.right if sign > 0 else term.left).evalf(60))
            assert abs(rest / STEP**term.order - side) < 1e-9
            exact = term.right if sign > 0 else term.left
            # what is left is of higher order only where the coefficient is exact to all digits
            rest -= MP.mpf(sympy.N(exact, 450)) * STEP**term.order


@pytest.mark.parametrize("text", KNOWN)
def test_the_first_term_is_the_leading_part(text: str):
    sigma = activation(text)
    (first,) = sigma.terms(1)
    assert sigma.right is not None
    assert sigma.left is not None
    assert first.order == min(sigma.right.order, sigma.left.order)
    assert first.monomial == (sigma.multiplicity is not None)
    for side, coefficient in ((sigma.right, first.right), (sigma.left, first.left)):
        assert coefficient == (side.coefficient if side.order == first.order else 0)


@pytest.mark.parametrize(
    ("text", "count"), [("relu(x)", 3), ("x**2", 5), ("hardswish(x)", 9), ("hardtanh(x)", 2)]
)
def test_there_are_no_more_terms_than_there_are(text: str, count: int):
    assert len(activation(text).terms(count)) < count


@pytest.mark.parametrize(
    "text", ["log(abs(x))", "sqrt(abs(x))", "1/x", "sign(x) + x", "5", "exp(-1/x**2)", "sin(1/x)"]
)
def test_no_terms_without_an_expansion(text: str):
    assert activation(text).terms(3) == ()


def test_terms_are_exact():
    assert activation("tanh(x)").terms(2)[1] == Term(
        3, sympy.Rational(-1, 3), sympy.Rational(1, 3), True
    )
    second = activation("gelu(x)").terms(2)[1]
    assert sympy.simplify(second.right - 1 / sympy.sqrt(2 * sympy.pi)) == 0
    assert activation("elu(x)").terms(2)[1] == Term(
        2, sympy.Integer(0), sympy.Rational(1, 2), False
    )
    assert activation("tanh(x)").terms(0) == ()


@pytest.mark.parametrize("text", KNOWN)
def test_terms_are_fast(text: str):
    start = time.process_time()
    activation(text).terms(4)
    assert time.process_time() - start < 2.0


def test_the_next_term_governs_where_the_leading_form_vanishes():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1, 1.5, (30, 1)), rng.standard_normal(30)
    basis = np.linalg.qr(x ** np.arange(2))[0]
    for _ in range(2):
        y = y - basis @ (basis.T @ y)  # orthogonal to 1 and x
    for text, kind in (("softplus(x)", Form), ("elu(x)", SectorForm)):
        sigma = activation(text)
        with pytest.raises(DegenerateError):
            orientations(form_for(sigma, x, y), Geometry.L2)
        following = plane_form(part_of(sigma.terms(2)[1]), x, y)
        assert isinstance(following, kind)
        assert following.p == 2
        assert orientations(following, Geometry.L2)
    assert plane_form(part_of(activation("tanh(x)").terms(2)[1]), x, y) == form_of(x, y, 3, -1 / 3)
