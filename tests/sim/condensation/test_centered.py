"""σ(0) ≠ 0: the mean of y is fitted first, and the centered target decides what follows."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from sim.activation.compiled import compile as compile_activation
from sim.condensation.data_sources import OFFSET, draw
from sim.condensation.experiment import Condensation, weights_of
from sim.networks.gradients import gradients
from theory.condensation.convergence import unresolved
from theory.symbolic.activation import activation

SIGMOID = Condensation(activation="sigmoid(x)", data="offset-labels", inputs=2, neurons=40)


def test_offset_labels_are_random_labels_plus_an_offset():
    drawn = [SIGMOID.data_set(0, replicate)[0].y for replicate in range(200)]
    y = np.concatenate(drawn)
    # 8000 independent N(OFFSET, 1): beyond 5 standard errors with probability 6e-7
    assert abs(y.mean() - OFFSET) < 5 / math.sqrt(len(y))
    assert len({one[0] for one in drawn}) == 200


def test_the_leading_form_is_of_the_centered_target():
    experiment = Condensation(activation="sigmoid(x)", data="offset-labels", neurons=2000)
    rng = np.random.default_rng(0)
    data = draw("offset-labels", rng, 1, 40, 1)
    form = experiment.leading_form(data)
    rest = data.y - data.y.mean()
    for angle in np.linspace(0, 6, 7):
        z = data.augmented @ np.array([np.cos(angle), np.sin(angle)])
        # sigmoid(z) = 1/2 + z/4 + …
        expected = np.mean(rest * z) / 4
        assert float(form.value(np.array(angle))) == pytest.approx(expected, abs=1e-12)
    offset = experiment.protocol(data).offset
    assert offset is not None
    assert (offset.value_at_zero, offset.mean) == (0.5, float(np.mean(data.y)))
    assert Condensation().protocol(data).offset is None


@pytest.mark.parametrize("neurons", [1, 40, 400])
def test_the_longest_step_fits_nine_tenths_of_the_mean_at_once(neurons: int):
    # With w = 0 every neuron has the output a σ(0): loss'' along Σa is m σ(0)², and a step of
    # 1/(m σ(0)²) fits the mean exactly, one of 2/(m σ(0)²) would not end.
    experiment = Condensation(
        activation="sigmoid(x)", data="offset-labels", inputs=2, neurons=neurons
    )
    data = experiment._tensors([experiment.data_set(0, 0)[0]], "cpu")
    weights = weights_of([experiment.initial_weights(0, 0, 3)], "cpu")
    weights.w.zero_()
    weights.a.zero_()
    sigma = compile_activation(activation("sigmoid(x)"))
    _, da, _, _ = gradients(sigma, data, weights, coupled=True)
    fitted = float((experiment.method.longest_step(0.5) * da).sum()) * 0.5
    assert fitted == pytest.approx(0.9 * float(data.y.mean()), rel=1e-12)
    assert Condensation().method.longest_step(0.0) == math.inf


def test_the_output_has_fitted_the_mean_when_training_ends():
    experiment = Condensation(
        activation="sigmoid(x)", data="offset-labels", inputs=2, neurons=40, steps=40_000
    )
    sets = [experiment.data_set(0, k)[0] for k in range(3)]
    data = experiment._tensors(sets, "cpu")
    starts = [experiment.initial_weights(0, k, 3) for k in range(3)]
    trained = experiment._train(data, weights_of(starts, "cpu"))
    sigma = compile_activation(activation("sigmoid(x)"))
    f = gradients(sigma, data, trained.weights, coupled=True).outputs
    # Where the gradient of every a vanishes, Σᵢ rᵢ σ(zᵢ) = 0 for the residual r = f − y, hence
    # |mean r| ≤ rms(r) max|σ(z) − σ(0)|/σ(0).
    mean, residual = data.y.mean(1), f[:, 0] - data.y
    moved = (sigma(trained.weights.w @ data.x.mT)[0] - 0.5).abs().amax((1, 2)) / 0.5
    assert (residual.mean(1).abs() <= residual.square().mean(1).sqrt() * moved).all()
    assert float(moved.max()) < 0.11  # the stop rule's amplitude: |z| < 0.2 and some steps more
    # and nothing else: what the stop rule compares does not see the constant
    rest = f[:, 0] - f[:, 0].mean(1, keepdim=True)
    assert float((rest.norm(dim=1) / (data.y - mean[:, None]).norm(dim=1)).max()) < 0.2
    assert float(trained.moment_ratio.max()) < 0.1
    assert torch.equal(data.features.mean(1).abs() < 1e-12, torch.ones(3, 3, dtype=torch.bool))


def test_data_on_which_neurons_grow_too_slowly_are_passed_over():
    experiment = Condensation(
        activation="sigmoid(x)", data="offset-labels", neurons=40, steps=40_000
    )
    data, _ = experiment.data_set(0, 0)
    form, protocol = experiment.leading_form(data), experiment.protocol(data)
    assert protocol.time == pytest.approx(40_000 * 0.09)  # steps of at most 0.9/(m σ(0)²)
    assert unresolved(form, data.x, protocol) is None
    short = dataclasses.replace(protocol, time=1.0)
    assert "too slowly" in str(unresolved(form, data.x, short))
