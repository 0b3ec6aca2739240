"""The loss of accuracy against numerical integrals over the two classes."""

import numpy as np
import pytest
from scipy import integrate, stats

from theory.precision.accuracy import (
    DISTANCE,
    EXPLAINED,
    NOISE,
    loss_of_noise,
    share_of_flips,
    slope,
)


@pytest.mark.parametrize("distance", [0.5, 1.0, 2.0, 3.0])
def test_loss_is_the_integral_for_small_noise(distance):
    *_, (_, formula) = loss_of_noise()
    s = 0.01 * distance

    def lost(f):
        sides = (stats.norm.pdf(f, y * distance**2 / 2, distance) for y in (-1, 1))
        return sum(sides) / 2 * np.tanh(abs(f) / 2) * stats.norm.sf(abs(f) / s)

    exact = 2 * integrate.quad(lost, 0, 10 * s, epsabs=1e-14)[0]
    law = float(formula.rhs.subs({DISTANCE: distance, NOISE: s**2}))  # type: ignore[union-attr]
    assert law == pytest.approx(exact, rel=2e-3)


def test_slopes_of_tasks_differ():
    easy, hard = float(slope(2.0)), float(slope(0.5))
    assert easy == pytest.approx(0.2876, abs=1e-4)
    assert easy / hard > 3


@pytest.mark.parametrize("correlation", [0.1, 0.9, 0.999])
def test_share_of_flips_is_that_of_two_quadrants(correlation):
    quadrant = stats.multivariate_normal(
        [0, 0],
        [[1.0, -correlation], [-correlation, 1.0]],  # type: ignore[arg-type]
    )
    both = quadrant.cdf([0, 0])
    law = float(share_of_flips().subs(EXPLAINED, correlation**2))
    assert law == pytest.approx(2 * both, abs=1e-7)
