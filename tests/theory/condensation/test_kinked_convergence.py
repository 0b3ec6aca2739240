"""What a run can tell for kinked activations, against direct integration of the flow."""

import math

import numpy as np
import pytest

from theory.condensation import convergence
from theory.condensation.convergence import RESIDUAL, arrived_share, growth, unresolved
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.forms.sectors import SectorForm, sector_form
from theory.condensation.orientations.plane import Orientation, basin, extrema, orientations
from theory.condensation.protocol import Protocol

STARTS = 500
SIDES = {"relu": (1.0, 0.0), "leaky": (1.0, -0.1), "abs": (1.0, 1.0)}


def data(seed: int, n: int = 10) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1.5, (n, 1)), rng.standard_normal(n)


def protocol(geometry: Geometry = Geometry.L2, **changes) -> Protocol:
    settings = {"epsilon": 1e-6, "neurons": 2000, "moment_ratio": 0.02, "amplitude": 0.2}
    return Protocol(**{"geometry": geometry, "coupled": False, **settings, **changes})


def growth_on_arrival(
    x: np.ndarray, y: np.ndarray, sides: tuple[float, float], p: int, at: Orientation, bounds
) -> np.ndarray:
    """ln |w|/|w₀| when starts, even over a basin, come within RESIDUAL; those that grow at once.

    Euler on dθ/ds = ±H', d ln r/ds = ±pH by sums over the samples: dθ/d ln r = H'/(pH).
    """
    theta = bounds[0] + (bounds[1] - bounds[0]) * (np.arange(STARTS) + 0.5) / STARTS
    target, near = math.radians(at.angle_degrees), math.radians(RESIDUAL)

    def height_and_slope(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        z = np.outer(np.cos(theta), x) + np.sin(theta)[:, None]
        turned = np.cos(theta)[:, None] - np.outer(np.sin(theta), x)
        weight = y * np.where(z > 0, *sides) * np.abs(z) ** (p - 1)
        height = np.mean(weight * np.abs(z), axis=1)
        return height, p * np.mean(weight * np.sign(z) * turned, axis=1)

    theta = theta[at.sign * height_and_slope(theta)[0] > 0]
    grown, needed = np.zeros_like(theta), np.full_like(theta, np.inf)
    needed[np.abs(theta - target) <= near] = 0.0
    for _ in range(40_000):
        open_ = np.isinf(needed) & (grown < math.log(20))
        if not open_.any():
            break
        height, slope = height_and_slope(theta[open_])
        step = 1e-3 / np.hypot(slope, p * height)
        grown[open_] += step * p * at.sign * height
        theta[open_] += step * at.sign * slope
        arrived = open_ & (np.abs(theta - target) <= near)
        needed[arrived] = grown[arrived]
    return needed


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("name", SIDES)
def test_arrived_share_agrees_with_the_integrated_flow(
    name: str, p: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(convergence, "_ARC", 4000)
    kinks = 0
    for seed in range(3):
        x, y = data(seed, 8)
        form = sector_form(x, y, p, *SIDES[name])
        theta = extrema(form, Geometry.L2)
        for at in orientations(form, Geometry.L2):
            bounds = basin(form, theta, math.radians(at.angle_degrees))
            if bounds[1] - bounds[0] < 4 * math.radians(RESIDUAL):
                continue
            kinks += math.isinf(at.kappa)
            needed = growth_on_arrival(x[:, 0], y, SIDES[name], p, at, bounds)
            for g in (1.5, 4.0, 15.0):
                expected = np.mean(needed <= math.log(g))
                # two starts in the wrong bin on both sides; steps of 1e-3 and kinks a little more
                assert arrived_share(form, at, bounds, g) == pytest.approx(expected, abs=0.015)
    assert kinks > 0 or p > 1


@pytest.mark.parametrize("geometry", Geometry)
@pytest.mark.parametrize("coupled", [True, False])
def test_growth_ends_where_the_stop_rule_says(coupled: bool, geometry: Geometry):
    x, y = data(1)
    form = sector_form(x, y, 1, *SIDES["leaky"])
    for amplitude in (0.2, 1e3):
        setup = protocol(geometry, coupled=coupled, amplitude=amplitude, neurons=200)
        for at in orientations(form, geometry):
            radius = growth(form, x, at, setup) * setup.epsilon * math.sqrt(2)
            w, b = radius * np.array(at.direction)
            a = radius if geometry is Geometry.L2 else max(abs(w), abs(b))
            z = w * x[:, 0] + b
            f = (100 if coupled else 0.5) * a * np.where(z > 0, z, 0.1 * z)
            features = np.stack([x[:, 0], np.ones(len(x))])
            moments = np.linalg.norm(features @ f) / np.linalg.norm(features @ y)
            assert max(moments / 0.02, np.abs(z).max() / amplitude) == pytest.approx(1, rel=1e-9)


def test_slower_orientations_of_a_shared_output_have_grown_less():
    x, y = data(0)
    form = sector_form(x, y, 1, *SIDES["abs"])
    found = sorted(orientations(form, Geometry.L2), key=lambda o: o.height)
    slow, fast = found[0], found[-1]
    assert slow.height < 0.8 * fast.height
    setup = protocol(coupled=True)
    both = growth(form, x, fast, setup, fast)
    assert both == growth(form, x, fast, setup)
    # |w| ∝ exp(height · time), and both have had the same time
    expected = math.log(both) * slow.height / fast.height
    assert math.log(growth(form, x, slow, setup, fast)) == pytest.approx(expected)
    for other in (protocol(), protocol(Geometry.LINF, coupled=True)):
        assert growth(form, x, slow, other, fast) == growth(form, x, slow, other)


HILL = (np.array([[-0.4], [0.1], [0.3]]), np.array([1.0, 0.5, 0.8]))  # one maximum, all active


def test_one_wide_hill_is_judged():
    assert unresolved(sector_form(*HILL, 1, 1.0, 0.0), HILL[0], protocol()) is None


def ridge(height: float) -> tuple[np.ndarray, np.ndarray, SectorForm]:
    """|x| on a sample with y < 0 that makes a kink, the others lift it to about ``height``."""
    x, y = np.array([[0.5], [-1.0], [1.4]]), np.array([-3.0, 3 * height, 3 * height])
    return x, y, sector_form(x, y, 1, 1.0, 1.0)


def test_steep_kinks_are_not_judged(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(convergence, "SMALLEST_SHARE", 0.0)
    reasons = []
    for height in (1.0, 0.02):
        x, _, form = ridge(height)
        kink = min(
            orientations(form, Geometry.L2), key=lambda o: abs(o.angle_degrees + 26.57 - 360)
        )
        assert math.isinf(kink.kappa)
        reasons.append(unresolved(form, x, protocol(neurons=10**6)) or "")
    assert "times faster than it grows" not in reasons[0]
    assert "times faster than it grows" in reasons[1]


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (sector_form(HILL[0], 0 * HILL[1], 1, 1.0, 0.0), "vanishes"),
        (sector_form(HILL[0], -HILL[1], 1, 1.0, 1.0), "fewer than 10 neurons"),
    ],
)
def test_hard_units_are_not_judged(form: SectorForm, reason: str):
    assert reason in (unresolved(form, HILL[0], protocol(neurons=20)) or "")


@pytest.mark.parametrize(("rise", "judged"), [(0.03, False), (0.3, True)])
def test_an_edge_that_is_nearly_flat_between_kinks_is_not_judged(rise: float, judged: bool):
    # leaky sides: along the edge w = 1 the slope of H in b is 1, then ``rise``, then 1 again
    drop = (1 - rise) / 0.9
    x, y = np.array([[2.0], [0.5], [-0.5]]), 3 * np.array([1.0, -drop, drop])
    form = sector_form(x, y, 1, *SIDES["leaky"])
    slopes = form.gradient(np.ones(3), np.array([-0.75, 0.0, 0.75]))[1]
    np.testing.assert_allclose(slopes, [1, rise, 1])
    reason = unresolved(form, x, protocol(Geometry.LINF, epsilon=1e-5))
    assert (reason is None) == judged
    assert judged or "nearly flat somewhere" in str(reason)
