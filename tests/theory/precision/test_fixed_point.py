"""Noise of fixed point, against quadrature, and where it equals that of floating point."""

import numpy as np
import pytest
from scipy import stats

from theory.precision.fixed_point import (
    Channels,
    best_fraction,
    beyond,
    boundary,
    fixed_noise,
    floating_noise,
    noise_of_step,
    ratio_steps,
    rounding_alone,
)
from theory.precision.formats import noise_of_format


def e4m3(channels: Channels) -> float:
    return floating_noise(3, -6, 448.0, channels)


@pytest.mark.parametrize("step", [0.03, 0.7, 5.0])
@pytest.mark.parametrize("bits", [3, 8])
def test_noise_is_that_of_rounding_on_a_fine_grid(step, bits):
    x, width = np.linspace(-9, 9, 2_000_001, retstep=True)
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    rounded = np.clip(np.round(x / step), low, high) * step
    expected = np.sum((x - rounded) ** 2 * stats.norm.pdf(x)) * width
    assert noise_of_step(np.array([step]), bits)[0] == pytest.approx(expected, rel=1e-4)


def test_a_coarse_step_loses_all_and_a_fine_one_a_twelfth():
    coarse, fine = noise_of_step(np.array([40.0, 0.05]), 16)
    assert coarse == pytest.approx(1)
    assert fine == pytest.approx(0.05**2 / 12, rel=1e-6)


def test_channels_of_one_scale_are_one_tensor():
    channels = Channels(64, 0.0, 0.75)
    assert np.all(channels.scales == 0.75)
    assert fixed_noise(8, 5, channels) == pytest.approx(noise_of_step(np.array([1 / 24]), 8)[0])
    assert rounding_alone(5, channels) == pytest.approx((1 / 24) ** 2 / 12)
    assert e4m3(channels) == pytest.approx(noise_of_format(3, -6, 448.0, 0.75))


def test_scales_of_channels_spread_as_said():
    logs = np.log2(Channels(1000, 2.0, 4.0).scales)
    assert np.mean(logs) == pytest.approx(2.0)
    assert np.std(logs) == pytest.approx(2.0, rel=0.01)


def test_one_tensor_has_an_eighth_of_the_noise_of_floating_point():
    one = Channels(64, 0.0)
    assert best_fraction(8, one) == 5
    assert e4m3(one) / fixed_noise(8, 5, one) == pytest.approx(8.0, rel=0.01)


def test_at_the_boundary_both_are_equal():
    found = boundary(8, e4m3, 64)
    at = Channels(64, found)
    assert 0.7 < found < 0.8
    assert fixed_noise(8, best_fraction(8, at), at) == pytest.approx(e4m3(at), rel=1e-4)


def test_the_boundary_is_between_those_said():
    found = [boundary(8, e4m3, 64, float(2**u)) for u in np.linspace(0, 1, 24, endpoint=False)]
    assert 0.55 < min(found) < 0.65
    assert 0.75 < max(found) < 0.85


def test_the_derivation_uses_the_mean_beyond_a_threshold():
    (j, d) = sorted(beyond().free_symbols, key=str, reverse=True)
    assert float(beyond().subs({j: 2, d: 1.0})) == pytest.approx(2 * stats.norm.pdf(1.5))
    *_, (_, last) = ratio_steps()
    assert last is not None
