"""Leading forms in any dimension against the plain sum over samples and its differences."""

import numpy as np
import pytest

from theory.condensation.forms.homogeneous import (
    HomogeneousForm,
    leading_form_of,
    monomials,
    multiplicities,
    next_order_of,
)
from theory.condensation.forms.leading_form import form_of
from theory.symbolic.activation import activation

SIDES = [(0.7, 0.2), (0.7, 0.0), (-1.0, -1.0), (1.0, "smooth")]


def data(samples: int, dimension: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(samples)
    x = np.column_stack([rng.standard_normal((samples, dimension - 1)), np.ones(samples)])
    return x, rng.standard_normal(samples)


def form(order: int, right: float, left: float | str, samples: int) -> HomogeneousForm:
    x, y = data(samples)
    both = (-1) ** order * right if isinstance(left, str) else left
    return HomogeneousForm(x, y, order, right, both)


def plain(f: HomogeneousForm, u: np.ndarray) -> float:
    """H(u), sample by sample."""
    total = 0.0
    for x, y in zip(f.x, f.y, strict=True):
        z = float(x @ u)
        total += y * (f.right * z**f.order if z > 0 else f.left * (-z) ** f.order)
    return total / len(f.y)


# few samples are summed over, many are replaced by the monomials of a smooth form
@pytest.mark.parametrize("samples", [5, 300])
@pytest.mark.parametrize(("right", "left"), SIDES)
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_value_gradient_and_hessian(order: int, right: float, left: float | str, samples: int):
    f = form(order, right, left, samples)
    u = np.random.default_rng(0).standard_normal((6, 4))
    expected = np.array([plain(f, one) for one in u])
    tolerance = 1e-13 * f.scale * np.max(np.linalg.norm(u, axis=1)) ** order
    np.testing.assert_allclose(f.value(u), expected, rtol=0, atol=tolerance)
    step = 1e-5 * np.eye(4)
    slope = np.stack([(f.value(u + e) - f.value(u - e)) / 2e-5 for e in step], -1)
    np.testing.assert_allclose(f.gradient(u), slope, rtol=0, atol=1e-6 * f.scale)
    bend = np.stack([(f.gradient(u + e) - f.gradient(u - e)) / 2e-5 for e in step], -1)
    np.testing.assert_allclose(f.hessian(u), bend, rtol=0, atol=1e-5 * f.scale)


def test_shapes_follow_the_points():
    f = form(3, 1.0, "smooth", 300)
    u = np.random.default_rng(0).standard_normal((2, 3, 4))
    assert f.value(u).shape == (2, 3)
    assert f.gradient(u).shape == (2, 3, 4)
    assert f.hessian(u).shape == (2, 3, 4, 4)
    one = u[1, 2]
    assert float(f.value(one)) == pytest.approx(f.value(u)[1, 2])
    np.testing.assert_allclose(f.gradient(one), f.gradient(u)[1, 2])
    np.testing.assert_allclose(f.hessian(one), f.hessian(u)[1, 2])


@pytest.mark.parametrize(("right", "left"), SIDES)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_scale_bounds_the_form(order: int, right: float, left: float | str):
    f = form(order, right, left, 5)
    u = np.random.default_rng(0).standard_normal((2000, 4))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    largest = np.abs(f.value(u)).max()
    assert 0.01 * f.scale < largest <= f.scale


def test_one_input_agrees_with_the_binary_form():
    x, y = data(30, 2)
    for order in (1, 2, 3, 5):
        binary = form_of(x[:, :1], y, order, -0.4)
        f = HomogeneousForm(x, y, order, -0.4, (-1) ** order * -0.4)
        theta = np.linspace(0, 6, 20)
        u = np.stack([np.cos(theta), np.sin(theta)], -1)
        np.testing.assert_allclose(f.value(u), binary.value(theta), rtol=0, atol=1e-12 * f.scale)
        assert f.target_norm == pytest.approx(binary.target_norm)


def test_on_a_kink_of_order_one_the_gradient_is_the_middle():
    f = HomogeneousForm(np.array([[1.0, 0.0]]), np.array([2.0]), 1, 1.0, 0.0)
    assert f.gradient(np.array([0.0, 1.0])).tolist() == [1.0, 0.0]
    assert f.gradient(np.array([1e-9, 1.0])).tolist() == [2.0, 0.0]
    assert f.gradient(np.array([-1e-9, 1.0])).tolist() == [0.0, 0.0]


def test_monomials_are_those_of_the_power_of_a_sum():
    u = np.random.default_rng(0).standard_normal((5, 3))
    for degree in range(5):
        total = monomials(u, degree) @ multiplicities(3, degree)
        np.testing.assert_allclose(total, u.sum(axis=1) ** degree, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x**2*tanh(x)", (3, 1.0, -1.0)),
        ("tanh(x)", (1, 1.0, -1.0)),
        ("relu(x)", (1, 1.0, 0.0)),
        ("abs(x)", (1, 1.0, 1.0)),
        ("relu(x)**2 + tanh(x)**3", (2, 1.0, 0.0)),  # the lower order governs
    ],
)
def test_leading_form_of_an_activation(text: str, expected: tuple[int, float, float]):
    x, y = data(5)
    f = leading_form_of(activation(text), x, y)
    assert (f.order, f.right, f.left) == expected
    assert f.smooth == (text in ("x**2*tanh(x)", "tanh(x)"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x**2*tanh(x)", (5, -1 / 3, 1 / 3)),
        ("sigmoid(x)", (3, -1 / 48, 1 / 48)),
        ("softplus(x)", (2, 1 / 8, 1 / 8)),
    ],
)
def test_next_order_of_an_activation(text: str, expected: tuple[int, float, float]):
    f = next_order_of(activation(text), *data(5))
    assert f is not None
    assert (f.order, f.right, f.left) == pytest.approx(expected)


def test_a_pure_power_has_no_next_order():
    assert next_order_of(activation("x**3"), *data(5)) is None


def test_bad_input_is_refused():
    x, y = data(5)
    with pytest.raises(ValueError, match="order"):
        HomogeneousForm(x, y, 0, 1.0, 1.0)
    with pytest.raises(ValueError, match="not finite"):
        HomogeneousForm(x, y * np.nan, 2, 1.0, 1.0)
    with pytest.raises(ValueError, match="log"):
        leading_form_of(activation("log(x)"), x, y)
    with pytest.raises(ValueError, match="expansions differ"):
        next_order_of(activation("relu(x)"), x, y)
