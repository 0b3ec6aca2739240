"""Exact fates of neurons for one input: closed forms, an independent integrator, random starts."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from sim.condensation.targets import gaussian_coefficients, random_labels
from theory.condensation.fates.flow import gaussian_starts
from theory.condensation.fates.plane import Fates, fates
from theory.condensation.fates.shares import shares
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Form, Geometry, form_of
from theory.condensation.forms.sectors import SectorForm, sector_form
from theory.condensation.orientations.plane import Orientation, orientations

DEFINITE_DEAD = (1 - 1 / math.sqrt(3)) / 2
CASES = [(1, -1.0), (2, 1.0), (3, -1.0), (4, 1.0), (1, 0.0), (1, 1.0), (1, -0.1), (2, 0.3)]


def made(form: Form | SectorForm) -> tuple[Fates, tuple[Orientation, ...]]:
    found = orientations(form, Geometry.L2)
    return fates(form, found), found


def drawn(
    seed: int, p: int, left: float
) -> tuple[Form | SectorForm, HomogeneousForm, tuple[np.ndarray, np.ndarray]]:
    data = gaussian_coefficients(np.random.default_rng(seed), p, 40)
    smooth = left == (-1) ** p
    form = form_of(data.x, data.y, p, 1.0) if smooth else sector_form(data.x, data.y, p, 1.0, left)
    return form, HomogeneousForm(data.augmented, data.y, p, 1.0, left), (data.x, data.y)


def six_deviations(share: float, n: int) -> float:
    """What a binomial share exceeds with chance 2e-9, or of rare events below 1e-7."""
    return 6 * math.sqrt(share * (1 - share) / n) + 20 / n


# -- closed forms -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_p_1_goes_half_and_half(seed: int):
    data = random_labels(np.random.default_rng(seed), 40)
    ways, _ = made(form_of(data.x, data.y, 1, 1.0))
    at, dead = ways.shares(0.0)
    assert at == pytest.approx((0.5, 0.5), abs=1e-12)
    assert dead == 0


def test_p_1_depth_is_that_of_the_sine():
    ways, _ = made(form_of(np.array([[1.0], [-1.0]]), np.array([1.0, 1.0]), 1, 1.0))
    cells = ways.depth.shape[1]
    edges = (1 - np.cos(np.pi * np.arange(cells + 1) / cells)) / 2
    angle = np.pi * (edges[1:] + edges[:-1]) / 2  # from the minimum, on arcs of length π
    exact = -np.log(np.sin(np.minimum(angle, np.pi / 2)))
    inner = slice(cells // 20, None)
    for depth in ways.depth:
        np.testing.assert_allclose(depth[inner], exact[inner], atol=5e-3)


@pytest.mark.parametrize("seed", range(3))
def test_a_definite_form_of_order_2(seed: int):
    x = np.random.default_rng(seed).uniform(-1, 1.5, (40, 1))
    ways, found = made(form_of(x, np.ones(40), 2, 1.0))
    at, dead = ways.shares()
    assert dead == pytest.approx(DEFINITE_DEAD, abs=1e-12)
    assert at == pytest.approx(((1 - DEFINITE_DEAD) / 2,) * 2, abs=1e-12)
    assert {one.sign for one in found} == {1}


@pytest.mark.parametrize("seed", range(3))
def test_relu_neurons_without_active_samples_never_move(seed: int):
    data = random_labels(np.random.default_rng(seed), 40)
    form = sector_form(data.x, data.y, 1, 1.0, 0.0)
    ways, _ = made(form)
    ((start, end),) = form.dead_sectors()
    at, dead = ways.shares()
    assert ways.dead_share == pytest.approx((end - start) / (2 * math.pi))
    assert dead > ways.dead_share
    middle = np.full(7, (start + end) / 2)
    assert ways.of_starts(middle, np.linspace(-3, 3, 7))[1] == 1.0
    assert sum(at) + dead == pytest.approx(1)


def test_relu_with_one_sign_of_y():
    # H ≥ 0: a neuron with a > 0 grows, one with a < 0 slides to the dead sector unless a flips.
    # With a single sample H = |x̃| cos θ on a half circle: D = −ln sin at the angle from the edge
    form = sector_form(np.array([[0.0]]), np.array([1.0]), 1, 1.0, 0.0)
    ways, found = made(form)
    at, dead = ways.shares(0.0)
    # r² − a² < r² sin²φ … flips where s² < cos²(angle to the top): chance √(k/(1 + k))
    angle = (np.arange(100_000) + 0.5) / 100_000 * math.pi / 2
    k = np.cos(angle) ** 2
    flips = np.mean(np.sqrt(k / (1 + k)))
    assert len(found) == 1
    assert dead == pytest.approx(0.5 + 0.25 * (1 - flips), abs=1e-4)
    assert at[0] == pytest.approx(0.25 + 0.25 * flips, abs=1e-4)


# -- other ways to the same numbers -----------------------------------------------------------


@pytest.mark.parametrize(("p", "left"), CASES)
@pytest.mark.parametrize("seed", range(3))
def test_every_neuron_has_one_fate(seed: int, p: int, left: float):
    form, _, _ = drawn(seed, p, left)
    ways, found = made(form)
    at, dead = ways.shares()
    assert sum(at) + dead == pytest.approx(1, abs=1e-12)
    assert min(at) > 0
    # an orientation is the end of the arcs on both of its sides
    assert sorted(ways.end[ways.end >= 0].tolist()) == sorted([*range(len(found))] * 2)


@pytest.mark.parametrize(("p", "left"), CASES)
def test_the_law_is_the_mean_over_gaussian_starts(p: int, left: float):
    form, _, _ = drawn(5, p, left)
    ways, _ = made(form)
    n = 40_000
    begin = gaussian_starts(np.random.default_rng(0), n, 2)
    theta = np.arctan2(begin.w[:, 1], begin.w[:, 0])
    given, lost = ways.of_starts(theta, begin.a / np.linalg.norm(begin.w, axis=1))
    at, dead = ways.shares()
    for law, mean in zip((*at, dead), (*given, lost), strict=True):
        assert mean == pytest.approx(law, abs=six_deviations(law, n))


@pytest.mark.parametrize(("p", "left"), [(2, 1.0), (3, -1.0), (4, 1.0), (1, 0.0), (2, 0.3)])
def test_the_flow_in_any_dimension_gives_the_same(p: int, left: float):
    form, general, _ = drawn(7, p, left)
    ways, found = made(form)
    at, dead = ways.shares()
    flowed = shares(general, found, np.random.default_rng(0), 1500)
    assert flowed.elsewhere < 0.01
    for law, other in zip((*at, dead), (*flowed.at, flowed.dead), strict=True):
        assert other == pytest.approx(law, abs=six_deviations(law, 1500) + flowed.elsewhere)


@pytest.mark.parametrize(("p", "left"), [(2, 1.0), (3, -1.0), (4, 1.0), (2, 0.3)])
def test_single_neurons_end_where_an_integrator_takes_them(p: int, left: float):
    form, general, _ = drawn(11, p, left)
    ways, found = made(form)
    begin = gaussian_starts(np.random.default_rng(1), 10, 2)
    for w, a in zip(begin.w, begin.a, strict=True):
        theta, ratio = np.array([math.atan2(w[1], w[0])]), np.array([a / np.linalg.norm(w)])
        at, dead = ways.of_starts(theta, ratio)
        assert sorted((*at, dead))[-1] == 1.0
        assert integrated(general, w, float(a), found) == (-1 if dead else int(np.argmax(at)))


def integrated(
    form: HomogeneousForm, w: np.ndarray, a: float, found: tuple[Orientation, ...]
) -> int:
    """The orientation where (w, a) is after growing by 300; −1 if it shrinks to a thousandth."""

    def velocity(_: float, x: np.ndarray) -> np.ndarray:
        gradient = form.gradient(x[None, :2])[0]
        moved = np.append(x[2] * gradient, gradient @ x[:2] / form.order)
        # a clock on which nothing blows up and nothing that shrinks takes for ever
        by_w = np.linalg.norm(moved[:2]) / np.linalg.norm(x[:2])
        return moved / max(float(by_w), abs(float(moved[2])) / float(np.linalg.norm(x)))

    def grown(_: float, x: np.ndarray) -> float:
        return math.log(np.linalg.norm(x[:2]) / np.linalg.norm(w)) - math.log(300)

    def shrunk(_: float, x: np.ndarray) -> float:
        return math.log(np.linalg.norm(x[:2]) / np.linalg.norm(w)) + math.log(1000)

    grown.terminal = shrunk.terminal = True  # type: ignore[attr-defined]
    end = solve_ivp(velocity, (0, 60), np.append(w, a), events=(grown, shrunk), rtol=1e-7)
    if end.t_events[1].size:
        return -1
    assert end.t_events[0].size
    x = end.y[:, -1]
    u = x[:2] / np.linalg.norm(x[:2])
    cosines = [u @ np.array(o.direction) if o.sign * x[2] > 0 else -1.0 for o in found]
    return int(np.argmax(cosines))
