"""Tensors rounded once: what is measured, against ml_dtypes and numpy.

Samples are of fixed seeds; limits leave 6 standard errors, of which one in 10⁸ would be beyond.
"""

import numpy as np
import pytest

from sim.precision.quantization import Quantization

ml_dtypes = pytest.importorskip("ml_dtypes")


def measured(**settings) -> dict[str, np.ndarray]:
    rows = Quantization(block=4, **settings).run(0, 0)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def test_noise_is_that_of_ml_dtypes():
    experiment = Quantization(block=2, scale=0.5)
    stream = experiment.stream(0, 1, "tensor")
    stream.random(1)  # of the octave
    x = 0.5 * stream.standard_normal(4096)
    rounded = x.astype(np.float32).astype(ml_dtypes.float8_e4m3fn).astype(float)
    expected = np.sum((rounded - x) ** 2) / np.sum(x**2)
    row = experiment.run(0, 0)[1]
    assert row["pooled"] == pytest.approx(expected, rel=1e-4)  # float32 may change a tie
    assert row["channel"] == pytest.approx(row["pooled"])
    assert row["steps"] == 0.5 * 2**9


def test_what_is_too_large_saturates():
    found = measured(format="float8_e4m3fn", scale=1e5)
    assert found["pooled"] == pytest.approx(1, abs=0.02)


def test_without_subnormals_small_numbers_are_lost():
    plain, without = (measured(scale=2.0**-8, subnormals=one)["pooled"] for one in (True, False))
    assert np.all(plain < 0.1)
    assert np.all(without > 0.5)


def test_truncation_has_about_four_times_the_noise():
    nearest = measured(length=20_000)["pooled"]
    zero = measured(mode="truncation", length=20_000)["pooled"]
    assert np.mean(zero) / np.mean(nearest) == pytest.approx(3.7, abs=0.3)


def test_channels_of_a_spread_have_the_scales_of_quantiles():
    experiment = Quantization(spread=1.0, channels=3, scale=2.0)
    scales = experiment._scales(experiment.stream(0, 0, "tensor"))[:, 0]
    assert np.log2(scales) == pytest.approx([1 - 0.967422, 1.0, 1 + 0.967422], abs=1e-5)


def test_octaves_have_a_scale_in_each_share():
    experiment = Quantization(octaves=1.0, channels=4)
    logs = np.log2(experiment._scales(experiment.stream(0, 0, "tensor"))[:, 0])
    assert np.floor(4 * logs).tolist() == [0, 1, 2, 3]


def test_a_ratio_is_of_two_formats_on_the_same_tensor():
    settings = {"channels": 4, "length": 512}
    same = measured(against="float8_e4m3fn", **settings)
    assert np.all(same["ratio"] == 1)
    finer = measured(against="float16", **settings)
    assert np.mean(finer["ratio"]) == pytest.approx(4.0**7, rel=0.2)


def test_blocks_share_a_power_of_two_along_channels():
    alone = measured(format="fixed8.6", channels=2, spread=10.0, length=512)
    shared = measured(format="fixed8.6", shared=32, channels=2, spread=10.0, length=512)
    assert np.all(alone["channel"] > 0.3)
    assert np.all(shared["channel"] < 1e-3)
    named = measured(format="mxint8", channels=2, spread=10.0, length=512)
    assert np.all(named["channel"] < 1e-3)


def test_heavier_tails_have_the_same_variance():
    laplace = Quantization(data="laplace", length=200_000)
    values = laplace._values(laplace.stream(0, 0, "tensor"))
    error = np.sqrt(5 / values.size)  # of the mean square: E x⁴ is 6 for variance 1
    assert np.mean(values**2) == pytest.approx(1, abs=6 * error)
