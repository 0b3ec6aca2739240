"""Experiments on truncation, against numpy kernel by kernel."""

import numpy as np
import pytest
import torch

from sim.lowrank.kernels import normal
from sim.lowrank.streams import generator_of
from sim.lowrank.truncation import Truncation

SMALL = Truncation(
    block=3, rows=6, columns=10, kernels=2, ranks=(1, 3), strength=4.0, shuffle=False
)


def test_measured_is_what_numpy_says_of_each_kernel():
    generator = generator_of(SMALL, 1, range(3), "cpu")
    kernels = normal((6, 6, 10), generator).numpy() + (4 / 60**0.5) ** 0.5
    left, values, right = np.linalg.svd(kernels, full_matrices=False)
    energy = values**2
    expected = {
        "top": energy[:, 0],
        "left": left[:, :, 0].sum(1) ** 2 / 6,
        "right": right[:, 0].sum(1) ** 2 / 10,
    }
    found = SMALL.run(1, 0)
    for name, one in expected.items():
        each = [unit[name] for unit in found]
        assert each == pytest.approx(one.reshape(3, 2).mean(1).tolist())
    tails = 1 - energy.cumsum(1)[:, [0, 2]] / energy.sum(1)[:, None]
    np.testing.assert_allclose([u["tail"] for u in found], tails.reshape(3, 2, 2).mean(1))


def test_result_is_that_of_its_seed():
    first, again, other = SMALL.run(1, 0), SMALL.run(1, 0), SMALL.run(2, 0)
    assert first == again
    assert first != other
    assert torch.tensor([unit["top"] for unit in first]).unique().numel() == 3
