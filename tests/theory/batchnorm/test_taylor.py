"""One-step laws: against exact expectations over the noise, and the expansions' own identities."""

import math

import numpy as np
import pytest
import sympy
from numpy.polynomial.hermite_e import hermegauss
from scipy import special

from theory.batchnorm.moments import Moments, drift, gaussian_moments
from theory.batchnorm.taylor import ANGLE, COORDINATES, RATIO, M, R

GENERAL = Moments(np.array([0.7]), np.array([0.3]), np.array([0.5]))  # of no particular gate
STARTS = pytest.mark.parametrize("r", [-1.3, 0.0, 0.6, 2.0])


def expectation(function, r: float, moments: Moments, noise: float) -> float:
    """E of a function of (γ, β) after one Gaussian step from (1, r), by Gauss and Hermite."""
    node, weight = hermegauss(60)
    weight = weight / weight.sum()
    covariance = noise * np.array([[moments.m2[0], moments.m1[0]], [moments.m1[0], moments.m0[0]]])
    factor = np.linalg.cholesky(covariance)
    first, second = np.meshgrid(node, node, indexing="ij")
    gamma = 1 + factor[0, 0] * first
    beta = r + factor[1, 0] * first + factor[1, 1] * second
    return float(np.sum(np.outer(weight, weight) * function(gamma, beta)))


CHANGES = {
    "r": lambda gamma, beta: beta / gamma,
    "P": lambda gamma, beta: special.ndtr(beta / gamma),
    "θ": np.arctan2,
}


def change(name: str, r: float, moments: Moments, noise: float) -> float:
    after = CHANGES[name] if name != "θ" else lambda gamma, beta: np.arctan2(beta, gamma)
    return expectation(
        lambda g, b: after(g, b) - after(np.ones(()), np.array(r)), r, moments, noise
    )


@STARTS
@pytest.mark.parametrize("coordinate", COORDINATES, ids=lambda one: one.name)
def test_first_and_next_order(coordinate, r: float):
    """What is left after two orders falls like A³: by 8 when A is halved."""
    values = {R: r, M[0]: 0.7, M[1]: 0.3, M[2]: 0.5}
    first, following = (float(one.subs(values)) for one in (coordinate.mean, coordinate.next_mean))
    left = [
        change(coordinate.name, r, GENERAL, noise) - noise * first - noise**2 * following
        for noise in (8e-3, 4e-3)
    ]
    assert abs(left[0]) < 200 * 8e-3**3
    assert abs(left[1]) < abs(left[0]) / 6 + 1e-12


@STARTS
def test_the_numeric_drift_is_that_of_the_formulas(r: float):
    found = drift(GENERAL, np.array([r]))
    noise = 1e-5
    for name, value in (("r", found.mean_r), ("P", found.mean_p), ("θ", found.mean_theta)):
        assert change(name, r, GENERAL, noise) / noise == pytest.approx(float(value[0]), abs=2e-3)
    squared = expectation(lambda g, b: (b / g - r) ** 2, r, GENERAL, noise) / noise
    assert squared == pytest.approx(float(found.var_r[0]), rel=1e-3)


def test_shapes_are_kept():
    r = np.zeros((2, 3))
    assert drift(gaussian_moments(r), r).mean_theta.shape == (2, 3)


def test_the_angle_is_harmonic():
    """Noise of equal size in all directions does not turn units on average, to any order."""
    isotropic = {M[0]: 1, M[1]: 0, M[2]: 1}
    assert ANGLE.mean.subs(isotropic) == 0
    assert sympy.simplify(ANGLE.next_mean.subs(isotropic)) == 0
    assert sympy.simplify(RATIO.mean.subs(isotropic) - R) == 0


def test_variance_of_r():
    density = math.exp(-0.5) / math.sqrt(2 * math.pi)
    expected = special.ndtr(1.0) - 2 * density + special.ndtr(1.0) - density
    assert float(drift(gaussian_moments(np.ones(1)), np.ones(1)).var_r[0]) == pytest.approx(
        expected
    )
