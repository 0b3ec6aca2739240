"""Orientations of kinked activations against brute force: dense grids and the flow of neurons."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
import sympy

from tests.theory.condensation.orientations.grid import GRID, THETA, apart, brute_force, nearest
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.forms.sectors import SectorForm, form_for, sector_form
from theory.condensation.orientations.plane import (
    Orientation,
    basin,
    extrema,
    orientations,
    profile,
)
from theory.symbolic.activation import X, activation

BOTH = pytest.mark.parametrize("geometry", Geometry)
ACTIVATIONS = {
    "relu(x)": 1,
    "leaky_relu(x, 0.1)": 1,
    "abs(x)": 1,
    "Piecewise((x**2, x > 0), (x, True))": 1,
    "relu(x)**2": 2,
    "Piecewise((x**3, x > 0), (-2*abs(x)**3, True))": 3,
}
INPUTS = np.linspace(-1, 1.5, 60)


def form_of_text(text: str, x: np.ndarray, y: np.ndarray) -> SectorForm:
    form = form_for(activation(text), x[:, None], y)
    assert isinstance(form, SectorForm)
    return form


def drawn(rng: np.random.Generator, n: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Random labels on inputs that are not closer than the grid of angles can tell."""
    return rng.choice(INPUTS, n, replace=bool(rng.random() < 0.3)), rng.standard_normal(n)


def sides(text: str, p: int) -> tuple[float, float]:
    """c₊ and c₋ by the values of the activation close to 0."""
    sigma = sympy.lambdify(X, activation(text).expression, "math")
    z = 1e-9
    return tuple(round(float(sigma(one) / z**p), 6) for one in (z, -z))  # type: ignore[return-value]


def heights(text: str, p: int, x: np.ndarray, y: np.ndarray, points: np.ndarray) -> np.ndarray:
    """H at points (…, 2) by the sum over samples."""
    z = points @ np.stack([x, np.ones_like(x)])
    return np.mean(y * np.where(z > 0, *sides(text, p)) * np.abs(z) ** p, axis=-1)


@BOTH
@pytest.mark.parametrize(("text", "p"), ACTIVATIONS.items())
def test_orientations_are_the_local_maxima_of_a_dense_grid(text: str, p: int, geometry: Geometry):
    rng = np.random.default_rng(p)
    points = np.stack([np.cos(THETA), np.sin(THETA)], -1)
    if geometry is Geometry.LINF:
        points = points / np.abs(points).max(1, keepdims=True)
    for _ in range(15):
        x, y = drawn(rng)
        height = heights(text, p, x, y, points)
        height[np.abs(height) < 1e-14] = 0.0  # rounding in dead sectors of the sum
        found, expected = orientations(form_of_text(text, x, y), geometry), brute_force(height)
        assert len(found) == len(expected)
        for (angle, sign), (share, direct) in expected.items():
            at = nearest(found, angle, sign)
            assert apart(at.angle_degrees, angle) < 360 / GRID
            assert at.share == pytest.approx(share, abs=3 / GRID)
            assert at.direct_share == pytest.approx(direct, abs=at.share / 1000 + 3 / GRID)


@BOTH
@pytest.mark.parametrize("text", ["relu(x)", "abs(x)"])
def test_many_samples_are_no_obstacle(text: str, geometry: Geometry):
    # with 2000 samples most sectors are narrower than the grid: a coarse check of every maximum
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1, 1.5, 2000), rng.standard_normal(2000)
    form = form_of_text(text, x, y)
    found = orientations(form, geometry)
    theta = extrema(form, geometry)
    height = profile(form, geometry, theta)
    points = np.stack([np.cos(THETA), np.sin(THETA)], -1)[::10]
    if geometry is Geometry.LINF:
        points = points / np.abs(points).max(1, keepdims=True)
    on_grid = heights(text, 1, x, y, points)
    for i, (lower, upper) in enumerate(zip(theta, np.roll(theta, -1), strict=True)):
        between = np.mod(THETA[::10] - lower, 2 * np.pi) < np.mod(upper - lower, 2 * np.pi)
        low, high = sorted([height[i], height[(i + 1) % len(theta)]])
        assert (on_grid[between] >= low - 1e-12).all()
        assert (on_grid[between] <= high + 1e-12).all()
    assert len(found) > 10


@pytest.mark.parametrize("jitter", [0.0, 1e-15, 1e-12, 1e-9])
def test_nearly_repeated_inputs_change_nothing(jitter: float):
    rng = np.random.default_rng(4)
    x, y = np.repeat(rng.uniform(-1, 1.5, 12), 40), rng.standard_normal(480)
    shaken = x + jitter * rng.standard_normal(480)
    for geometry in Geometry:
        found, expected = (
            orientations(form_of_text("relu(x)", inputs, y), geometry) for inputs in (shaken, x)
        )
        assert len(found) == len(expected) > 2
        for one, other in zip(found, expected, strict=True):
            assert one.angle_degrees == pytest.approx(other.angle_degrees, abs=1e-4)
            assert one.height == pytest.approx(other.height, abs=1e-7)


# -- kinks ------------------------------------------------------------------------------------


def test_a_concave_kink_is_reached_at_finite_growth():
    # |x| on a sample with y < 0: H = −|w x + b| has its only maximum, 0, at the kink; a second
    # sample lifts it above 0
    x, y = np.array([0.5, -1.0]), np.array([-2.0, 1.0])
    form = sector_form(x[:, None], y, 1, 1.0, 1.0)
    kink = math.degrees(math.atan(-0.5))
    found = orientations(form, Geometry.L2)
    at = nearest(found, kink, 1)
    assert at.angle_degrees == pytest.approx(kink % 360, abs=1e-9)
    assert math.isinf(at.kappa)
    h, angle = 1e-6, math.radians(at.angle_degrees)
    beside = np.array([angle - h, angle, angle + h])
    by_sum = heights("abs(x)", 1, x, y, np.stack([np.cos(beside), np.sin(beside)], -1))
    assert at.height == pytest.approx(by_sum[1])
    falls = max(by_sum[1] - by_sum[0], by_sum[1] - by_sum[2]) / h
    assert form.steepness(angle) == pytest.approx(falls / at.height, rel=1e-5)


def test_other_orientations_have_an_exponent():
    x, y = np.array([-0.4, 0.3]), np.array([1.0, 0.8])
    form = sector_form(x[:, None], y, 1, 1.0, 0.0)
    (at,) = orientations(form, Geometry.L2)  # all active: the line of v
    assert at.angle_degrees == pytest.approx(math.degrees(math.atan2(y.sum(), x @ y)))
    assert at.kappa == pytest.approx(1.0)
    assert form.steepness(math.radians(at.angle_degrees)) == 0


# -- the flow of neurons ----------------------------------------------------------------------


@dataclass(frozen=True)
class Flow:
    """Neurons of several data sets, each set a row: sums over samples, nothing of the package."""

    x: np.ndarray  # sets, samples
    y: np.ndarray
    p: int
    sides: tuple[float, float]

    def height_and_slope(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        c, s = np.cos(theta)[..., None], np.sin(theta)[..., None]
        x, y = self.x[:, None, :], self.y[:, None, :]
        z = c * x + s
        weight = np.where(z > 0, *self.sides) * y
        lower = np.abs(z) ** (self.p - 1)
        height = np.mean(weight * lower * np.abs(z), axis=-1)
        return height, self.p * np.mean(weight * lower * np.sign(z) * (c - s * x), axis=-1)

    def run(self, theta: np.ndarray, s: np.ndarray, step: float, steps: int):
        """Euler on du/dτ = s P∇H, ds/dτ = H (1 − p s²), in steps of the fastest relative change.

        Returns:
            angle, s and the growth of ln |w|.
        """
        grown = np.zeros_like(theta)
        for _ in range(steps):
            height, slope = self.height_and_slope(theta)
            rate = np.hypot(s * slope, height * (1 + self.p * s * s) / np.maximum(1, np.abs(s)))
            time = step / np.maximum(rate, 1e-12)
            grown = grown + time * self.p * s * height
            theta = theta + time * s * slope
            s = s + time * height * (1 - self.p * s * s)
        return theta, s, grown


def starts(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Angle and a/|w| of neurons with normal weights."""
    w, b, a = rng.standard_normal((3, *shape))
    return np.arctan2(b, w), a / np.hypot(w, b)


def within(interval: tuple[float, float], theta: np.ndarray, margin: float) -> np.ndarray:
    width = interval[1] - interval[0] + 2 * margin
    return np.mod(theta - interval[0] + margin, 2 * np.pi) <= width


def at_orientation(at: Orientation, theta: np.ndarray, s: np.ndarray, margin: float) -> np.ndarray:
    turned = np.angle(np.exp(1j * (theta - math.radians(at.angle_degrees))))
    return (np.abs(turned) < margin) & (at.sign * s > 0)


def stuck(form: SectorForm, theta: np.ndarray, s: np.ndarray) -> np.ndarray:
    """At a maximum of sign(a)·H that is negative, and p a² > |w|²: |w| falls until it is 0."""
    shrinking = np.zeros(len(theta), dtype=bool)
    angles = extrema(form, Geometry.L2)
    for i, height in enumerate(form.value(angles)):
        sign = 1 if height > form.value(angles)[i - 1] else -1
        if sign * height < 0:
            turned = np.angle(np.exp(1j * (theta - angles[i])))
            shrinking |= (np.abs(turned) < MARGIN) & (sign * s > 1 / math.sqrt(form.p))
    return shrinking


SETS, NEURONS, MARGIN = 50, 30, math.radians(3.0)  # the steps chatter about kinks by up to 0.6°


@pytest.mark.parametrize(("text", "p"), ACTIVATIONS.items())
def test_all_neurons_end_at_a_predicted_orientation_or_die(text: str, p: int):
    rng = np.random.default_rng(7)
    data = [drawn(rng, 12) for _ in range(SETS)]
    flow = Flow(np.stack([x for x, _ in data]), np.stack([y for _, y in data]), p, sides(text, p))
    start = starts(rng, (SETS, NEURONS))
    theta, s, grown = flow.run(*start, step=0.01, steps=4000)
    condensed = 0
    for i, (x, y) in enumerate(data):
        form = form_of_text(text, x, y)
        found, dead = orientations(form, Geometry.L2), form.dead_sectors()
        ended = np.zeros(NEURONS, dtype=bool)
        for at in found:
            here = at_orientation(at, theta[i], s[i], MARGIN)
            condensed += int(here.sum())
            ended |= here
            # every start that grows at once in the basin ends here
            lower, upper = basin(form, extrema(form, Geometry.L2), math.radians(at.angle_degrees))
            height = flow.height_and_slope(start[0])[0][i]
            direct = within((lower, upper), start[0][i], 0.0) & (at.sign * height > 0)
            assert here[direct & (at.sign * start[1][i] > 0)].all()
        for sector in dead:
            ended |= within(sector, theta[i], MARGIN)
        ended |= (grown[i] < -5) | stuck(form, theta[i], s[i])
        assert ended.all(), (i, np.flatnonzero(~ended), found)
    assert condensed > SETS * NEURONS / 3
