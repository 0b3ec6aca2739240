"""The law of the first passage against closed forms, a walk with small steps, and its limits."""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
import sympy
from scipy.special import erf, ive
from scipy.stats import binom

from theory.batchnorm.cone import ANGLE, LOG_SCALE, M0, M1, M2, cone, generator, tail_exponent
from theory.batchnorm.moments import adam_moments, finite_batch_moments, gaussian_moments
from theory.batchnorm.overshoot import (
    GAUSSIAN_OVERSHOOT,
    extrapolation,
    overshoot,
    smoothed_overshoot,
)
from theory.batchnorm.passage import isotropic_exponent, passage

CLOCKS = np.array([0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1000.0])


@dataclass(frozen=True)
class Constant:
    m0: np.ndarray
    m1: np.ndarray
    m2: np.ndarray


def isotropic(r):
    """Noise that does not depend on how many samples are active: Brownian motion."""
    return Constant(np.ones_like(r), np.zeros_like(r), np.ones_like(r))


# -- the generator ----------------------------------------------------------------------------

GAMMA, BETA = sympy.exp(LOG_SCALE) * sympy.cos(ANGLE), sympy.exp(LOG_SCALE) * sympy.sin(ANGLE)


@pytest.mark.parametrize(
    ("function", "expected"),
    [(GAMMA, 0), (BETA, 0), (GAMMA**2, M2), (GAMMA * BETA, M1), (BETA**2, M0)],
    ids=["γ", "β", "γ²", "γβ", "β²"],
)
def test_generator_of_the_parameters_and_their_products(function, expected):
    """γ and β are martingales, and their products grow by the covariance."""
    spread, mixed, bend, growth, turn = generator()
    u = sympy.diff(function, LOG_SCALE)
    applied = (
        spread * sympy.diff(u, LOG_SCALE)
        + 2 * mixed * sympy.diff(u, ANGLE)
        + bend * sympy.diff(function, ANGLE, 2)
        + growth * u
        + turn * sympy.diff(function, ANGLE)
    )
    difference = applied / 2 - expected * sympy.exp(2 * LOG_SCALE)
    assert sympy.simplify(difference) == 0


# -- Brownian motion in a cone ----------------------------------------------------------------


def test_half_plane():
    """τ = 0 with isotropic noise from γ = β = 1: the survival of β alone is erf(1/√(2t))."""
    law = passage(isotropic, 1.0, 0.0)
    np.testing.assert_allclose(1 - law(CLOCKS), erf(1 / np.sqrt(2 * CLOCKS)), atol=3e-4)


def wedge_survival(angle: float, opening: float, clock: np.ndarray) -> np.ndarray:
    """Brownian motion from (1, angle) in a wedge with absorbing sides 0 and ``opening``.

    The heat kernel of the wedge (Carslaw and Jaeger 1959, §14.14) integrated over the wedge.
    """
    z = 1 / (4 * clock)
    total = np.zeros_like(clock)
    for n in range(1, 400, 2):
        order = n * math.pi / opening
        bessel = ive((order - 1) / 2, z) + ive((order + 1) / 2, z)
        total += math.sin(order * angle) / n * bessel
    return np.sqrt(8 * z / math.pi) * total


def test_reference_for_the_wedge():
    np.testing.assert_allclose(
        wedge_survival(math.pi / 4, math.pi, CLOCKS[2:]),
        erf(math.sqrt(0.5) / np.sqrt(2 * CLOCKS[2:])),
        atol=1e-6,
    )


@pytest.mark.parametrize("threshold", [0.5, 1.0, 2.0])
def test_wedge(threshold):
    """Reflection at γ = 0 doubles the cone to a wedge of opening 2 (π/2 + atan τ)."""
    half = math.pi / 2 + math.atan(threshold)
    law = passage(isotropic, 0.0, threshold)
    exact = wedge_survival(math.atan(threshold), 2 * half, CLOCKS[2:])
    np.testing.assert_allclose(1 - law(CLOCKS[2:]), exact, atol=5e-4)
    assert tail_exponent(cone(isotropic, threshold)) == pytest.approx(
        math.pi / (4 * half), abs=1e-8
    )
    assert isotropic_exponent(threshold) == pytest.approx(math.pi / (4 * half), rel=1e-12)


@pytest.mark.parametrize("moments", [gaussian_moments, adam_moments])
def test_without_threshold_the_exponent_is_a_half(moments):
    """At τ = 0 the martingale β is harmonic and vanishes on the side: ρ^(2p) with 2p = 1."""
    assert tail_exponent(cone(moments, 0.0)) == pytest.approx(0.5, abs=1e-8)


# -- the law ----------------------------------------------------------------------------------

LAWS = [(gaussian_moments, 0.0), (gaussian_moments, 1.0), (adam_moments, 0.0)]


@pytest.mark.parametrize(("moments", "start"), LAWS)
def test_limits_and_order(moments, start):
    law = passage(moments, start, 2.0)
    clock = np.geomspace(0.01, 1e4, 300)
    share = law(clock)
    assert law.error < 0.001
    assert share[0] == pytest.approx(0, abs=law.error)
    assert share[-1] < 1
    assert (np.maximum.accumulate(share) - share < law.error).all()
    assert (np.diff(share[clock > 0.3]) > 0).all()
    late = np.array([3e3, 3e4])
    local = -np.diff(np.log(1 - law(late))) / np.diff(np.log(late))
    assert local[0] == pytest.approx(law.exponent, abs=0.01)
    assert 0.3 < law.exponent < 0.5


def test_angles_do_not_matter():
    """28 to 60 Chebyshev points give the same exponent."""
    found = [tail_exponent(cone(gaussian_moments, 2.0, angles)) for angles in (28, 40, 60)]
    np.testing.assert_allclose(found, found[-1], atol=5e-7)


def test_batches_of_64_are_large():
    law = passage(gaussian_moments, 0.0, 2.0)
    finite = passage(partial(finite_batch_moments, batch=64), 0.0, 2.0)
    gap = np.abs(law(CLOCKS) - finite(CLOCKS))
    assert 1e-4 < gap.max() < 1e-3


def test_local_slope_is_the_derivative():
    law = passage(gaussian_moments, 0.0, 2.0)
    for clock in (0.3, 1.0, 10.0):
        near = np.array([clock * 0.999, clock * 1.001])
        # η² is proportional to the clock
        slope = 2 * np.diff(np.log(law(near))) / np.diff(np.log(near))
        assert law.slope(np.array([clock]))[0] == pytest.approx(slope[0], rel=1e-3)
    at = law.clock_of_slope(2.0)
    assert law.slope(np.array([at]))[0] == pytest.approx(2.0, abs=1e-6)
    assert 0.7 < at < 1.0


UNITS, RATE, STEPS = 40_000, 0.004, (125, 250, 500)


def walked(moments, rng):
    """Shares passed of units with Gaussian steps of the diffusion's covariance, r₀ = 0, τ = 2."""
    gamma, beta = np.ones(UNITS), np.zeros(UNITS)
    shares = []
    for step in range(1, STEPS[-1] + 1):
        at = moments(beta / np.abs(gamma))
        first, second = math.sqrt(RATE) * rng.standard_normal((2, len(gamma)))
        tilt = np.sign(gamma) * at.m1 / np.sqrt(at.m0)
        gamma = gamma + tilt * first + np.sqrt(np.maximum(at.m2 - tilt**2, 0)) * second
        beta = beta + np.sqrt(at.m0) * first
        left = beta >= -2 * np.abs(gamma)
        gamma, beta = gamma[left], beta[left]
        if step in STEPS:
            shares.append(1 - len(gamma) / UNITS)
    return np.array(shares)


@pytest.mark.parametrize("moments", [gaussian_moments, adam_moments])
def test_walk_with_small_steps(moments):
    """Each of six counts leaves the interval with chance 1e-7 if the law is exact to 0.002.

    0.002 is room for the second order of the step; its first order is 0.008 to 0.02 here.
    """
    law = passage(moments, 0.0, 2.0)
    share = walked(moments, np.random.default_rng(0))
    predicted = law(RATE * np.array(STEPS), RATE)
    low = binom.ppf(5e-8, UNITS, predicted - 0.002) / UNITS
    high = binom.isf(5e-8, UNITS, predicted + 0.002) / UNITS
    assert ((share >= low) & (share <= high)).all(), (share, predicted)
    # the test can tell: half the noise is far outside
    assert (law(RATE * np.array(STEPS) / 2, RATE) < low).all()


# -- looks once a step ------------------------------------------------------------------------


def test_overshoot_of_known_walks():
    assert extrapolation(lambda w: -math.expm1(-(w**2) / 2)) == pytest.approx(
        0.5825971579, abs=1e-7
    )
    # two-sided exponential steps have exponential ladder heights with the same scale
    double = extrapolation(lambda w: w**2 / 2 / (1 + w**2 / 2))
    assert double == pytest.approx(math.sqrt(0.5), abs=1e-6)
    assert pytest.approx(0.5825971579, abs=1e-9) == GAUSSIAN_OVERSHOOT


def test_overshoot_tends_to_the_gaussian_one():
    values = [overshoot(batch, 2.0) for batch in (16, 64, 256, 4096)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 1
    assert values[-1] == pytest.approx(GAUSSIAN_OVERSHOOT, abs=0.003)
    assert smoothed_overshoot(0.9) > 5 * GAUSSIAN_OVERSHOOT


def test_looks_delay_passages():
    law = passage(gaussian_moments, 0.0, 2.0)
    clock = np.array([0.3, 1.0, 10.0])
    continuous, looked = law(clock), law(clock, 0.01)
    assert (looked < continuous).all()
    # the first order grows like √A₀ and like K
    np.testing.assert_allclose(continuous - law(clock, 0.04), 2 * (continuous - looked), rtol=1e-9)
    doubled = continuous - law(clock, 0.01, 2 * GAUSSIAN_OVERSHOOT)
    np.testing.assert_allclose(doubled, 2 * (continuous - looked), rtol=1e-9)


# -- bad input --------------------------------------------------------------------------------


def test_refusals():
    with pytest.raises(ValueError, match="has passed"):
        passage(gaussian_moments, -2.0, 2.0)
    with pytest.raises(ValueError, match="no sample is active"):
        passage(partial(finite_batch_moments, batch=4), 0.0, 2.0)
    law = passage(gaussian_moments, 0.0, 2.0)
    for clock in (1e-4, 1e6, -1.0):
        with pytest.raises(ValueError, match="outside"):
            law(np.array([clock]))
