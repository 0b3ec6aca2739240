"""Orientations in any dimension against exact angles, eigenvectors, enumeration and grids."""

import itertools
import math

import numpy as np
import pytest

from sim.condensation.targets import gaussian_coefficients, random_labels, xor_grid
from tests.theory.condensation.orientations.smooth import smooth
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Geometry, form_of
from theory.condensation.orientations import critical, cube
from theory.condensation.orientations.critical import complex_lines, critical_orientations, search
from theory.condensation.orientations.plane import (
    Orientation,
    orientations,
    xor_orientations,
)

BOTH = pytest.mark.parametrize("geometry", Geometry)
L2, LINF = Geometry.L2, Geometry.LINF
STARTS = 1000
# A share is half or a quarter of that of 1000 independent starts: standard deviation ≤ 0.008.
# Six of them are exceeded with chance 2e-9, in all ~500 comparisons here with less than 1e-6.
SHARE_ERROR = 6 * 0.5 * 0.5 / math.sqrt(STARTS)
VISIBLE = 0.01  # a share that 1000 starts all miss with chance (1 − 0.02)^1000 = 2e-9


def random_form(seed: int, dimension: int, p: int, samples: int = 60) -> HomogeneousForm:
    data = random_labels(np.random.default_rng(seed), samples, dimension - 1)
    return smooth(data.augmented, data.y, p)


# -- one input: exact -------------------------------------------------------------------------


def apart(first: Orientation, second: Orientation) -> float:
    """Degrees between two orientations of one sign; 360 if the signs differ."""
    turn = abs((first.angle_degrees - second.angle_degrees + 180) % 360 - 180)
    return turn if first.sign == second.sign else 360.0


@BOTH
@pytest.mark.parametrize("p", [1, 2, 3, 4, 5])
def test_one_input_agrees_with_the_exact_orientations(p: int, geometry: Geometry):
    rng = np.random.default_rng(p)
    for k in range(6):
        data = random_labels(rng, 30) if k % 2 else gaussian_coefficients(rng, p)
        c = float(rng.choice([1.0, -0.4]))
        exact = orientations(form_of(data.x, data.y, p, c), geometry)
        found = critical_orientations(smooth(data.augmented, data.y, p, c), geometry)
        for at in found:  # nothing spurious
            assert min(apart(at, other) for other in exact) < 1e-4
        for at in exact:
            if at.share < VISIBLE:
                continue
            other = min(found, key=lambda o: apart(at, o))
            assert apart(at, other) < 1e-4
            assert other.height == pytest.approx(at.height, rel=1e-6)
            assert other.kappa == pytest.approx(at.kappa, rel=1e-4)
            assert other.share == pytest.approx(at.share, abs=SHARE_ERROR)
            assert other.direct_share == pytest.approx(at.direct_share, abs=SHARE_ERROR)


# -- known sets -------------------------------------------------------------------------------


@BOTH
def test_xor_has_eight(geometry: Geometry):
    data = xor_grid()
    result = search(smooth(data.augmented, data.y, 3), geometry)
    expected = {(o.sign, *np.round(o.direction, 9)) for o in xor_orientations()}
    assert {(o.sign, *np.round(o.direction, 9)) for o in result.orientations} == expected
    assert len(result.orientations) == 8
    assert result.missed == result.unverified == result.fading == result.dead == 0


@pytest.mark.parametrize("dimension", [3, 4, 6])
def test_p_2_has_the_extreme_eigenvectors(dimension: int):
    f = random_form(dimension, dimension, 2)
    found = critical_orientations(f, L2)
    values, vectors = np.linalg.eigh(f.x.T @ (f.y[:, None] * f.x) / len(f.y))
    assert values[0] < 0 < values[-1]
    assert len(found) == 4
    for at in found:
        column = vectors[:, -1] if at.sign > 0 else vectors[:, 0]
        assert abs(np.dot(at.direction, column)) == pytest.approx(1)
    # the general search must find the same
    ascended = critical._searched(f, L2, np.random.default_rng(0).standard_normal((200, dimension)))
    for one, other in zip(found, ascended.orientations, strict=True):
        assert one.sign == other.sign
        assert (one.height, one.kappa) == pytest.approx((other.height, other.kappa))


def test_a_definite_p_2_form_has_one_line():
    f = random_form(0, 3, 2)
    positive = smooth(f.x, np.abs(f.y), 2)
    found = critical_orientations(positive, L2)
    assert [o.sign for o in found] == [1, 1]
    assert [o.share for o in found] == [0.25, 0.25]
    negative = smooth(f.x, -np.abs(f.y), 2)
    assert [o.sign for o in critical_orientations(negative, L2)] == [-1, -1]


def test_number_of_complex_critical_lines():
    assert [complex_lines(2, d) for d in (1, 2, 5)] == [1, 2, 5]
    assert [complex_lines(p, 2) for p in (3, 4, 7)] == [3, 4, 7]  # the bound for one input
    assert [complex_lines(3, d) for d in (3, 4, 8)] == [7, 15, 255]
    assert complex_lines(4, 3) == 13


def test_more_lines_than_possible_are_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(critical, "complex_lines", lambda *_: 1)
    with pytest.raises(ArithmeticError, match="at most 1"):
        critical_orientations(smooth(xor_grid().augmented, xor_grid().y, 3), L2)


# -- every one is a maximum -------------------------------------------------------------------


def beaten(f: HomogeneousForm, at: Orientation, geometry: Geometry) -> bool:
    """Whether a point close to an orientation on the unit ball's boundary is higher."""
    order = 2 if geometry is L2 else np.inf
    u = np.array(at.direction)
    u = u / np.linalg.norm(u, ord=order)
    rng = np.random.default_rng(0)
    for size in (1e-3, 1e-5):
        near = u + size * rng.standard_normal((3000, len(u)))
        near /= np.linalg.norm(near, ord=order, axis=1, keepdims=True)
        if np.any(at.sign * f.value(near) > at.sign * f.value(u)):
            return True
    return False


@BOTH
@pytest.mark.parametrize("left", ["smooth", 0.0, -0.2, 1.0])
@pytest.mark.parametrize(("p", "dimension"), [(1, 4), (2, 5), (3, 5), (4, 3)])
def test_no_point_nearby_is_higher(p: int, dimension: int, left: float | str, geometry: Geometry):
    f = random_form(p, dimension, p)
    if not isinstance(left, str):
        f = HomogeneousForm(f.x, f.y, p, 1.0, left)
    result = search(f, geometry, starts=300)
    assert result.orientations
    assert result.unverified < 0.1
    for at in result.orientations:
        assert np.linalg.norm(at.direction) == pytest.approx(1)
        assert at.height == pytest.approx(at.sign * float(f.value(np.array(at.direction))))
        assert at.height > 0
        assert not beaten(f, at, geometry)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("p", [2, 3])
def test_where_no_neuron_is_active_there_is_no_maximum(p: int, flat: bool):
    """Newton's method may leave the active region; what it reaches there is no maximum."""
    x = np.array([[1.0, 0.5, 1.0], [0.25, 1.0, 1.0], [0.5, 0.75, 1.0]])
    dead_side = HomogeneousForm(x, np.array([1.0, -2.0, 0.5]), p, 1.0, 0.0)
    assert not cube._is_maximum(dead_side, np.array([-0.5, -1.0, -0.25]), 1, flat)


# -- all of them: brute force in three dimensions ---------------------------------------------


def grid(geometry: Geometry) -> np.ndarray:
    """40,000 even points on the sphere, pushed out to the cube for ℓ∞."""
    i = np.arange(40_000) + 0.5
    z, turn = 1 - 2 * i / len(i), np.pi * (1 + math.sqrt(5)) * i
    ring = np.sqrt(1 - z * z)
    u = np.stack([ring * np.cos(turn), ring * np.sin(turn), z], -1)
    return u if geometry is L2 else u / np.abs(u).max(1, keepdims=True)


def unit(u: np.ndarray) -> np.ndarray:
    return u / np.linalg.norm(u, axis=1, keepdims=True)


def climbed(f: HomogeneousForm, u: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Random steps that are kept where H rises; peaks of a grid along an edge are none."""
    rng = np.random.default_rng(0)
    for size in np.geomspace(0.3, 1e-4, 1000):
        near = u[:, None] + size * rng.standard_normal((len(u), 40, 3))
        near /= np.linalg.norm(near, ord=2 if geometry is L2 else np.inf, axis=-1, keepdims=True)
        near = np.concatenate([u[:, None], near], axis=1)
        best = f.value(near).argmax(axis=1)
        u = near[np.arange(len(u)), best]
    return u


@BOTH
@pytest.mark.parametrize("seed", range(6))
def test_smooth_maxima_are_those_of_a_grid(seed: int, geometry: Geometry):
    from scipy.spatial import KDTree

    f, points = random_form(seed, 3, 3), grid(geometry)
    sphere = points / np.linalg.norm(points, axis=1, keepdims=True)
    height = f.value(points)
    neighbors = np.asarray(KDTree(sphere).query(sphere, k=13)[1])[:, 1:]
    peaks = points[(height > height[neighbors].max(1)) & (height > 0)]
    found = [o for o in critical_orientations(f, geometry) if o.sign > 0]
    directions = np.array([o.direction for o in found])
    close = unit(peaks) @ directions.T > math.cos(math.radians(4))
    assert close.any(0).all()  # each orientation is a peak of the grid
    close = unit(climbed(f, peaks, geometry)) @ directions.T > math.cos(math.radians(0.5))
    assert close.any(1).all()  # each peak leads to an orientation


def kinked(seed: int, left: float, samples: int = 7) -> HomogeneousForm:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.standard_normal((samples, 2)), np.ones(samples)])
    return HomogeneousForm(x, rng.standard_normal(samples), 1, 1.0, left)


def candidates_on_sphere(f: HomogeneousForm) -> np.ndarray:
    """All points that can be maxima of a form linear in sectors: P_K v for every sector and K."""
    rng = np.random.default_rng(0)
    found = []
    for count in range(3):
        for active in itertools.combinations(range(len(f.y)), count):
            kinks = f.x[list(active)]
            null = np.linalg.svd(kinks)[2][count:] if count else np.eye(3)
            inside = rng.standard_normal((4000, len(null))) @ null
            signs = np.sign(np.round(inside @ f.x.T, 9))
            for pattern in np.unique(signs, axis=0):
                slope = np.where(pattern > 0, f.right, np.where(pattern < 0, -f.left, 0.0))
                v = (slope * f.y) @ f.x @ null.T @ null
                if np.linalg.norm(v) > 1e-9:
                    found += [v / np.linalg.norm(v), -v / np.linalg.norm(v)]
    return np.array(found)


def candidates_on_cube(f: HomogeneousForm) -> np.ndarray:
    """Corners, kinks on edges, crossings of two kinks on faces."""
    found = []
    for pinned in range(1, 4):
        for axes in itertools.combinations(range(3), pinned):
            free = [k for k in range(3) if k not in axes]
            for sides in itertools.product((1.0, -1.0), repeat=pinned):
                for active in itertools.combinations(range(len(f.y)), len(free)):
                    u = np.zeros(3)
                    u[list(axes)] = sides
                    kinks = f.x[list(active)]
                    if free:
                        u[free] = np.linalg.solve(kinks[:, free], -kinks @ u)
                    if np.abs(u[free]).max(initial=0.0) < 1:
                        found.append(u)
    return np.array(found)


@BOTH
@pytest.mark.parametrize("left", [0.0, -0.3, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_kinked_maxima_are_those_of_all_candidates(seed: int, left: float, geometry: Geometry):
    f = kinked(seed, left)
    points = candidates_on_sphere(f) if geometry is L2 else candidates_on_cube(f)
    expected = []
    for u in points:
        for sign in (1, -1):
            height = sign * float(f.value(u))
            at = Orientation(
                tuple(u / np.linalg.norm(u)),
                sign,
                height=height,
                kappa=1.0,
                share=0.0,
                direct_share=0.0,
            )
            known = any(
                o.sign == sign and np.allclose(o.direction, at.direction, atol=1e-6)
                for o in expected
            )
            if height > 1e-9 * f.scale and not known and not beaten(f, at, geometry):
                expected.append(at)
    result = search(f, geometry, starts=3000)
    for at in result.orientations:
        assert any(
            o.sign == at.sign and np.allclose(o.direction, at.direction, atol=1e-6)
            for o in expected
        )
    # whatever is not found has next to no basin: all starts are accounted for
    found = sum(o.share for o in result.orientations)
    assert found + result.dead + result.fading + result.unverified == pytest.approx(1)
    assert result.unverified < 0.05
    assert len(result.orientations) >= 0.6 * len(expected)


def test_a_dead_cone_has_the_share_of_its_solid_angle():
    # ReLU with two samples and positive labels: with a > 0 nothing moves where both
    # pre-activations are negative, a quarter of the circle, and with a < 0 all end there.
    # 1000 starts a sign: six standard deviations of a share of 1/4 are 0.082, chance 2e-9
    f = HomogeneousForm(np.eye(2), np.array([1.0, 2.0]), 1, 1.0, 0.0)
    assert search(f, L2).dead == pytest.approx((0.25 + 1) / 2, abs=0.082 / 2)


def test_the_search_says_what_it_may_have_missed():
    f = kinked(1, 0.0, samples=60)
    few, many = search(f, L2, starts=20), search(f, L2, starts=1000)
    # Good–Turing: expected share of what was not found, to within ±4/√n (more than six of its
    # standard deviations, which are below 0.6/√n)
    unseen = sum(
        o.share
        for o in many.orientations
        if not any(
            o.sign == q.sign and np.allclose(o.direction, q.direction) for q in few.orientations
        )
    )
    assert few.missed == pytest.approx(unseen, abs=4 / math.sqrt(40))
    assert many.missed < few.missed
    exact = search(random_form(0, 3, 2), L2)
    assert (exact.starts, exact.missed) == (0, 0.0)
