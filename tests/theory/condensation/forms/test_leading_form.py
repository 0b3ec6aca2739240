"""The leading form against the sum over samples that it abbreviates."""

import functools
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from theory.condensation.forms.leading_form import (
    B,
    C,
    Form,
    T,
    W,
    angular_polynomial,
    edge_polynomial,
    form_of,
    leading_form,
    moment_symbols,
)

ORDERS = range(1, 7)
ONE = sympy.Integer(1)
ANGLES = np.linspace(0, 2 * np.pi, 17)  # with the corners of the square and the axes
unhurried = settings(deadline=None)  # the first example compiles polynomials
TINY = 1e-30  # of the complex step: no cancellation, derivatives exact to rounding


@dataclass(frozen=True)
class Sample:
    """Data and the sum over them; complex arguments give derivatives by a complex step."""

    x: np.ndarray
    y: np.ndarray
    p: int
    c: float

    @property
    def form(self) -> Form:
        return form_of(self.x[:, None], self.y, self.p, self.c)

    @property
    def size(self) -> float:
        """Sum of absolute values, which scales the rounding of the sums."""
        return abs(self.c) * float(np.mean(np.abs(self.y) * (1 + np.abs(self.x)) ** self.p))

    def h(self, w, b):
        along = np.multiply.outer(w, self.x) + np.asarray(b)[..., None]
        return self.c * np.mean(self.y * along**self.p, axis=-1)

    def dh(self, theta):
        """dH/dθ on the circle, by the chain rule inside the sum."""
        along = np.multiply.outer(np.cos(theta), self.x) + np.sin(theta)[..., None]
        turned = np.cos(theta)[..., None] - np.multiply.outer(np.sin(theta), self.x)
        return self.c * np.mean(self.y * self.p * along ** (self.p - 1) * turned, axis=-1)

    def agrees(self, actual, expected) -> None:
        # each of two derivatives multiplies a term by at most p; below 1e-250 the step underflows
        atol = 1e-13 * self.p**2 * self.size + 1e-250
        np.testing.assert_allclose(actual, expected, rtol=0, atol=atol)


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    n = draw(st.integers(1, 8))
    numbers = arrays(float, n, elements=st.floats(-2, 2, allow_subnormal=False))
    c = draw(st.sampled_from([1.0, -0.5, 1 / 3]))
    return Sample(draw(numbers), draw(numbers), draw(st.sampled_from(ORDERS)), c)


@unhurried
@given(samples())
def test_value_is_the_sum_over_samples(data: Sample):
    data.agrees(data.form.value(ANGLES), data.h(np.cos(ANGLES), np.sin(ANGLES)))


@unhurried
@given(samples())
def test_slope_is_the_derivative_of_the_sum(data: Sample):
    ahead = ANGLES + 1j * TINY
    data.agrees(data.form.slope(ANGLES), data.h(np.cos(ahead), np.sin(ahead)).imag / TINY)


@unhurried
@given(samples())
def test_curvature_is_the_second_derivative_of_the_sum(data: Sample):
    data.agrees(data.form.curvature(ANGLES), data.dh(ANGLES + 1j * TINY).imag / TINY)


@unhurried
@given(samples())
def test_slope_and_curvature_agree_with_finite_differences_of_the_value(data: Sample):
    form, h = data.form, 1e-4
    ahead, here, behind = form.value(ANGLES + h), form.value(ANGLES), form.value(ANGLES - h)
    # truncation h²p³/6 and h²p⁴/12 at most, rounding 1e-16 / h²
    atol = 1e-5 * data.size
    np.testing.assert_allclose(form.slope(ANGLES), (ahead - behind) / (2 * h), rtol=0, atol=atol)
    second = (ahead - 2 * here + behind) / h**2
    np.testing.assert_allclose(form.curvature(ANGLES), second, rtol=0, atol=atol)


@unhurried
@given(samples())
def test_on_square_is_the_sum_at_the_boundary_point(data: Sample):
    edge = np.maximum(np.abs(np.cos(ANGLES)), np.abs(np.sin(ANGLES)))
    data.agrees(data.form.on_square(ANGLES), data.h(np.cos(ANGLES) / edge, np.sin(ANGLES) / edge))


@unhurried
@given(samples(), st.floats(-1, 1), st.floats(-1, 1))
def test_gradient_is_that_of_the_sum(data: Sample, w: float, b: float):
    by_w, by_b = data.form.gradient(w, b)
    data.agrees(by_w, data.h(w + 1j * TINY, b).imag / TINY)
    data.agrees(by_b, data.h(w, b + 1j * TINY).imag / TINY)


@unhurried
@given(samples())
def test_target_norm_is_that_of_the_full_tensor(data: Sample):
    both = np.stack([data.x, np.ones_like(data.x)])
    entries = [np.mean(data.y * both[list(i)].prod(0)) for i in product((0, 1), repeat=data.p)]
    norm = np.linalg.norm(entries)
    assert data.form.target_norm == pytest.approx(norm, rel=1e-12, abs=1e-100)


@unhurried
@given(samples(), st.floats(-2, 2))
def test_polynomials_evaluate_to_derivatives_of_the_sum(data: Sample, t: float):
    form, along = data.form, data.x + t
    power = data.c * data.p * data.y * along ** (data.p - 1)
    scale = 3 ** (data.p + 1)  # |t| ≤ 2 instead of 1 on the circle
    for name, expected in {
        "angular": np.mean(power * (1 - t * data.x)),
        "edge_w": np.mean(power),
        "edge_b": data.h(t + 1j * TINY, 1.0).imag / TINY,
    }.items():
        actual = np.polyval(form.polynomial(name), t)
        data.agrees(actual / scale, expected / scale)


@functools.cache
def two_samples(p: int) -> tuple[sympy.Expr, dict[sympy.Symbol, sympy.Expr]]:
    """(c/n) Σ y (w x + b)^p for two symbolic samples, and the moments of these."""
    x, y = sympy.symbols("x_1 x_2", real=True), sympy.symbols("y_1 y_2", real=True)
    total = C * sympy.Add(*[v * (W * u + B) ** p for u, v in zip(x, y, strict=True)]) / 2
    moments = {
        m: sympy.Add(*[v * u**k for u, v in zip(x, y, strict=True)]) / 2
        for k, m in enumerate(moment_symbols(p))
    }
    return total, moments


@pytest.mark.parametrize("p", ORDERS)
def test_symbolic_form_is_the_sum_over_samples(p: int):
    total, moments = two_samples(p)
    assert sympy.expand(leading_form(p).xreplace(moments) - total) == 0


@pytest.mark.parametrize("p", ORDERS)
def test_angular_polynomial_is_the_angular_derivative_of_the_sum(p: int):
    total, moments = two_samples(p)
    theta = sympy.Symbol("theta")
    # dH/dθ on the circle, then cos θ = 1, sin θ = t: a form of degree p in both
    turned = sympy.diff(total.xreplace({W: sympy.cos(theta), B: sympy.sin(theta)}), theta)
    turned = turned.xreplace({sympy.cos(theta): ONE, sympy.sin(theta): T})
    actual = angular_polynomial(p).xreplace(moments)
    assert sympy.expand(actual) == sympy.expand(turned)
    assert sympy.degree(angular_polynomial(p), T) == p


@pytest.mark.parametrize("p", ORDERS)
def test_edge_polynomials_are_derivatives_of_the_sum_along_edges(p: int):
    total, moments = two_samples(p)
    for axis, along in {"w": {W: ONE, B: T}, "b": {W: T, B: ONE}}.items():
        expected = sympy.diff(total.xreplace(along), T)
        actual = edge_polynomial(p, axis).xreplace(moments)
        assert sympy.expand(actual) == sympy.expand(expected)


def test_order_is_read_off_the_moments():
    form = form_of(np.array([[1.0], [2.0]]), np.array([1.0, -1.0]), 3, 0.5)
    assert (form.p, form.c) == (3, 0.5)
    assert form.moments == (0.0, -0.5, -1.5, -3.5)
