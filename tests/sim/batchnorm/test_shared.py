"""Sums over shared batches, in torch calls and in machine code."""

import pytest
import torch
from torch import Tensor

from sim.batchnorm.passage import Passages
from sim.batchnorm.shared import shared_gate_sums, shared_noise
from sim.batchnorm.units import gate_sums, normalized_batches
from sim.native import EAGER, compiler


@pytest.mark.parametrize("batch", [4, 16, 64])
def test_sums_of_a_shared_batch(batch):
    """Against sums over each unit's own copy: γ of both signs, some without active samples."""
    generator = torch.Generator().manual_seed(0)
    x = normalized_batches(generator, 5, batch)
    gamma = torch.randn(100, generator=generator).double()
    beta = 2 * torch.randn(100, generator=generator).double()
    found = shared_gate_sums(x, gamma, beta)
    expected = gate_sums(x.repeat_interleave(20, dim=0), gamma, beta)
    assert (expected.s0 == 0).any()
    assert (gamma < 0).any()
    assert torch.equal(found.s0.double(), expected.s0)
    for one, other in ((found.s1, expected.s1), (found.s2, expected.s2)):
        torch.testing.assert_close(one.double(), other, rtol=1e-5, atol=1e-5)
        assert (one[expected.s0 == 0] == 0).all()


@pytest.mark.skipif(compiler() is None, reason="needs a compiler")
@pytest.mark.parametrize("batch", [4, 17, 64])
@pytest.mark.parametrize("units", [1, 5, 16, 40])
def test_machine_code_says_the_same(batch: int, units: int, monkeypatch: pytest.MonkeyPatch):
    """As exactly as the variance that is left of S₂ by S₁²/S₀ allows."""
    generator = torch.Generator().manual_seed(1)
    x = normalized_batches(generator, 9, batch)
    gamma = torch.randn(9 * units, generator=generator).double()
    beta = 2 * torch.randn(9 * units, generator=generator).double()
    normals = torch.randn(2, 9 * units, generator=generator)

    def found() -> Tensor:
        return shared_noise(x, gamma, beta, normals, 1.5) * batch / 1.5

    native = found()
    monkeypatch.setenv(EAGER, "1")
    torch.testing.assert_close(native[1], found()[1], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(native[0], found()[0], rtol=1e-4, atol=0.01)


@pytest.mark.skipif(compiler() is None, reason="needs a compiler")
def test_the_same_passages(monkeypatch: pytest.MonkeyPatch):
    """All but a few units, which rounding sends to the other side of the threshold."""
    experiment = Passages(units=50, batch=16, rate=0.4, block=20, clocks=(0.5, 1.0), follow=True)
    native = torch.tensor([one["passed"] for one in experiment.run(0, 0)])
    monkeypatch.setenv(EAGER, "1")
    torch_calls = torch.tensor([one["passed"] for one in experiment.run(0, 0)])
    assert (native - torch_calls).abs().sum() <= 5 / 50
