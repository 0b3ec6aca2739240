"""Noise of block floating point, against order statistics known otherwise."""

import math

import numpy as np
import pytest
import sympy

from theory.precision.blocks import (
    M,
    block_noise,
    largest_moment,
    largest_spacing,
    nearest_noise,
    octave_steps,
    one_scale_steps,
)


def test_the_constant_of_one_number():
    assert float(nearest_noise().subs(M, 4)) == pytest.approx(4.0**-4 / (32 * math.log(2)))


def test_moments_of_the_largest():
    assert largest_moment(1, 2) == pytest.approx(1)
    assert largest_moment(1, 1) == pytest.approx(math.sqrt(2 / math.pi))
    # of two: (E|x − y| + E|x + y|)/2 = 2/√π; E max² = 1 + 2/π by the angle of the larger one
    assert largest_moment(2, 1) == pytest.approx(2 / math.sqrt(math.pi))
    assert largest_moment(2, 2) == pytest.approx(1 + 2 / math.pi)


def test_moments_of_many_are_those_of_a_sample():
    """20,000 blocks: 5.5 standard errors of the mean, beyond which one of 10⁷ samples would be."""
    sample = np.abs(np.random.default_rng(0).standard_normal((20_000, 128))).max(1)
    for power in (1, 2):
        error = np.std(sample**power) / math.sqrt(len(sample))
        assert abs(np.mean(sample**power) - largest_moment(128, power)) < 5.5 * error


@pytest.mark.parametrize("size", [1, 8, 128])
def test_over_an_octave_one_scale_has_the_average(size):
    u = (np.arange(256) + 0.5) / 256
    at = [largest_spacing(size, float(2**one)) / 4.0**one for one in u]
    expected = 12 * float(nearest_noise().subs(M, 0)) * largest_moment(size, 2)
    assert np.mean(at) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("scale", [0.3, 1.7])
def test_an_octave_more_has_four_times_the_spacing(scale):
    assert largest_spacing(32, 2 * scale) == pytest.approx(4 * largest_spacing(32, scale))


def test_derivations_end_in_the_noise():
    *_, (_, last) = octave_steps()
    assert isinstance(last, sympy.Equality)
    assert last.rhs == block_noise()
    *_, (_, last) = one_scale_steps()
    assert last is not None
