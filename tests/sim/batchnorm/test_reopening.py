"""Filters that come back: reproducible, shut where nothing can come, and as in real training."""

import dataclasses

import numpy as np
import pytest
import torch

from sim.batchnorm.reopening import Reopenings
from sim.post_shifted import PostShiftedBatchNorm1d

SMALL = Reopenings(block=6, filters=8, steps=200, decay=0.5)


def returned(experiment, seed=0, block=0):
    return np.array([one["returned"] for one in experiment.run(seed, block)])


def test_a_block_depends_on_seed_and_number_alone():
    first = returned(SMALL)
    assert first.shape == (6, 8)
    assert first.any()
    assert (returned(dataclasses.replace(SMALL)) == first).all()
    assert (returned(SMALL, seed=1) != first).any()
    assert (returned(SMALL, block=1) != first).any()


def test_nothing_comes_back_through_a_gate_that_is_exactly_shut():
    assert not returned(dataclasses.replace(SMALL, batch=8)).any()


def test_starts_lie_where_they_should():
    ratios, scales = SMALL.starts()
    assert -5.0 < ratios.min() < ratios.max() < -3.2
    assert 0.5 < scales.min() < scales.max() < 1.5
    with pytest.raises(ValueError, match="not all below"):
        dataclasses.replace(SMALL, ratios=(-5.0, -2.0))


def trained(made: Reopenings, layers: int) -> np.ndarray:
    """The same through the module, a ReLU, autograd and torch's optimizer."""
    generator = torch.Generator().manual_seed(3)
    module = PostShiftedBatchNorm1d(layers * made.filters, dtype=torch.float64, shift=0.0)
    ratios, scales = (torch.from_numpy(one).repeat(layers) for one in made.starts())
    with torch.no_grad():
        module.weight.copy_(scales)
        module.bias.copy_(ratios * scales)
    descent = torch.optim.SGD(module.parameters(), lr=made.rate, weight_decay=made.decay)
    back = torch.zeros(layers * made.filters, dtype=torch.bool)
    for _ in range(made.steps):
        shape = (made.batch, layers, 1)
        x = torch.randn(shape, generator=generator, dtype=torch.float64)
        x = x.expand(-1, -1, made.filters).flatten(1)
        noise = torch.randn(x.shape, generator=generator, dtype=torch.float64)
        descent.zero_grad()
        (torch.relu(module(x)) * noise).sum().div(made.batch).backward()
        descent.step()
        gamma, beta = module.weight.detach(), module.bias.detach()
        back |= beta > -made.threshold * gamma.abs()
    return back.view(layers, -1).double().mean(1).numpy()


def test_as_many_come_back_as_through_the_real_module():
    """Means over layers within 5 of their standard errors: false alarms below 10⁻⁶."""
    made = Reopenings(
        block=200, filters=6, batch=32, steps=60, rate=0.5, decay=0.2, ratios=(-3.6, -3.1)
    )
    ours, theirs = returned(made).mean(1), trained(made, 100)
    error = np.hypot(ours.std() / np.sqrt(200), theirs.std() / np.sqrt(100))
    assert 0.1 < theirs.mean() < 0.9
    assert abs(ours.mean() - theirs.mean()) < 5 * error
