"""Single steps: reproducible, independent, and the same on average as plain sampling."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from sim.batchnorm.step import OneStep
from tests.sim.reproducible import (
    alone_and_together,
    assert_a_block_is_a_function_of_seed_and_index,
)
from theory.batchnorm.moments import drift, finite_batch_moments
from theory.batchnorm.taylor import ANGLE, M, R

SMALL = OneStep(starts=(-1.0, 0.0), rates=(0.2, 0.1), scales=(1.0, 0.5), batch=8, draws=20, block=3)
LEAKY = dataclasses.replace(SMALL, slope=0.3)
CENTERED = dataclasses.replace(SMALL, centered=True)
ALL = pytest.mark.parametrize("experiment", [SMALL, LEAKY, CENTERED])


@ALL
def test_a_block_is_a_function_of_seed_and_index(experiment: OneStep):
    assert_a_block_is_a_function_of_seed_and_index(experiment)


@ALL
def test_a_replicate_does_not_depend_on_those_measured_with_it(experiment: OneStep):
    for alone, expected in alone_and_together(experiment):
        assert alone == expected


def test_grid_points_have_noise_of_their_own():
    """With shared noise the two means would be equal to rounding."""
    twice = OneStep(starts=(0.0, 0.0), rates=(0.1, 0.1), scales=(1.0, 1.0), draws=50, block=1)
    first, second = twice.run(0, 0)[0]["θ"]
    assert abs(first / second - 1) > 1e-6


def plain(experiment: OneStep, units: int, seed: int) -> torch.Tensor:
    """Δθ of single steps of one grid point, with a δ for each sample, all in float64.

    Less its linear part, whose mean is 0.
    """
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(units, experiment.batch, generator=rng, dtype=torch.float64)
    x = (x - x.mean(1, keepdim=True)) / x.std(1, correction=0, keepdim=True)
    delta = torch.randn(units, experiment.batch, generator=rng, dtype=torch.float64)
    if experiment.centered:
        delta = delta - delta.mean(1, keepdim=True)
        delta = delta * math.sqrt(experiment.batch / (experiment.batch - 1))
    scale, rate = experiment.scales[0], experiment.rates[0]
    beta = scale * experiment.starts[0]
    gate = torch.where(scale * x + beta > 0, 1.0, experiment.slope).double()
    d_gamma = -rate * experiment.std * (delta * gate * x).mean(1)
    d_beta = -rate * experiment.std * (delta * gate).mean(1)
    linear = (scale * d_beta - beta * d_gamma) / (scale**2 + beta**2)
    start = torch.atan2(torch.tensor(beta), torch.tensor(scale)).double()
    return torch.atan2(beta + d_beta, (scale + d_gamma).abs()) - start - linear


@ALL
@pytest.mark.parametrize("point", [0, 1])
def test_the_mean_is_that_of_plain_sampling(experiment: OneStep, point: int):
    """Two independent means at 6 standard errors of their difference: 2·10⁻⁹ each."""
    at = {name: (getattr(experiment, name)[point],) for name in ("starts", "rates", "scales")}
    one = dataclasses.replace(experiment, **at, draws=500, block=100, std=1.5)
    found = np.array([measured["θ"][0] for measured in one.run(0, 0)])
    sampled = plain(one, 100_000, seed=point)
    error = math.hypot(found.std() / math.sqrt(len(found)), float(sampled.std()) / math.sqrt(1e5))
    assert abs(found.mean() - float(sampled.mean())) < 6 * error
    assert error < 0.05 * abs(found.mean())  # precise enough to tell


def test_the_mean_is_that_of_the_law_with_its_next_order():
    """A = 0.02, where the next order is 1 to 2 %: 6 standard errors of 0.2 %, 2·10⁻⁹ each."""
    r = (-1.0, 1.0)
    one = OneStep(starts=r, rates=(1.6,) * 2, scales=(math.sqrt(2.0),) * 2, draws=2000, block=100)
    assert one.noise == pytest.approx(0.02)
    found = np.array([measured["θ"] for measured in one.run(0, 0)]) / one.noise
    moments = finite_batch_moments(np.array(r), 64)
    law = drift(moments, np.array(r)).mean_theta
    for point in range(2):
        values = [(R, r[point])]
        values += [(m, getattr(moments, f"m{k}")[point]) for k, m in enumerate(M)]
        following = float(ANGLE.next_mean.subs(values)) * one.noise[point]  # type: ignore[arg-type]
        error = found[:, point].std() / 10
        assert abs(following) > 3 * error
        # a batch of 64 changes the next order itself by a few percent: 0.1 % of the law
        room = 6 * error + 1e-3 * abs(law[point])
        assert abs(found[:, point].mean() - law[point] - following) < room


def test_noise_is_measured_in_a():
    experiment = OneStep(starts=(0.0,), rates=(0.3,), scales=(0.5,), batch=16, std=2.0)
    assert experiment.noise == pytest.approx(0.3**2 * 2.0**2 / (16 * 0.5**2))


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match="every grid point"):
        OneStep(starts=(0.0, 1.0))
    with pytest.raises(ValueError, match="for ReLU only"):
        OneStep(centered=True, slope=0.1)
    with pytest.raises(ValueError, match="must be positive"):
        OneStep(rates=(0.0,))
