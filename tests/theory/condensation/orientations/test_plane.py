"""The predicted orientations against brute force: dense grids, flows and many starts."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.theory.condensation.orientations.grid import GRID, THETA, apart, brute_force, nearest
from theory.condensation.forms.leading_form import Form, Geometry, form_of
from theory.condensation.orientations.plane import (
    DegenerateError,
    Orientation,
    extrema,
    orientations,
)

BOTH = pytest.mark.parametrize("geometry", Geometry)
unhurried = settings(deadline=None)  # the first example compiles polynomials


def kostlan(rng: np.random.Generator, p: int) -> Form:
    """A form with Gaussian random coefficients that prefers no direction."""
    weights = np.sqrt([float(math.comb(p, k)) for k in range(p + 1)])
    return Form(1.0, tuple((rng.standard_normal(p + 1) / weights).tolist()))


def on_grid(rng: np.random.Generator, p: int, geometry: Geometry) -> tuple[Form, np.ndarray]:
    """The form of random labels, and the sum over the samples at `THETA`."""
    x, y, c = rng.uniform(-1, 1.5, 20), rng.standard_normal(20), float(rng.choice([1.0, -0.4]))
    points = np.stack([np.cos(THETA), np.sin(THETA)], -1)
    if geometry is Geometry.LINF:
        points = points / np.abs(points).max(1, keepdims=True)
    height = c * (points @ np.stack([x, np.ones(20)])) ** p @ y / 20
    return form_of(x[:, None], y, p, c), height


@BOTH
@pytest.mark.parametrize("p", [1, 2, 3, 4, 5])
def test_orientations_are_the_local_maxima_of_a_dense_grid(p: int, geometry: Geometry):
    rng = np.random.default_rng(p)
    for _ in range(15):
        form, height = on_grid(rng, p, geometry)
        found, expected = orientations(form, geometry), brute_force(height)
        assert len(found) == len(expected)
        for (angle, sign), (share, direct) in expected.items():
            at = nearest(found, angle, sign)
            assert apart(at.angle_degrees, angle) < 360 / GRID
            # basins end between two grid points; the direct share is a mean over 2001 points
            assert at.share == pytest.approx(share, abs=2 / GRID)
            assert at.direct_share == pytest.approx(direct, abs=at.share / 1000 + 2 / GRID)


@BOTH
@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_height_is_that_of_the_sum_in_the_unit_direction(p: int, geometry: Geometry):
    rng = np.random.default_rng(10 + p)
    form, _ = on_grid(rng, p, geometry)
    for at in orientations(form, geometry):
        w, b = at.direction
        moments = [math.comb(p, k) * m * w**k * b ** (p - k) for k, m in enumerate(form.moments)]
        assert at.sign * at.height == pytest.approx(form.c * sum(moments), rel=1e-10)
        assert math.hypot(w, b) == pytest.approx(1, abs=1e-15)
        assert at.height > 0


@BOTH
@unhurried
@given(seed=st.integers(0, 10**9), p=st.integers(1, 6))
def test_shares_add_up_to_one_where_nothing_dies(seed: int, p: int, geometry: Geometry):
    form = kostlan(np.random.default_rng(seed), p)
    found = orientations(form, geometry)
    total = sum(o.share for o in found)
    dying = len(extrema(form, geometry)) - len(found)  # extrema whose sign of H is wrong
    assert all(0 <= o.direct_share <= o.share for o in found)
    if dying:
        assert total < 1
    else:
        assert total == pytest.approx(1, abs=1e-12)


@BOTH
@unhurried
@given(p=st.integers(1, 6), data=st.data())
def test_never_more_than_2p(p: int, data: st.DataObject, geometry: Geometry):
    moments = data.draw(st.lists(st.floats(-3, 3), min_size=p + 1, max_size=p + 1))
    form = Form(1.0, tuple(moments))
    try:
        found = orientations(form, geometry)
    except DegenerateError:
        assume(False)
        return
    assert 1 <= len(found) <= 2 * p
    assert len(found) % 2 == 0  # with u also −u, of the same sign for even p


@BOTH
@unhurried
@given(seed=st.integers(0, 10**9), p=st.integers(1, 6))
def test_opposite_directions_come_in_pairs(seed: int, p: int, geometry: Geometry):
    found = orientations(kostlan(np.random.default_rng(seed), p), geometry)
    for at in found:
        opposite = nearest(found, at.angle_degrees + 180, at.sign * (-1) ** p)
        assert apart(opposite.angle_degrees, at.angle_degrees + 180) < 1e-4
        assert opposite.share == pytest.approx(at.share, abs=1e-6)


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_rotated_data_have_rotated_orientations(p: int):
    rng, turn = np.random.default_rng(p), 0.7
    x, y = rng.standard_normal((30, 2)), rng.standard_normal(30)
    rotated = x @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])

    def form(points: np.ndarray) -> Form:
        first, second = points.T
        return Form(
            1.0, tuple(float(np.mean(y * first**k * second ** (p - k))) for k in range(p + 1))
        )

    before, after = (orientations(form(points), Geometry.L2) for points in (x, rotated))
    assert len(before) == len(after)
    for at in before:
        image = nearest(after, at.angle_degrees + math.degrees(turn), at.sign)
        assert apart(image.angle_degrees, at.angle_degrees + math.degrees(turn)) < 1e-6
        for name in ("height", "kappa", "share"):
            assert getattr(image, name) == pytest.approx(getattr(at, name), rel=1e-6)


# -- convergence exponent ---------------------------------------------------------------------


def flow(form: Form, at: Orientation, offset: float, length: float) -> tuple[float, float]:
    """Training from |w| = 1 at an angle ``offset`` from an orientation: final error and growth.

    Runge-Kutta on w' = a ∇H, b' likewise, a' = H, in the time in which |(w', b')| = |(w, b)|.
    """
    start = math.radians(at.angle_degrees) + offset
    state = np.array([math.cos(start), math.sin(start), at.sign / math.sqrt(form.p)])
    k = np.arange(form.p + 1)
    terms = form.c * np.array([math.comb(form.p, j) for j in k]) * np.array(form.moments)

    def speed(state: np.ndarray) -> np.ndarray:
        w, b, a = state
        h = sum(terms * w**k * b ** (form.p - k))
        by_w = sum((k * terms)[1:] * w ** (k[1:] - 1) * b ** (form.p - k[1:]))
        by_b = sum(((form.p - k) * terms)[:-1] * w ** k[:-1] * b ** (form.p - k[:-1] - 1))
        change = np.array([a * by_w, a * by_b, h])
        return change * math.hypot(w, b) / math.hypot(change[0], change[1])

    step = 0.02
    for _ in range(round(length / step)):
        first = speed(state)
        second = speed(state + step / 2 * first)
        third = speed(state + step / 2 * second)
        fourth = speed(state + step * third)
        state = state + step / 6 * (first + 2 * second + 2 * third + fourth)
    error = math.radians(math.degrees(math.atan2(state[1], state[0])) - at.angle_degrees)
    return math.remainder(error, 2 * math.pi), math.hypot(state[0], state[1])


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_kappa_is_the_exponent_of_the_angle_error(p: int):
    rng, offset = np.random.default_rng(p), 1e-3
    for _ in range(3):
        form = kostlan(rng, p)
        for at in orientations(form, Geometry.L2):
            length = 2 / max(at.kappa, 0.5)
            error, growth = flow(form, at, offset, length)
            # the error is exponential up to terms of relative size kappa · offset
            measured = math.log(offset / error) / math.log(growth)
            assert measured == pytest.approx(at.kappa, rel=0.02)


def test_sign_steps_forget_the_start_as_one_over_the_growth():
    form = kostlan(np.random.default_rng(0), 3)
    assert {o.kappa for o in orientations(form, Geometry.LINF)} == {1.0}


# -- closed forms -----------------------------------------------------------------------------


@pytest.mark.parametrize("c", [1.0, -2.0])
def test_p_1_is_the_line_of_v(c: float):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1, 1.5, (40, 1)), rng.standard_normal(40)
    form, v = form_of(x, y, 1, c), c * np.array([np.mean(y * x[:, 0]), np.mean(y)])
    for geometry, top in ((Geometry.L2, v), (Geometry.LINF, np.sign(v))):
        top = top / np.linalg.norm(top)
        found = orientations(form, geometry)
        assert len(found) == 2
        for at in found:
            np.testing.assert_allclose(at.direction, at.sign * top, atol=1e-9)
            assert at.height == pytest.approx(v @ top)
            assert (at.kappa, at.share) == pytest.approx((1.0, 0.5))
            assert at.direct_share == pytest.approx(0.25, abs=1e-3)


@pytest.mark.parametrize("seed", range(8))
def test_p_2_is_the_eigenvectors_of_a_matrix(seed: int):
    form = kostlan(np.random.default_rng(seed), 2)
    m0, m1, m2 = form.moments
    values, vectors = np.linalg.eigh(form.c * np.array([[m2, m1], [m1, m0]]))
    # the largest eigenvalue is a maximum, the smallest a minimum; the wrong sign dies
    growing = [i for i, sign in ((1, 1), (0, -1)) if sign * values[i] > 0]
    found = orientations(form, Geometry.L2)
    assert len(found) == 2 * len(growing)
    for i in growing:
        sign, angle = (-1, 1)[i], math.degrees(math.atan2(vectors[1, i], vectors[0, i]))
        for turned in (angle, angle + 180):
            at = nearest(found, turned, sign)
            assert apart(at.angle_degrees, turned) < 1e-6
            assert at.height == pytest.approx(abs(values[i]))
            assert at.kappa == pytest.approx(1 - values[1 - i] / values[i])
            assert at.share == pytest.approx(0.25)


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_a_power_of_the_bias_has_its_root_at_infinity(p: int):
    found = orientations(Form(2.0, (1.0, *[0.0] * p)), Geometry.L2)
    expected = [(90.0, 1), (270.0, (-1) ** p)]
    assert [(pytest.approx(o.angle_degrees), o.sign) for o in found] == expected


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_a_power_of_the_weight_has_its_root_at_zero(p: int):
    found = orientations(Form(-2.0, (*[0.0] * p, 1.0)), Geometry.L2)
    expected = [(0.0, -1), (180.0, -((-1) ** p))]
    assert [(pytest.approx(o.angle_degrees, abs=1e-9), o.sign) for o in found] == expected


def test_a_repeated_root_is_one_orientation():
    # c (w + b)^4 of a single sample: three of four angular roots are at t = −1, where H = 0
    for c in (1.0, 0.1165, -0.7):
        found = orientations(Form(c, (1.0,) * 5), Geometry.L2)
        assert [pytest.approx(o.angle_degrees, abs=1e-6) for o in found] == [45.0, 225.0]


@pytest.mark.parametrize("moments", [(0.0, 0.0), (0.0,) * 5])
@BOTH
def test_a_vanishing_form_is_degenerate(moments: tuple[float, ...], geometry: Geometry):
    with pytest.raises(DegenerateError, match="vanishes"):
        orientations(Form(1.0, moments), geometry)


@pytest.mark.parametrize("c", [1.0, -1.0, 0.3])
@pytest.mark.parametrize("moments", [(0.1 + 0.2, 0.0, 0.3), (0.7, 1e-17, 0.7 / 3, 0.0, 0.7)])
def test_an_isotropic_form_is_degenerate_on_the_circle(c: float, moments: tuple[float, ...]):
    form = Form(c, moments)  # c m (w² + b²) and c m (w² + b²)², up to rounding
    with pytest.raises(DegenerateError, match="same in all directions"):
        orientations(form, Geometry.L2)
    corners = [pytest.approx(angle) for angle in (45, 135, 225, 315)]
    assert [o.angle_degrees for o in orientations(form, Geometry.LINF)] == corners


@pytest.mark.parametrize("p", [1, 2, 3, 4])
@pytest.mark.parametrize("c", [1.0, -1.0])
def test_a_flat_edge_is_degenerate_on_the_square(p: int, c: float):
    for moments in ((*[0.0] * p, 1.0), (1.0, *[0.0] * p), (1.0, *[1e-17] * p)):
        with pytest.raises(DegenerateError, match="edge"):
            orientations(Form(c, moments), Geometry.LINF)
