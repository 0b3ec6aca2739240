"""The leading form of kinked activations against the sum over samples that it abbreviates."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from theory.condensation.forms.leading_form import Form, Geometry, form_of
from theory.condensation.forms.sectors import SectorForm, form_for, sector_form
from theory.condensation.orientations.plane import DegenerateError, orientations
from theory.symbolic.activation import activation

ANGLES = np.linspace(0, 2 * np.pi, 33)
SIDES = {"relu": (1.0, 0.0), "leaky": (1.0, -0.1), "abs": (1.0, 1.0), "left": (0.0, -0.7)}
BOTH = pytest.mark.parametrize("geometry", Geometry)
unhurried = settings(deadline=None)


@dataclass(frozen=True)
class Sample:
    """Data, sides of an activation, and sums over the samples."""

    x: np.ndarray
    y: np.ndarray
    p: int
    sides: tuple[float, float]

    @property
    def form(self) -> SectorForm:
        return sector_form(self.x[:, None], self.y, self.p, *self.sides)

    def side(self, w, b) -> np.ndarray:
        """Coefficient of |z|^p of each sample at each point (w, b)."""
        z = np.multiply.outer(w, self.x) + np.asarray(b)[..., None]
        return np.where(z > 0, *self.sides)

    def h(self, w, b):
        z = np.multiply.outer(w, self.x) + np.asarray(b)[..., None]
        return np.mean(self.y * self.side(w, b) * np.abs(z) ** self.p, axis=-1)

    def gradient(self, w, b):
        z = np.multiply.outer(w, self.x) + np.asarray(b)[..., None]
        each = self.y * self.side(w, b) * self.p * np.sign(z) * np.abs(z) ** (self.p - 1)
        return np.mean(each * self.x, axis=-1), np.mean(each, axis=-1)

    def close(self, actual, expected, factor: float = 1.0) -> None:
        size = float(np.mean(np.abs(self.y) * (1 + np.abs(self.x)) ** self.p))
        np.testing.assert_allclose(actual, expected, rtol=0, atol=factor * 1e-13 * size + 1e-250)

    def away(self, theta: np.ndarray, distance: float = 1e-6) -> np.ndarray:
        """The angles that are not at a breakpoint."""
        z = np.multiply.outer(np.cos(theta), self.x) + np.sin(theta)[:, None]
        return theta[(np.abs(z) > distance * np.hypot(self.x, 1)).all(1)]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    n = draw(st.integers(1, 9))
    # few values, so that inputs are repeated, and any others
    some = st.sampled_from([-1.0, 0.0, 0.5, 1.0]) | st.floats(-2, 2, allow_subnormal=False)
    x = draw(arrays(float, n, elements=some))
    y = draw(arrays(float, n, elements=some))
    return Sample(x, y, draw(st.integers(1, 4)), draw(st.sampled_from(list(SIDES.values()))))


def random(seed: int, n: int = 20, p: int = 1, sides: tuple[float, float] = (1.0, 0.0)) -> Sample:
    rng = np.random.default_rng(seed)
    return Sample(rng.uniform(-1, 1.5, n), rng.standard_normal(n), p, sides)


@unhurried
@given(samples())
def test_value_is_the_sum_over_samples(data: Sample):
    theta = np.concatenate([ANGLES, np.arctan(-data.x), np.arctan(-data.x) + np.pi])
    data.close(data.form.value(theta), data.h(np.cos(theta), np.sin(theta)))


@unhurried
@given(samples())
def test_on_square_is_the_sum_at_the_boundary_point(data: Sample):
    edge = np.maximum(np.abs(np.cos(ANGLES)), np.abs(np.sin(ANGLES)))
    data.close(data.form.on_square(ANGLES), data.h(np.cos(ANGLES) / edge, np.sin(ANGLES) / edge))


@unhurried
@given(samples(), st.floats(-1, 1), st.floats(-1, 1))
def test_gradient_and_slope_are_those_of_the_sum(data: Sample, w: float, b: float):
    theta = data.away(np.append(ANGLES, math.atan2(b, w)))
    c, s = np.cos(theta), np.sin(theta)
    by_w, by_b = data.gradient(c, s)
    for actual, expected in zip(data.form.gradient(c, s), (by_w, by_b), strict=True):
        data.close(actual, expected, factor=10)
    data.close(data.form.slope(theta), c * by_b - s * by_w, factor=10)


@pytest.mark.parametrize("p", [1, 2, 3, 4])
@pytest.mark.parametrize("sides", SIDES.values(), ids=SIDES.keys())
def test_curvature_agrees_with_differences_of_the_slope(p: int, sides: tuple[float, float]):
    data, h = random(p, p=p, sides=sides), 1e-5
    theta = data.away(np.linspace(0, 2 * np.pi, 300), 1e-4)
    form = data.form
    assert len(theta) > 200
    expected = (form.slope(theta + h) - form.slope(theta - h)) / (2 * h)
    np.testing.assert_allclose(form.curvature(theta), expected, atol=1e-8)


@unhurried
@given(samples(), st.floats(-2, 2))
def test_lead_is_the_leading_part(data: Sample, z: float):
    right, left = data.sides
    expected = right * z**data.p if z > 0 else left * abs(z) ** data.p
    assert float(data.form.lead(np.array(z))) == pytest.approx(expected, abs=1e-300)


@unhurried
@given(samples())
def test_one_monomial_has_the_form_of_its_order(data: Sample):
    same = sector_form(data.x[:, None], data.y, data.p, 0.4, (-1) ** data.p * 0.4)
    form = form_of(data.x[:, None], data.y, data.p, 0.4)
    for name in ("value", "slope", "curvature", "on_square"):
        data.close(getattr(same, name)(ANGLES), getattr(form, name)(ANGLES), factor=10)
    assert same.target_norm == form.target_norm
    assert same.scale == form.scale
    assert same.vanishes == form.vanishes


@BOTH
@pytest.mark.parametrize("p", [1, 2, 3, 4, 5])
def test_one_monomial_has_the_orientations_of_its_form(p: int, geometry: Geometry):
    rng = np.random.default_rng(p)
    for _ in range(40):
        n, c = int(rng.integers(2, 30)), float(rng.choice([1.0, -0.4]))
        x, y = rng.uniform(-1, 1.5, (n, 1)), rng.standard_normal(n)
        if rng.random() < 0.3:
            x = np.round(x, 1)  # repeated inputs, some of them on the corners of the square
        found = orientations(sector_form(x, y, p, c, (-1) ** p * c), geometry)
        expected = orientations(form_of(x, y, p, c), geometry)
        assert [o.sign for o in found] == [o.sign for o in expected]
        for one, other in zip(found, expected, strict=True):
            assert one.angle_degrees == pytest.approx(other.angle_degrees, abs=1e-5)
            for name in ("height", "kappa", "share"):
                assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-5)
            # the share of 2001 points; at the ends of the interval H is 0 up to rounding
            assert one.direct_share == pytest.approx(other.direct_share, abs=1.5e-3)


# -- breakpoints and dead sectors -------------------------------------------------------------


@pytest.mark.parametrize("repeats", [1, 2, 5])
def test_repeated_inputs_count_with_the_sum_of_their_targets(repeats: int):
    data = random(3)
    x, y = np.tile(data.x, repeats), np.tile(data.y, repeats)
    once, again = data.form, Sample(x, y, 1, data.sides).form
    np.testing.assert_array_equal(again.starts, once.starts)
    np.testing.assert_allclose(again.moments, once.moments, atol=1e-14)


def test_targets_that_cancel_leave_no_breakpoint():
    x = np.array([-0.5, 0.2, 0.2, 0.9, 1.0])
    y = np.array([1.0, 0.1 + 0.2, -0.3, -2.0, 0.0])  # 0.1 + 0.2 − 0.3 is not 0 in floating point
    form = Sample(x, y, 1, (1.0, 0.0)).form
    expected = Sample(np.array([-0.5, 0.9]), np.array([1.0, -2.0]) * 2 / 5, 1, (1.0, 0.0)).form
    np.testing.assert_array_equal(form.starts, expected.starts)
    np.testing.assert_allclose(form.moments, expected.moments, atol=1e-16)


@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_relu_is_dead_where_no_sample_is_active(p: int, n: int):
    data = random(n, n, p)
    form = data.form
    ((start, end),) = form.dead_sectors()
    # below all lines u·x̃ = 0: b < −w x for the smallest and the largest x
    corners = sorted(math.atan(-x) for x in (data.x.min(), data.x.max()))
    assert end == pytest.approx(corners[0] + 2 * math.pi)
    assert start == pytest.approx(corners[1] + math.pi)
    assert form.dead_share == pytest.approx((end - start) / (2 * math.pi))
    inside = np.linspace(start, end, 101)[1:-1]
    np.testing.assert_array_equal(form.value(inside), 0)
    z = np.outer(np.cos(inside), data.x) + np.sin(inside)[:, None]
    assert (z < 0).all()
    beside = np.array([start - 1e-3, end + 1e-3])
    assert (np.abs(form.value(beside)) > form.negligible).all()


@pytest.mark.parametrize("name", ["leaky", "abs"])
def test_no_sector_is_dead_where_both_sides_respond(name: str):
    form = random(0, sides=SIDES[name]).form
    assert form.dead_sectors() == ()
    assert form.dead_share == 0


def test_a_second_difference_is_dead_on_active_samples_too():
    # y is orthogonal to 1 and x: with all three samples active H vanishes, in every float
    x, y = np.array([-0.1, 0.2, 0.5]), np.array([0.1, -0.2, 0.1])
    (first, second) = Sample(x, y, 1, (1.0, 0.0)).form.dead_sectors()
    assert first == pytest.approx((math.atan(0.1), math.pi - math.atan(0.5)))
    assert second == pytest.approx((math.pi + math.atan(0.1), 2 * math.pi - math.atan(0.5)))


@BOTH
def test_dead_sectors_make_no_orientations_and_bound_basins(geometry: Geometry):
    # max(0, w + b) of one sample with y = 1: one hill, dead on the other half of the circle
    form = Sample(np.array([1.0]), np.array([1.0]), 1, (1.0, 0.0)).form
    (at,) = orientations(form, geometry)
    assert (at.angle_degrees, at.sign) == (pytest.approx(45.0), 1)
    assert at.share == pytest.approx(1 / 4)
    assert at.direct_share == pytest.approx(1 / 4, abs=1e-3)
    assert at.height == pytest.approx(math.sqrt(2))


# -- degenerate data --------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("sides", SIDES.values(), ids=SIDES.keys())
def test_a_form_without_targets_vanishes(sides: tuple[float, float], geometry: Geometry):
    x = np.array([0.3, 0.3, -1.0])
    for y in (np.zeros(3), np.array([0.7, -0.7, 0.0])):
        form = Sample(x, y, 2, sides).form
        assert form.vanishes
        assert form.dead_share == 1
        with pytest.raises(DegenerateError, match="vanishes"):
            orientations(form, geometry)


def orthogonal(p: int) -> tuple[np.ndarray, np.ndarray]:
    """Targets orthogonal to 1, x, …, x^p up to rounding."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1, 1.5, (30, 1)), rng.standard_normal(30)
    basis = np.linalg.qr(x ** np.arange(p + 1))[0]
    for _ in range(2):
        y = y - basis @ (basis.T @ y)
    return x, y


@BOTH
@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_moments_that_cancel_to_rounding_are_degenerate(p: int, geometry: Geometry):
    x, y = orthogonal(p)
    form = form_of(x, y, p, 0.7)
    assert 0 < max(abs(m) for m in form.moments) < 1e-13  # not zero: it takes the scale to see it
    same = sector_form(x, y, p, 0.7, (-1) ** p * 0.7)
    for one in (form, same):
        with pytest.raises(DegenerateError, match="vanishes"):
            orientations(one, geometry)
    # the next order and kinked activations do see these targets
    assert orientations(form_of(x, y, p + 1, 0.7), Geometry.L2)
    assert orientations(sector_form(x, y, p, 1.0, 0.0), Geometry.L2)


def test_a_small_form_is_not_degenerate():
    x, y = orthogonal(1)
    y = y + 1e-9 * x[:, 0]
    found = orientations(form_of(x, y, 1, 1.0), Geometry.L2)
    expected = math.degrees(math.atan2(np.mean(x), np.mean(x**2)))
    assert found[0].angle_degrees == pytest.approx(expected, abs=0.01)


@BOTH
@pytest.mark.parametrize("c", [1.0, -1.0])
@pytest.mark.parametrize("p", [1, 2, 3])
def test_flat_edges_are_degenerate_on_the_square_only(p: int, c: float, geometry: Geometry):
    # H = c b^p: constant on the edges b = ±1, with a maximum at b = 1 on the circle
    x, y = np.array([-1.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
    form = Sample(x, y, p, (c, (-1) ** p * c)).form
    if geometry is Geometry.L2:
        assert [o.angle_degrees for o in orientations(form, geometry)] == [90.0, 270.0]
        return
    with pytest.raises(DegenerateError, match="edge"):
        orientations(form, geometry)


def test_a_form_that_is_the_same_in_all_directions_is_degenerate():
    x, y = np.array([-1.0, 0.0, 1.0]), np.array([0.5, 0.0, 0.5])  # H = w² + b² for p = 2 ...
    with pytest.raises(DegenerateError, match="in all directions"):
        orientations(Sample(x, y, 2, (1.0, 1.0)).form, Geometry.L2)


def test_a_sector_that_is_the_same_in_all_its_directions_is_degenerate():
    x, y = np.array([-1.0, 0.0, 1.0]), np.array([0.5, 0.0, 0.5])  # ... on a sector under ReLU
    with pytest.raises(DegenerateError, match="in a sector"):
        orientations(Sample(x, y, 2, (1.0, 0.0)).form, Geometry.L2)


# -- which form an activation has -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "p", "right", "left"),
    [
        ("relu(x)", 1, 1.0, 0.0),
        ("leaky_relu(x, 0.1)", 1, 1.0, -0.1),
        ("abs(x)", 1, 1.0, 1.0),
        ("relu(x)**2", 2, 1.0, 0.0),
        ("x*abs(x)", 2, 1.0, -1.0),
        ("Piecewise((x**2, x > 0), (x, True))", 1, 0.0, -1.0),
        ("Piecewise((x, x > 0), (x**2, True))", 1, 1.0, 0.0),
        ("Piecewise((x**3, x > 0), (5*x**2, True))", 2, 0.0, 5.0),
        ("selu(x)", 1, 1.0507009873554805, -1.7580993408473766),
    ],
)
def test_kinked_activations_have_sectors(text: str, p: int, right: float, left: float):
    data = random(0)
    form = form_for(activation(text), data.x[:, None], data.y)
    assert isinstance(form, SectorForm)
    assert (form.p, form.right, form.left) == (p, right, pytest.approx(left, rel=1e-15))
    # the coefficients are those of the activation close to 0
    sigma = sympy.lambdify(sympy.Symbol("x", real=True), activation(text).expression, "math")
    for z in (1e-6, -1e-6):
        response = float(form.lead(np.array(z)))
        assert sigma(z) - sigma(0.0) == pytest.approx(response, abs=1e-5 * 1e-6**p)


@pytest.mark.parametrize("text", ["tanh(x)", "x*tanh(x)", "x**2*tanh(x)", "gelu(x)", "elu(x)"])
def test_other_activations_have_one_form(text: str):
    data, sigma = random(0), activation(text)
    form = form_for(sigma, data.x[:, None], data.y)
    assert sigma.multiplicity is not None
    c = float(sigma.leading_coefficient)  # type: ignore[arg-type]
    assert form == form_of(data.x[:, None], data.y, sigma.multiplicity, c)
    assert isinstance(form, Form)


@pytest.mark.parametrize(
    "text", ["sqrt(abs(x))", "log(abs(x))", "sign(x) + x", "5", "exp(-1/x**2)", "1/x"]
)
def test_no_form_without_a_leading_order_on_both_sides(text: str):
    data = random(0)
    with pytest.raises(ValueError, match=r"no leading order at 0 on both sides: ."):
        form_for(activation(text), data.x[:, None], data.y)
