"""Escape times: the laws by sympy, and the fastest direction against a fine search."""

import math

import numpy as np
import pytest
import sympy
from scipy import integrate

from theory.condensation.escape import (
    AMPLITUDE,
    EPSILON,
    HEIGHT,
    RADIUS,
    escape_exponent,
    escape_steps,
    fastest,
    kinked_form,
    log_prediction,
    log_slope,
    power_prediction,
    ray_time,
    time_per_log,
    typical_height,
)

ORDERS = [1, 2, 3, 4]


@pytest.mark.parametrize("p", ORDERS)
def test_time_on_the_ray_solves_the_two_weight_flow(p: int):
    """Against the flow itself, w' = a ∇H, a' = H along a maximum, integrated numerically."""
    height, start, end = 0.7, 0.02, 0.3

    def flow(_: float, state: np.ndarray) -> list[float]:
        r, a = state
        return [a * p * height * r ** (p - 1), height * r**p]

    def escaped(_: float, state: np.ndarray) -> float:
        return float(state[0]) - end

    escaped.terminal = True
    values = {HEIGHT: height, EPSILON: start, AMPLITUDE: end}
    expected = float(ray_time(p).subs(values))
    initial = [start, start / math.sqrt(p)]
    solution = integrate.solve_ivp(
        flow, (0, 2 * expected), initial, events=escaped, rtol=1e-10, atol=1e-14
    )
    assert solution.t_events[0][0] == pytest.approx(expected, rel=1e-6)


def test_exponents():
    assert [escape_exponent(p) for p in range(1, 6)] == [0, -1, -2, -3, -4]


def test_rate_of_the_logarithm():
    assert sympy.simplify(log_slope() * HEIGHT) == 1
    assert time_per_log(0.25) == 4.0


@pytest.mark.parametrize("p", ORDERS)
def test_separation_is_an_antiderivative(p: int):
    speed = sympy.sqrt(p) * HEIGHT * RADIUS**p
    by_end = sympy.diff(ray_time(p), AMPLITUDE).subs(AMPLITUDE, RADIUS)
    assert sympy.simplify(by_end * speed) == 1


def test_steps_end_with_the_power_law():
    steps = escape_steps()
    p, formula = sympy.Symbol("p", positive=True), steps[-1].formula
    assert formula is not None
    assert formula.has(EPSILON ** (1 - p))


def test_predictions():
    window = (1e-6, 1e-4)
    prediction = power_prediction(3, window)
    assert (prediction.expected, prediction.window) == (-2.0, window)
    assert log_prediction().expected == 1.0
    with pytest.raises(ValueError, match="logarithm"):
        power_prediction(1, window)


# -- the fastest direction ----------------------------------------------------------------------


def drawn(seed: int, samples: int = 15) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1.5, samples), rng.standard_normal(samples)


def test_smooth_activations_grow_along_v():
    for seed in range(10):
        x, y = drawn(seed)
        v = 0.7 * np.array([np.mean(y * x), np.mean(y)])
        found = fastest(x, y, 0.7, -0.7)
        assert found.height == pytest.approx(float(np.linalg.norm(v)), rel=1e-12)
        assert abs(math.cos(found.angle - math.atan2(v[1], v[0]))) == pytest.approx(1)
        assert not found.at_kink
        assert found.share == pytest.approx(0.25, abs=2e-3)  # a quarter turn to either side
        assert typical_height(x, y, 0.7, -0.7) == pytest.approx(found.height / math.sqrt(2))


@pytest.mark.parametrize(("right", "left"), [(1.0, 0.0), (1.0, -0.2), (0.5, 1.0)])
def test_fastest_direction_against_a_fine_grid(right: float, left: float):
    theta = np.linspace(0, 2 * np.pi, 40_001)
    kinks = 0
    for seed in range(20):
        x, y = drawn(seed)
        heights = np.abs(kinked_form(theta, x, y, right, left))
        found = fastest(x, y, right, left)
        # |H| changes by less than |∇H| ≤ max(1, …) mean|y||x̃| per radian
        slack = 2e-4 * float(np.mean(np.abs(y) * np.hypot(x, 1.0)))
        assert heights.max() <= found.height * (1 + 1e-12)
        assert found.height <= heights.max() + slack
        at = kinked_form(np.array([found.angle]), x, y, right, left)[0]
        assert found.sign * at == pytest.approx(found.height)
        nearest = np.abs(np.cos(found.angle) * x + np.sin(found.angle)).min()
        assert found.at_kink == (nearest < 1e-12)
        kinks += found.at_kink
    assert 0 < kinks < 20  # both cases were there


def test_share_counts_starts_that_climb_to_it():
    """By walking from the highest of a grid of directions, for ReLU."""
    theta = (np.arange(2000) + 0.5) * np.pi / 1000

    def walked(height: np.ndarray) -> int:
        return int(np.argmax((np.diff(height) > 0) | (height[1:] <= 0)))

    for seed in range(5):
        x, y = drawn(seed)
        found = fastest(x, y, 1.0, 0.0)
        height = found.sign * kinked_form(theta, x, y, 1.0, 0.0)
        upward = np.roll(height, -int(np.argmax(height)))
        downward = np.roll(upward[::-1], 1)
        steps = walked(upward) + walked(downward)
        assert found.share == pytest.approx(steps / 4000, abs=3e-3)


def test_data_without_a_direction_are_refused():
    x, y = np.array([-1.0, 0.0, 1.0]), np.array([1.0, -2.0, 1.0])
    with pytest.raises(ValueError, match="vanishes"):
        fastest(x, y, 1.0, -1.0)
