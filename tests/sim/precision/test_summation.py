"""Experiments on one rounding and on rounded sums: streams, measures, moments."""

import dataclasses

import numpy as np
import pytest

from sim.precision.one_rounding import OneRounding
from sim.precision.summation import Summation
from sim.precision.terms import LAWS, MOMENTS, check_data, draw


@pytest.mark.parametrize("data", LAWS)
def test_moments_of_the_laws(data):
    """A million draws of a fixed seed; 6 standard errors of any other one, 2e-9 each."""
    drawn = draw(data, np.random.default_rng(0), (1_000_000,))
    mean, variance = MOMENTS[data]
    assert drawn.mean() == pytest.approx(mean, abs=6e-3 * variance**0.5 + 1e-12)
    fourth = float(np.mean((drawn - mean) ** 4))
    assert drawn.var() == pytest.approx(variance, abs=6 * (fourth / 1e6) ** 0.5 + 1e-12)


def test_an_unknown_law_is_refused():
    with pytest.raises(ValueError, match="unknown law 'cauchy' of the data: give one of normal"):
        check_data("cauchy")


@pytest.mark.parametrize("mode", ["nearest", "truncation", "stochastic"])
@pytest.mark.parametrize("kind", [OneRounding, Summation])
def test_a_replicate_hangs_on_seed_and_block_alone(kind, mode):
    small = kind(block=3, mode=mode)
    first = small.run(0, 0)
    assert first == small.run(0, 0)
    assert first != small.run(1, 0)
    assert first[0] != small.run(0, 1)[0]
    assert small.cost() > 0


def test_without_rounding_errors_a_sum_is_exact():
    """Ones, fewer than 2^(m+1): nothing is lost, in every order."""
    for order in ("serial", "pairwise", "blocked", "kahan", "exact"):
        made = Summation(block=2, terms=64, mantissa=7, data="ones", order=order).run(0, 0)
        assert [one["final"] for one in made] == [64.0, 64.0]
        assert all(one["noise"] == 0 and one["correlation"] == 1 for one in made)
        assert all(one["SNR"] == 3000 for one in made), "the least noise that is told"


def test_what_is_measured_of_few_bits():
    """Truncation shrinks, and most of the noise is that; to nearest nothing shrinks much."""
    plain = Summation(block=4, terms=64, mantissa=4, sums=500)
    nearest = plain.run(0, 0)
    truncated = dataclasses.replace(plain, mode="truncation").run(0, 0)
    assert all(0.5 < one["slope"] < 0.6 for one in truncated)  # 0.53 by the law
    assert all(0.98 < one["slope"] < 1.02 for one in nearest)
    assert all(one["uncorrelated"] == pytest.approx(1 - one["correlation"]) for one in nearest)
    assert all(one["SNR"] == pytest.approx(-10 * np.log10(one["noise"])) for one in nearest)
