"""First updates of filters, against torch's own gradients."""

import dataclasses

import pytest
import torch
from torch.nn import functional

from sim.lowrank.first_update import FirstUpdate, patches, shares
from sim.lowrank.kernels import normal
from sim.lowrank.spectra import participation
from sim.lowrank.streams import generator_of

SMALL = FirstUpdate(block=2, errors="gradient", filters=3, batch=5)


def test_the_update_is_torchs_gradient():
    generator = generator_of(SMALL, 1, range(2), "cpu")
    x, labels = SMALL._images(2, generator)
    weights = (normal((2, 9, 3), generator) * (2 / 9) ** 0.5).requires_grad_()
    readout = normal((2, 108, 10), generator) / 108**0.5
    found = SMALL.run(1, 0)
    for one in range(2):
        kernel = weights[one].T.reshape(3, 1, 3, 3)
        hidden = functional.conv2d(x[one, :, None], kernel).relu()
        out = hidden.permute(0, 2, 3, 1).flatten(1) @ readout[one]
        loss = functional.cross_entropy(out, labels[one])
        (slope,) = torch.autograd.grad(loss, weights)
        assert found[one]["PR"] == pytest.approx(participation(slope[one][None]).item())


def test_patches_are_torchs():
    x = normal((2, 3, 8, 8), torch.Generator().manual_seed(0))
    unfolded = functional.unfold(x.flatten(0, 1)[:, None], 3).transpose(1, 2)
    torch.testing.assert_close(patches(x), unfolded.reshape(2, 108, 9))


def test_share_is_that_of_the_covariance():
    seen = patches(normal((2, 3, 8, 8), torch.Generator().manual_seed(0)))
    for one, found in zip(seen, shares(seen), strict=True):
        covariance = one.T @ one
        assert found.item() == pytest.approx(
            ((covariance**2).sum() / covariance.trace() ** 2).item()
        )


def test_shuffled_pixels_have_less_to_share():
    units = dataclasses.replace(SMALL, shuffle=True, batch=64).run(0, 0)
    assert all(unit["share"] < unit["unshuffled share"] for unit in units)
    same = SMALL.run(0, 0)
    assert all(unit["share"] == unit["unshuffled share"] for unit in same)


def test_correlated_pixels():
    """Of 4 × 400 images: correlations have standard errors below 0.01, and 0.05 is 5."""
    images = dataclasses.replace(SMALL, source="correlated", correlation=0.6, batch=400)
    x, _ = images._images(4, torch.Generator().manual_seed(0))
    assert (x[..., 1:] * x[..., :-1]).mean().item() == pytest.approx(0.6, abs=0.05)
    assert (x[..., 1:, 1:] * x[..., :-1, :-1]).mean().item() == pytest.approx(0.36, abs=0.05)


def test_common_errors_give_rank_1():
    for unit in dataclasses.replace(SMALL, errors="common").run(0, 0):
        assert unit["PR"] == pytest.approx(1)
