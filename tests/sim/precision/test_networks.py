"""Random networks with rounded operands: constants of rounding, streams, exact limits."""

import dataclasses

import numpy as np
import pytest
import torch

from sim.precision.emulation.rounding import rounded
from sim.precision.networks import RandomNetworks, energy_share, noise_to_signal

SMALL = RandomNetworks(block=9, width=16, layers=2, inputs=8)


def test_share_is_the_noise_of_rounding():
    generator = torch.Generator().manual_seed(0)
    values = torch.rand((3, 200, 200), generator=generator, dtype=torch.float64)
    noise = noise_to_signal(values, rounded(values, "m8"))
    share = energy_share(values)
    # of 40,000 squares: a standard error of 0.5 %, and 3 % is above 6 of them (below 1e-8)
    torch.testing.assert_close(noise / 4.0**-8, share, rtol=0.03, atol=0)
    # of uniform numbers it is 3/7 of 1/12, and not that of a logarithmic mantissa
    torch.testing.assert_close(share, torch.full_like(share, 3 / 7 / 12), rtol=0.03, atol=0)


def test_result_is_that_of_its_seed():
    first, again, other = SMALL.run(1, 0), SMALL.run(1, 0), SMALL.run(2, 0)
    assert first == again
    assert first != other
    assert len(first) == 9
    assert len({one["noise"] for one in first}) == 9


def test_many_bits_leave_no_noise():
    exact = dataclasses.replace(SMALL, mantissa=24).run(0, 0)
    assert max(one["noise"] for one in exact) < 4.0**-22


@pytest.mark.parametrize("activation", ["tanh", "relu", "linear"])
def test_noise_falls_fourfold_with_a_bit(activation):
    variance = {"tanh": 6.0, "relu": 2.0, "linear": 1.0}[activation]
    made = [
        RandomNetworks(100, activation, variance, width=32, layers=2, inputs=16, mantissa=m)
        for m in (8, 10)
    ]
    few, many = (np.mean([unit["noise"] for unit in one.run(0, 0)]) for one in made)
    # each mean has a relative standard error below 1 %: 10 % is 7 of their ratio's, below 1e-10
    assert few / many == pytest.approx(16, rel=0.1)
