"""Moments of gated noise: against quadrature, closed forms of single batch sizes, and limits."""

import math
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from scipy import integrate, stats

from theory.batchnorm.moments import (
    Moments,
    adam_moments,
    centered_moments,
    drift,
    finite_batch_centered_moments,
    finite_batch_moments,
    gaussian_moments,
)

R = np.array([-6.0, -2.5, -1.0, -0.3, 0.0, 0.4, 1.0, 3.0])
BATCHES = pytest.mark.parametrize("batch", [3, 4, 5, 8, 16, 64, 257])


def stacked(moments: Moments) -> np.ndarray:
    return np.stack([moments.m0, moments.m1, moments.m2])


def test_gaussian_moments_against_arbitrary_precision():
    def moment(r: float, k: int) -> Any:
        return mpmath.quad(lambda x: x**k * mpmath.npdf(x), [-r, max(-r, 0) + 12])

    with mpmath.workdps(40):
        expected = [[float(moment(r, k)) for r in R] for k in range(3)]
    np.testing.assert_allclose(stacked(gaussian_moments(R)), expected, rtol=1e-12)


@pytest.mark.parametrize("slope", [0.1, 0.5, 1.0])
def test_leaky_moments_by_quadrature(slope: float):
    def moment(r: float, k: int) -> float:
        active = integrate.quad(lambda x: x**k * stats.norm.pdf(x), -r, 15)[0]
        rest = integrate.quad(lambda x: x**k * stats.norm.pdf(x), -15, -r)[0]
        return active + slope**2 * rest

    expected = [[moment(r, k) for r in R] for k in range(3)]
    np.testing.assert_allclose(stacked(gaussian_moments(R, slope)), expected, atol=1e-12)


@BATCHES
def test_finite_batch_moments_by_quadrature(batch: int):
    """In the angle x = √(B−1) sin φ the density is cos^(B−3) φ, smooth at both ends."""
    edge = math.sqrt(batch - 1)
    whole = integrate.quad(lambda t: math.cos(t) ** (batch - 3), -math.pi / 2, math.pi / 2)[0]

    def moment(r: float, k: int) -> float:
        start = math.asin(min(max(-r / edge, -1.0), 1.0))
        found = integrate.quad(
            lambda t: (edge * math.sin(t)) ** k * math.cos(t) ** (batch - 3),
            start,
            math.pi / 2,
            epsabs=1e-12,
        )
        return found[0] / whole

    expected = [[moment(r, k) for r in R] for k in range(3)]
    np.testing.assert_allclose(stacked(finite_batch_moments(R, batch)), expected, atol=1e-11)


def test_batches_of_six_in_closed_form():
    x = sympy.Symbol("x")
    density = 1 - x**2 / 5
    whole = sympy.integrate(density, (x, -sympy.sqrt(5), sympy.sqrt(5)))
    exact = [
        sympy.integrate(x**k * density, (x, -sympy.Rational(1, 2), sympy.sqrt(5))) / whole
        for k in range(3)
    ]
    found = stacked(finite_batch_moments(np.array([0.5]), 6))[:, 0]
    np.testing.assert_allclose(found, [float(one) for one in exact], rtol=1e-14)


def test_no_moment_is_left_where_no_sample_can_be_active():
    below, above = np.array([-math.sqrt(7), -8.0]), np.array([math.sqrt(7), 8.0])
    assert (stacked(finite_batch_moments(below, 8)) == 0).all()
    np.testing.assert_allclose(stacked(finite_batch_moments(above, 8)), [[1, 1], [0, 0], [1, 1]])


@pytest.mark.parametrize("centered", [False, True])
def test_large_batches_are_gaussian_up_to_one_over_b(centered: bool):
    finite, limit = (
        (finite_batch_centered_moments, centered_moments)
        if centered
        else (finite_batch_moments, gaussian_moments)
    )
    r = R[1:-1]
    off = [np.abs(stacked(finite(r, batch)) - stacked(limit(r))).max() for batch in (200, 400, 800)]
    assert off[0] < 0.02
    np.testing.assert_allclose(np.divide(off[:-1], off[1:]), 2, rtol=0.02)


def test_centered_moments_of_leaky_relu_by_quadrature():
    slope, r = 0.3, 0.7

    def mean(function) -> float:
        parts = ((-15, -r, slope), (-r, 15, 1.0))
        return sum(
            integrate.quad(lambda x, g=g: function(x, g) * stats.norm.pdf(x), low, high)[0]
            for low, high, g in parts
        )

    g, gx = mean(lambda x, g: g), mean(lambda x, g: g * x)
    expected = [  # as variances and a covariance, not as differences
        mean(lambda x, one: (one - g) ** 2),
        mean(lambda x, one: (one - g) * (one * x - gx)),
        mean(lambda x, one: (one * x - gx) ** 2),
    ]
    found = stacked(centered_moments(np.array([r]), slope))[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize("batch", [4, 5, 8, 16])
def test_centered_moments_of_a_batch_by_pairs(batch: int):
    """E over two samples of a batch, by quadrature of their joint density on the ellipse."""
    r = 0.4
    edge = math.sqrt(batch - 1)

    def pair(i: int, j: int) -> float:
        def given(angle: float) -> float:
            x = edge * math.sin(angle)
            center = -x / (batch - 1)
            spread = math.sqrt(max((batch - x * x) / (batch - 1) - center**2, 0.0))
            inner_edge = math.sqrt(batch - 2)
            bound = (-r - center) / (spread * inner_edge) if spread > 0 else -1.0
            low = math.asin(min(max(bound, -1.0), 1.0))
            inner = integrate.quad(
                lambda t: (
                    (center + spread * inner_edge * math.sin(t)) ** j * math.cos(t) ** (batch - 4)
                ),
                low,
                math.pi / 2,
            )[0]
            return x**i * inner * math.cos(angle) ** (batch - 3)

        start = math.asin(max(-r / edge, -1.0))
        return integrate.quad(given, start, math.pi / 2, epsabs=1e-9, limit=200)[0]

    half = math.pi / 2
    whole = math.prod(
        integrate.quad(lambda t, p=p: math.cos(t) ** p, -half, half)[0]
        for p in (batch - 3, batch - 4)
    )
    plain = stacked(finite_batch_moments(np.array([r]), batch))[:, 0]
    expected = plain - np.array([pair(0, 0), pair(1, 0), pair(1, 1)]) / whole
    found = stacked(finite_batch_centered_moments(np.array([r]), batch))[:, 0]
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_adam_moments_are_correlations():
    found = adam_moments(R)
    assert (found.m0 == 1).all()
    assert (found.m2 == 1).all()
    assert ((found.m1 > 0) & (found.m1 < 1)).all()
    plain = gaussian_moments(R)
    np.testing.assert_allclose(found.m1**2, plain.m1**2 / (plain.m0 * plain.m2), rtol=1e-13)


@pytest.mark.parametrize("batch", [0, 1, 2])
def test_too_small_batches_are_refused(batch: int):
    with pytest.raises(ValueError, match=f"a batch of {batch} has no such moments"):
        finite_batch_moments(R, batch)
    with pytest.raises(ValueError, match="has no such moments"):
        finite_batch_centered_moments(R, batch + 1)


@BATCHES
def test_the_angle_is_driven_towards_collapse_for_every_batch(batch: int):
    edge = min(5.0, 0.99 * math.sqrt(batch - 1))  # farther out M₂ − M₀ is lost in rounding
    r = np.linspace(-edge, edge, 401)
    assert (drift(finite_batch_moments(r, batch), r).mean_theta < 0).all()


def test_centered_noise_drives_both_ways():
    r = np.array([0.0, 0.45, 0.53, 2.0])
    assert (np.sign(drift(centered_moments(r), r).mean_theta) == [-1, -1, 1, 1]).all()
