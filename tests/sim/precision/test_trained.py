"""Rounded sums of trained networks and logits, against plain loops and numpy."""

import numpy as np
import pytest
import torch

from sim.precision.emulation.formats import floating_point
from sim.precision.emulation.rounding import rounding
from sim.precision.logits import RoundedLogits, unexplained
from sim.precision.trained import TrainedDigits, rounded_product, summed

X = torch.tensor([[[1.5, 0.0, -2.0, 0.25]]], dtype=torch.float64)
W = torch.tensor([[[1.0], [3.0], [0.5], [8.0]]], dtype=torch.float64)


def test_partial_sums():
    made = summed(X, W, floating_point(None, 8))  # products 1.5, 0, −1, 2; sums 1.5, 1.5, 0.5, 2.5
    products, sums = 1.5**2 + 1 + 4, 0.5**2 + 2.5**2
    assert made.value.item() == 2.5
    assert made.energy.item() == products + sums
    assert made.with_zeros.item() == products + sums + 1.5**2


def test_a_product_that_changes_no_sum_costs_its_square():
    x = torch.tensor([[[4.0, 0.2, 0.3]]], dtype=torch.float64)  # spacings of 1/2 at 4
    made = summed(x, torch.ones(1, 3, 1, dtype=torch.float64), floating_point(None, 3))
    lost = 0.2**2 * 32 * np.log(2) * 4**3
    assert made.energy.item() == pytest.approx(16 + 0.2**2 + 0.3**2 + lost + 4.5**2)


def test_rounded_product_is_that_of_float16():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(5, 20)).astype(np.float16)
    w = generator.normal(size=(20, 3)).astype(np.float16)
    total = np.zeros((5, 3), dtype=np.float16)
    for k in range(20):
        total = total + x[:, k, None] * w[None, k]
    found = rounded_product(
        torch.from_numpy(x.astype(float))[None],
        torch.from_numpy(w.astype(float))[None],
        rounding("float16"),
    )
    np.testing.assert_array_equal(found[0].numpy(), total.astype(float))


def test_networks_learn_and_are_those_of_their_seed():
    settings = TrainedDigits(block=4)
    units = settings.run(0, 0)
    assert units == settings.run(0, 0)
    assert min(unit["accuracy"] for unit in units) > 0.6


def test_unexplained_is_one_minus_squared_correlation():
    a, b = np.random.default_rng(0).normal(size=(2, 50))
    b = b + a
    found = unexplained(torch.from_numpy(a)[None], torch.from_numpy(b)[None]).item()
    np.testing.assert_allclose(found, 1 - np.corrcoef(a, b)[0, 1] ** 2, rtol=1e-12)


def test_logits_of_many_bits_lose_nothing():
    (unit,) = RoundedLogits(block=1, inputs=200, mantissa=24).run(0, 0)
    assert unit["loss"] == unit["flips"] == 0.0
    assert unit["R²"] == pytest.approx(1.0, abs=1e-12)


def test_every_flip_is_lost_where_labels_are_certain():
    (unit,) = RoundedLogits(block=1, inputs=200, mantissa=1, hard_labels=True).run(0, 0)
    assert unit["loss"] == unit["flips"] > 0
