"""Kernels, their permutations and spectra, against numpy one by one."""

import numpy as np
import pytest
import torch

from sim.lowrank.kernels import LAWS, drawn, low_rank, shuffled
from sim.lowrank.spectra import energies, fourth_moment, kurtosis, participation, power_sums, tails

SHAPE = (5, 6, 9)


def generator():
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("entries", LAWS)
def test_a_permutation_keeps_the_entries(entries):
    kernels = drawn(entries, SHAPE, generator())
    moved = shuffled(kernels, generator())
    assert not torch.equal(moved, kernels)
    torch.testing.assert_close(moved.flatten(1).sort(1).values, kernels.flatten(1).sort(1).values)
    torch.testing.assert_close(power_sums(moved), power_sums(kernels))


def test_every_place_is_as_likely():
    """24,000 permutations of 6: each of 36 counts is off by 5 standard errors once in 10⁵ runs."""
    kernels = torch.arange(6.0, dtype=torch.float64).reshape(1, 2, 3).repeat(24_000, 1, 1)
    moved = shuffled(kernels, generator()).flatten(1)
    counts = torch.stack([(moved == entry).sum(0) for entry in range(6)]).double()
    assert (counts - 4000).abs().max() < 5 * (24_000 * 5 / 36) ** 0.5


def test_spectra_are_those_of_numpy():
    for kernels in (drawn("gaussian", SHAPE, generator()), drawn("mean", (3, 9, 4), generator())):
        values = np.linalg.svd(kernels.numpy(), compute_uv=False) ** 2
        np.testing.assert_allclose(energies(kernels), values, atol=1e-10)
        np.testing.assert_allclose(fourth_moment(kernels), (values**2).sum(1))
        np.testing.assert_allclose(participation(kernels), values.sum(1) ** 2 / (values**2).sum(1))
        expected = 1 - values[:, :3].cumsum(1)[:, [0, 2]] / values.sum(1)[:, None]
        np.testing.assert_allclose(tails(kernels, (1, 3)), expected, atol=1e-10)


def test_low_rank_has_its_rank_and_variance():
    kernels = low_rank(2, (40, 30, 50), generator())
    assert energies(kernels)[:, 2:].abs().max() < 1e-8
    # mean squares have a standard deviation of 0.27: 0.25 is 6 standard errors of 40
    assert kernels.square().mean().item() == pytest.approx(1, abs=0.25)


def test_laws_of_entries():
    """Of 10⁵ entries; the limits are 5 standard errors or more (10⁻⁶)."""
    made = {law: drawn(law, (1, 100, 1000), generator()) for law in LAWS}
    assert kurtosis(made["gaussian"]).item() == pytest.approx(3, abs=0.08)
    assert kurtosis(made["uniform"]).item() == pytest.approx(1.8, abs=0.03)
    assert made["mean"].mean().item() == pytest.approx(0.3, abs=0.02)
    assert kurtosis(made["student 1.5"]).item() > 100
    assert made["features"].min() == 0
    # of Student's law with 3 degrees of freedom a third beyond 1.1 in absolute value: 0.3517
    beyond = (made["student 3"].abs() > 1.1).double().mean().item()
    assert beyond == pytest.approx(0.3517, abs=0.008)
