"""Layers with batch normalization in machine code and their gradients are those of torch."""

import numpy as np
import pytest
import torch

from sim.engine.optimizers import Descent
from sim.native import EAGER, compiler
from sim.networks.backpropagation import Backpropagation
from sim.networks.normalized import runs_normalized
from sim.networks.perceptrons import Networks, cross_entropy, initial

native = pytest.mark.skipif(compiler() is None, reason="needs a compiler")
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


def networks(dtype: torch.dtype, slope: float) -> Networks:
    """Two networks of two hidden layers, γ of both signs."""
    weights, readout = initial([np.random.default_rng(k) for k in range(2)], (6, 5, 7, 3), dtype)
    made = Networks(weights, readout, torch.tensor([0.0, 0.1]), slope)
    generator = torch.Generator().manual_seed(0)
    for one in (*made.scales, *made.biases):
        one.data.copy_(torch.randn(one.shape, generator=generator, dtype=dtype))
    return made


def batch(dtype: torch.dtype, samples: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(2, 6, samples, generator=generator, dtype=dtype)
    return x, torch.randint(3, (2, samples), generator=generator)


def assert_same(one: torch.Tensor, other: torch.Tensor) -> None:
    rtol, atol = (1e-10, 1e-12) if one.dtype == torch.float64 else (1e-4, 1e-5)
    torch.testing.assert_close(one, other, rtol=rtol, atol=atol)


@native
@DTYPES
@pytest.mark.parametrize("slope", [0.0, 0.2])
@pytest.mark.parametrize("samples", [16, 48])
def test_passes_and_gradients(dtype, slope, samples, monkeypatch: pytest.MonkeyPatch):
    """Those with respect to all parameters, the inputs and the activations."""
    made = networks(dtype, slope)
    x, labels = batch(dtype, samples)
    x.requires_grad_()

    def found():
        passed = made.forward(x)
        loss = cross_entropy(passed.output, labels)
        return passed.output, *torch.autograd.grad(loss, [*made.parameters(), x, *passed.active])

    assert runs_normalized(made.readout, samples)
    mine = found()
    monkeypatch.setenv(EAGER, "1")
    assert not runs_normalized(made.readout, samples)
    for one, other in zip(mine, found(), strict=True):
        assert_same(one, other)


@native
@DTYPES
@pytest.mark.parametrize("slope", [0.0, 0.2])
def test_gradients_in_memory_of_their_own(dtype, slope):
    """The same at every call, for weights and batches that change."""
    made = networks(dtype, slope)
    mine = Backpropagation(made, 32)
    for shift in (0.0, 0.3):
        x, labels = batch(dtype, 32)
        x = x + shift
        loss = cross_entropy(made.forward(x).output, labels)
        expected = torch.autograd.grad(loss, made.parameters())
        for one, other in zip(mine.gradients(x, labels), expected, strict=True):
            assert_same(one, other)
        for parameter in made.parameters():
            parameter.data.mul_(1.1)


@native
def test_where_it_runs():
    like = torch.zeros(1)
    assert runs_normalized(like, 32)
    assert not runs_normalized(like, 20)
    assert not runs_normalized(like.half(), 32)


@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam", "adamw"])
def test_gradients_may_be_laid_out_otherwise(kind):
    weights = [torch.ones(3, 4, dtype=torch.float64) for _ in range(2)]
    gradient = torch.arange(12, dtype=torch.float64).view(4, 3)
    for weight, one in zip(weights, (gradient.T, gradient.T.contiguous()), strict=True):
        descent = Descent(kind, [weight], 0.1, 0.01)
        for _ in range(3):
            descent.step([one])
    torch.testing.assert_close(*weights, rtol=0, atol=0)
    with pytest.raises(ValueError, match="contiguous"):
        Descent(kind, [gradient.T], 0.1)
