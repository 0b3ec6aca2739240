"""Drift inside networks: the laws of single units with the moments of the layer."""

import numpy as np
import pytest
import torch

from theory.batchnorm import networks
from theory.batchnorm.moments import drift, finite_batch_centered_moments, finite_batch_moments
from theory.batchnorm.networks import (
    NOTICEABLE,
    accuracy_prediction,
    equal_prediction,
    growth_prediction,
    idle_prediction,
    layer_drift,
    layer_prediction,
    network_steps,
    prevention_prediction,
)

R = np.array([-3.01, -1.237, -0.2, 0.0, 0.456, 1.9])


@pytest.mark.parametrize("centered", [True, False])
@pytest.mark.parametrize("batch", [16, 64])
def test_layer_drift_is_that_of_single_units(centered, batch):
    """Interpolation errs by less than 1e-4 of the largest drift."""
    gamma = np.array([0.5, -2.0, 1.0, 1.5, -0.7, 1.0])
    power = np.linspace(0.1, 2.0, 6)
    found = layer_drift(gamma, R * np.abs(gamma), power, rate=0.1, batch=batch, centered=centered)
    moments = finite_batch_centered_moments if centered else finite_batch_moments
    noise = 0.1**2 * power / (batch * gamma**2)
    np.testing.assert_allclose(found / noise, drift(moments(R, batch), R).mean_theta, atol=1e-4)


def test_the_law_needs_a_scale():
    with pytest.raises(ValueError, match="γ ≠ 0"):
        layer_drift(np.zeros(1), np.ones(1), np.ones(1), rate=0.1, batch=8, centered=False)


def test_gradients_below_a_normalized_layer_sum_to_zero():
    x = torch.randn(12, 5, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(7, 5, dtype=torch.float64)
    normal = torch.nn.functional.batch_norm(x @ weight.T, None, None, training=True)
    (normal * torch.randn(12, 7, dtype=torch.float64)).sum().backward()
    assert x.grad is not None
    assert float(x.grad.sum(0).abs().max()) < 1e-12
    assert float(x.grad.abs().max()) > 1e-3


def test_derivation_and_predictions():
    assert len(network_steps()) == 3
    assert layer_prediction().expected == 1.0
    for made in (
        growth_prediction(),
        prevention_prediction(),
        idle_prediction(),
        accuracy_prediction(),
    ):
        assert made.required_share == 0.5
        assert made.margin_reason
    assert equal_prediction().margin == NOTICEABLE / 2


@pytest.mark.parametrize("fault", [lambda g, x: x, lambda g, x: g, lambda g, x: -x])
def test_another_gradient_through_a_normalized_layer_is_refused(fault, monkeypatch):
    """One with a share of the input, one that does not sum to 0, one of the other sign."""
    right = networks._backward

    def wrong(gradients, normal, scale):
        back = right(gradients, normal, scale)
        return [b + fault(g, x) for b, g, x in zip(back, gradients, normal, strict=True)]

    monkeypatch.setattr(networks, "_backward", wrong)
    with pytest.raises(ArithmeticError, match="batch normalization"):
        networks._check_backward()
