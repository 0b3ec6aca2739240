"""Stochastic rounding: two neighbors, the right mean, and what must not change.

Means are judged at 6 standard deviations, 2e-9 each; 40 of them, so 1e-7 in all.
"""

import numpy as np
import pytest
import torch

from sim.precision.emulation.rounding import rounded

DRAWS = 40_000
VALUES = [1.001, 1.25, -3.77, 0.1, 1e-3, 17.3, -0.3, 5e-4, 2.0**-17, 300.0]


def drawn(value: float, format: str, seed: int) -> np.ndarray:
    generator = torch.Generator().manual_seed(seed)
    values = torch.full((DRAWS,), value, dtype=torch.float64)
    return rounded(values, format, "stochastic", generator).numpy()


@pytest.mark.parametrize("format", ["bfloat16", "float8_e5m2", "float8_e4m3fn", "fixed16.6"])
def test_mean_and_two_neighbors(format: str):
    """Below and above are the truncated value and what follows it away from zero."""
    for seed, value in enumerate(VALUES):
        low = float(rounded(np.array([value]), format, "truncation")[0])
        found = drawn(value, format, seed)
        others = np.unique(found[found != low])
        assert len(others) <= 1
        if low == value:
            assert len(others) == 0
            continue
        # the nearest number to what lies a bit beyond the value's other neighbor
        gap = others[0] - low if len(others) else np.inf
        assert np.sign(gap) == np.sign(value)
        assert abs(low) < abs(value) < abs(low + gap)
        middle = rounded(np.array([low + 0.49 * gap, low + 0.51 * gap]), format)
        np.testing.assert_array_equal(middle, [low, low + gap])  # no number between them
        chance = (value - low) / gap
        expected_sd = abs(gap) * np.sqrt(chance * (1 - chance) / DRAWS)
        assert abs(found.mean() - value) <= 6 * expected_sd


def test_below_the_smallest_number():
    """Fractions of the smallest subnormal come out as that or a zero of the value's sign."""
    value = -0.3 * 2.0**-9
    found = drawn(value, "float8_e4m3fn", 0)
    assert set(np.unique(found)) == {-(2.0**-9), 0.0}
    assert np.signbit(found).all()
    assert abs(found.mean() / value - 1) <= 6 * np.sqrt(0.7 / 0.3 / DRAWS)


def test_what_is_no_number_stays():
    found = rounded(
        np.array([np.inf, -np.inf, np.nan, 0.0, -0.0]), "m7", "stochastic", torch.Generator()
    )
    np.testing.assert_array_equal(found, [np.inf, -np.inf, np.nan, 0.0, -0.0])
    np.testing.assert_array_equal(np.signbit(found[3:]), [False, True])


def test_a_number_of_the_format_stays_whatever_is_drawn(monkeypatch):
    monkeypatch.setattr(torch, "rand", lambda shape, **_: torch.zeros(shape, dtype=torch.float64))
    values = np.array([1.0, -1.5, 0.0, 1.01])
    found = rounded(values, "m3", "stochastic", torch.Generator())
    np.testing.assert_array_equal(found, [1.0, -1.5, 0.0, 1.125])


def test_the_generator_decides():
    values = torch.linspace(1, 2, 1000, dtype=torch.float64)
    same, again, other = (
        rounded(values, "bfloat16", "stochastic", torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(same, again)
    assert not torch.equal(same, other)
