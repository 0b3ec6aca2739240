"""Units with batch normalization: against autograd, plain sums, and the exact moments."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from sim.batchnorm.units import (
    GateSums,
    centered,
    gate_sums,
    noise_gradient,
    noise_step,
    normalized_batches,
    torch_generator,
)
from theory.batchnorm.moments import finite_batch_centered_moments, finite_batch_moments

GAMMA = torch.tensor([0.5, 2.0, -1.5, 0.01, 1.0], dtype=torch.float64)
BETA = torch.tensor([0.3, -1.0, 0.4, 0.02, -9.0], dtype=torch.float64)
SLOPES = pytest.mark.parametrize("slope", [0.0, 0.3])
AXES = torch.eye(2, dtype=torch.float64)  # each of the two normals alone


def batches(units: int, batch: int, seed: int = 0) -> torch.Tensor:
    return normalized_batches(torch.Generator().manual_seed(seed), units, batch)


@pytest.mark.parametrize("batch", [3, 8, 64])
def test_batches_are_normalized(batch: int):
    x = batches(1000, batch).double()
    assert x.mean(dim=1).abs().max() < 1e-6
    torch.testing.assert_close(x.square().mean(dim=1), torch.ones(1000).double(), atol=2e-6, rtol=0)


@SLOPES
def test_gate_sums_are_plain_sums(slope: float):
    x = batches(5, 32)
    found = gate_sums(x, GAMMA, BETA, slope)
    for unit in range(5):
        one = x[unit].double().numpy()
        gate = np.where(float(GAMMA[unit]) * one + float(BETA[unit]) > 0, 1.0, slope)
        expected = [float(np.sum(gate**2 * one**k)) for k in range(3)]
        np.testing.assert_allclose([float(s[unit]) for s in found], expected, atol=2e-5)
        assert all(s.dtype == torch.float64 for s in found)


@SLOPES
def test_float32_inputs_change_the_noise_by_rounding_only(slope: float):
    """The same inputs in float64: the variances of the noise agree to 10⁻⁶, the margin is 3 %."""
    x = batches(2000, 64)
    gamma, beta = torch.full((2000,), 0.7).double(), torch.linspace(-1, 1, 2000).double()
    single, double = (gate_sums(one, gamma, beta, slope) for one in (x, x.double()))
    for a, b in zip(single, double, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-4)


def jacobian(x: torch.Tensor, gamma: float, beta: float, slope: float) -> torch.Tensor:
    """d(∂γ, ∂β)/dδ of torch's own batch normalization: rows are parameters, columns samples."""
    layer = nn.BatchNorm1d(1, eps=1e-12).double()
    with torch.no_grad():
        layer.weight.fill_(gamma)
        layer.bias.fill_(beta)
    output = nn.functional.leaky_relu(layer(x[:, None]), slope)[:, 0]
    rows = [
        torch.autograd.grad(one / len(x), (layer.weight, layer.bias), retain_graph=True)
        for one in output
    ]
    return torch.tensor([[float(g) for g in row] for row in rows], dtype=torch.float64).T


@SLOPES
@pytest.mark.parametrize(("gamma", "beta"), [(0.8, 0.3), (-1.2, 0.5), (0.5, -1.0)])
def test_two_normals_have_the_covariance_of_torchs_gradients(slope, gamma, beta):
    """∂γ and ∂β are linear in the samples' δ ~ N(0, s²), so that their covariance says it all."""
    batch, std = 24, 1.7
    x = batches(1, batch).double()
    rows = jacobian(x[0], gamma, beta, slope)
    expected = std**2 * rows @ rows.T
    sums = gate_sums(x, torch.tensor([gamma]).double(), torch.tensor([beta]).double(), slope)
    made = noise_gradient(sums, AXES[:, :, None], batch, std)
    factor = torch.stack(made)[:, :, 0]  # of the covariance
    torch.testing.assert_close(factor @ factor.T, expected, rtol=1e-6, atol=1e-9)


def test_centered_noise_has_the_covariance_of_a_projection():
    batch = 24
    x = batches(1, batch).double()
    rows = jacobian(x[0], 0.8, 0.3, 0.0)
    projection = torch.eye(batch).double() - 1 / batch
    expected = batch / (batch - 1) * rows @ projection @ rows.T
    sums = gate_sums(x, torch.tensor([0.8]).double(), torch.tensor([0.3]).double())
    factor = torch.stack(noise_gradient(centered(sums, batch), AXES[:, :, None], batch))[:, :, 0]
    torch.testing.assert_close(factor @ factor.T, expected, rtol=1e-6, atol=1e-9)


def test_gradients_before_a_layer_with_batch_normalization_sum_to_zero():
    """What makes the noise of hidden layers centered, in a network of torch's own layers."""
    torch.manual_seed(0)
    hidden = torch.randn(40, 16, dtype=torch.float64, requires_grad=True)
    following = nn.Sequential(nn.Linear(16, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 3))
    (following.double()(hidden) * torch.randn(40, 3).double()).sum().backward()
    assert hidden.grad is not None
    assert hidden.grad.sum(dim=0).abs().max() < 1e-12 * hidden.grad.abs().max() * 40
    assert hidden.grad.abs().max() > 1e-3


@pytest.mark.parametrize("batch", [8, 16, 64])
@pytest.mark.parametrize("r", [-1.0, 0.5])
def test_exact_moments_are_the_means_of_the_sums(batch: int, r: float):
    """9 means of 60,000 batches each, by 6.5 standard errors: false alarms below 10⁻⁶ in all."""
    units = 60_000
    gamma = torch.full((units,), 0.5, dtype=torch.float64)
    sums = gate_sums(batches(units, batch, seed=batch), gamma, r * gamma, 0.2)
    plain = gate_sums(batches(units, batch, seed=batch), gamma, r * gamma)
    at = np.array([r])
    compared = [
        (sums, finite_batch_moments(at, batch, 0.2)),
        (plain, finite_batch_moments(at, batch)),
        (centered(plain, batch), finite_batch_centered_moments(at, batch)),
    ]
    for found, exact in compared:
        for mean, expected in zip(found, (exact.m0, exact.m1, exact.m2), strict=True):
            error = float(mean.std()) / batch / math.sqrt(units)
            assert abs(float(mean.mean()) / batch - expected[0]) < 6.5 * error


def test_nothing_moves_without_an_active_sample():
    sums = gate_sums(batches(1, 64), GAMMA[4:], BETA[4:])
    assert all(float(s[0]) == 0 for s in sums)
    step = noise_step(sums, torch.randn(2, 4, 1, dtype=torch.float64), 64, rate=1.0)
    assert all((one == 0).all() for one in step)


def test_steps_descend_and_are_antithetic():
    sums = GateSums(*(torch.tensor([v], dtype=torch.float64) for v in (30.0, 20.0, 25.0)))
    normals = torch.randn(2, 1, dtype=torch.float64)
    gradient = noise_gradient(sums, normals, 64, std=2.0)
    step = noise_step(sums, normals, 64, rate=0.1, std=2.0)
    back = noise_step(sums, -normals, 64, rate=0.1, std=2.0)
    for g, there, again in zip(gradient, step, back, strict=True):
        torch.testing.assert_close(there, -0.1 * g)
        torch.testing.assert_close(again, -there)


def test_generators_are_keyed_by_their_stream():
    def drawn(seed: int) -> torch.Tensor:
        return torch.randn(4, generator=torch_generator(np.random.default_rng(seed)))

    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))
