"""Data with known orientations: the moments that they promise, and training on them."""

import math
from itertools import product

import numpy as np
import pytest
import torch

from sim.activation.compiled import compile as compile_activation
from sim.condensation.clustering import clusters
from sim.condensation.recipes import orthogonally_decomposable
from sim.networks.ensemble import Data, End, Stop, Weights, monomials
from sim.networks.training import Clock, descend
from theory.symbolic.activation import activation


@pytest.mark.parametrize("dimension", [2, 3, 5])
def test_the_moment_tensor_is_the_sum_of_cubes(dimension: int):
    data, basis = orthogonally_decomposable(np.random.default_rng(dimension), dimension)
    np.testing.assert_allclose(basis @ basis.T, np.eye(dimension), atol=1e-12)
    assert data.x.shape == (2 * math.comb(dimension + 2, 3), dimension - 1)
    assert np.abs(data.x).max() <= math.sqrt(3)
    x, n = data.augmented, len(data.y)
    for i, j, k in product(range(dimension), repeat=3):
        moment = np.sum(data.y * x[:, i] * x[:, j] * x[:, k]) / n
        assert moment == pytest.approx(np.sum(basis[:, i] * basis[:, j] * basis[:, k]), abs=1e-10)


def test_the_targets_have_the_least_norm():
    data, _ = orthogonally_decomposable(np.random.default_rng(0), 3, samples=25)
    features = monomials(torch.tensor(data.augmented)[None], 3)[0].numpy()
    weights = np.linalg.lstsq(features, data.y, rcond=None)[0]
    np.testing.assert_allclose(features @ weights, data.y, atol=1e-9)  # in the span, no more


def test_the_basis_is_uniform():
    # each entry of a uniform basis of the plane has mean 0 and variance 1/2: 400 bases, six
    # standard deviations of the mean 0.21, of the mean square (variance 1/8) 0.11; chance 2e-9
    rng = np.random.default_rng(0)
    bases = np.array([orthogonally_decomposable(rng, 2)[1] for _ in range(400)])
    assert np.abs(bases.mean(axis=0)).max() < 6 * math.sqrt(1 / 2 / 400)
    assert np.abs((bases**2).mean(axis=0) - 0.5).max() < 6 * math.sqrt(1 / 8 / 400)


def test_bad_sizes_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="at least 2 dimensions"):
        orthogonally_decomposable(rng, 1)
    with pytest.raises(ValueError, match="20 moments need as many samples"):
        orthogonally_decomposable(rng, 4, samples=19)


def test_trained_neurons_find_eight_orientations_in_four_dimensions():
    data, basis = orthogonally_decomposable(np.random.default_rng(4), 4)
    x, y = torch.tensor(data.augmented)[None], torch.tensor(data.y)[None]
    # the least share is that of 8 equal ones less the dead: that one of 200 neurons' falls below
    # 4 of 200 has chance below 1e-6 (binomial with share 0.12)
    start = 1e-6 * torch.tensor(np.random.default_rng(5).standard_normal((1, 200, 5)))
    trained = descend(
        compile_activation(activation("x**2*tanh(x)")),
        Data(x, y, monomials(x, 3)),
        Weights(start[..., :-1].contiguous(), start[..., -1].contiguous()),
        step=0.02,
        clock=Clock.NEURON,
        coupled=False,
        stop=Stop(),
    )
    end = trained.end[0].numpy()
    kept = (end == End.MOMENT) | (end == End.AMPLITUDE)
    w, a = trained.weights.w[0].numpy()[kept], trained.weights.a[0].numpy()[kept]
    found = clusters(w / np.linalg.norm(w, axis=1, keepdims=True), np.where(a > 0, 1, -1), len(end))
    assert len(found) == 8
    for one in found:
        cosine = one.sign * basis @ np.array(one.direction)
        assert cosine.max() > math.cos(math.radians(2))
