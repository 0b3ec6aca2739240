"""Rare inputs: tails, densities and pairs against each other, edges against the step itself."""

import numpy as np
import pytest
import sympy
from scipy import integrate

from theory.batchnorm.reopening.inputs import (
    INPUT,
    LEVEL,
    THRESHOLD,
    Gaussian,
    Normalized,
    above,
    active_kicks,
)

LEVELS = np.array([1.5, 3.0, 3.7])
EACH = pytest.mark.parametrize("inputs", [Normalized(16), Normalized(256), Gaussian(64)])


@EACH
def test_tail_is_the_integral_of_the_density(inputs):
    for level, tail in zip(LEVELS, inputs.tail(LEVELS), strict=True):
        end = min(inputs.largest, 12.0)
        whole, _ = integrate.quad(lambda x: inputs.density(np.array([x]))[0], level, end)
        assert tail == pytest.approx(whole, rel=1e-8)


@EACH
def test_weights_above_a_level_sum_to_the_tail(inputs):
    levels = np.array([2.5, 3.0, 3.4])
    x, mass = above(inputs, levels)
    assert (x > levels[:, None]).all()
    assert mass.sum(-1) == pytest.approx(inputs.tail(levels), rel=0.01)


def test_nothing_lies_above_the_largest():
    inputs = Normalized(16)
    assert inputs.tail(np.array([inputs.largest, 5.0])) == pytest.approx(0.0, abs=1e-12)
    assert inputs.pairs(np.array([3.0])) == pytest.approx(0.0, abs=1e-12)  # 3² + 3² > 16


def test_pairs_by_counting():
    """60,000 batches, within 6 standard errors: false alarms below 10⁻⁸."""
    rng, inputs, level = np.random.default_rng(0), Normalized(12), 1.6
    x = rng.standard_normal((60_000, 12))
    x -= x.mean(1, keepdims=True)
    x /= x.std(1, keepdims=True)
    count = (x > level).sum(1)
    pairs = count * (count - 1) / 2
    (expected,) = inputs.pairs(np.array([level]))
    assert abs(pairs.mean() - expected) < 6 * pairs.std() / np.sqrt(len(pairs))


def test_many_inputs_are_like_gaussian_ones():
    large, limit = Normalized(100_000), Gaussian(100_000)
    assert large.tail(LEVELS) == pytest.approx(limit.tail(LEVELS), rel=0.01)
    assert large.pairs(LEVELS[1:]) == pytest.approx(limit.pairs(LEVELS[1:]), rel=0.01)


def test_at_the_edges_of_the_active_kicks_the_filter_is_at_the_threshold():
    at = {INPUT: 5, LEVEL: 4, THRESHOLD: 3}
    for edge in active_kicks():
        u = float(sympy.Float(edge.subs(at)))
        gamma, beta = 1 - 5 * u, -4 - u
        assert beta / abs(gamma) == pytest.approx(-3)
