"""Single steps by torch's layers: reproducible, the noise asked for, and the mean of the law."""

import dataclasses

import numpy as np
import pytest
import torch

from sim.batchnorm.layers import LayerStep
from sim.batchnorm.units import torch_generator
from tests.sim.reproducible import (
    alone_and_together,
    assert_a_block_is_a_function_of_seed_and_index,
)
from theory.batchnorm.moments import drift, finite_batch_moments

SMALL = LayerStep(
    starts=(-1.0, 0.0), rates=(0.2, 0.1), scales=(1.0, 0.5), batch=8, draws=20, block=3
)
LEAKY = dataclasses.replace(SMALL, slope=0.3, centered=True)
ALL = pytest.mark.parametrize("experiment", [SMALL, LEAKY])


@ALL
def test_a_block_is_a_function_of_seed_and_index(experiment: LayerStep):
    assert_a_block_is_a_function_of_seed_and_index(experiment)


@ALL
def test_a_replicate_does_not_depend_on_those_measured_with_it(experiment: LayerStep):
    for alone, expected in alone_and_together(experiment):
        assert alone == expected


def test_centered_noise_sums_to_zero_and_keeps_its_variance():
    """The variance of 16,000 numbers, at 6 standard errors of 1.1 %."""
    one = dataclasses.replace(SMALL, centered=True, draws=2000, std=2.0)
    delta = one._upstream(torch_generator(one.stream(0, 0, "noise")))
    assert delta.mean(0).abs().max() < 1e-12
    assert abs(float(delta.square().mean()) / 4 - 1) < 0.07


def test_both_steps_start_from_the_same_point():
    """They are opposite to each other, so that the first order cancels in their mean."""
    generator = torch_generator(SMALL.stream(0, 0, "noise"))
    gamma, beta, rate = SMALL._units(torch.device("cpu"))
    moved = SMALL._step(generator, gamma, beta, rate)
    for after, before in zip(moved, (gamma, beta), strict=True):
        assert after.shape == (2, len(before))
        assert torch.allclose(after.mean(0), before, atol=1e-15)
        assert (after[0] != before).double().mean() > 0.5


@pytest.mark.parametrize("slope", [0.0, 0.5])
def test_the_mean_is_that_of_the_law(slope: float):
    """Means within 6 standard errors of 1 to 2 %: 2·10⁻⁹ each."""
    r = (-0.7, 0.0)
    one = LayerStep(
        starts=r, rates=(0.1,) * 2, scales=(1.0,) * 2, batch=16, slope=slope, draws=500, block=150
    )
    found = np.array([measured["θ"] for measured in one.run(0, 0)]) / one.noise
    error = found.std(0) / np.sqrt(len(found))
    expected = drift(finite_batch_moments(np.array(r), 16, slope), np.array(r)).mean_theta
    assert (np.abs(found.mean(0) - expected) < 6 * error).all()
    assert (error < 0.02 * np.abs(expected)).all()  # precise enough to tell
