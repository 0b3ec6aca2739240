"""Fixed point against exact integers; block formats against element casts of ml_dtypes."""

import math
import re
from collections.abc import Callable
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
import torch

from sim.precision.emulation.blocks import BlockFormat
from sim.precision.emulation.fixed_point import FixedPoint
from sim.precision.emulation.modes import Mode
from sim.precision.emulation.named import MXFP4_E2M1, MXINT8, format_named
from sim.precision.emulation.rounding import rounded

ELEMENTS = {
    "mxfp8_e4m3": ml_dtypes.float8_e4m3fn,
    "mxfp8_e5m2": ml_dtypes.float8_e5m2,
    "mxfp6_e2m3": ml_dtypes.float6_e2m3fn,
    "mxfp6_e3m2": ml_dtypes.float6_e3m2fn,
    "mxfp4_e2m1": ml_dtypes.float4_e2m1fn,
}


@pytest.mark.parametrize(("bits", "fraction"), [(8, 6), (8, 0), (12, 15), (16, -3), (2, 0)])
def test_fixed_point(bits: int, fraction: int):
    rng = np.random.default_rng(0)
    format = FixedPoint(bits, fraction)
    ties = (rng.integers(-(2**bits), 2**bits, 1000) + 0.5) * format.step
    values = np.concatenate([rng.normal(size=1000) * format.max, ties, [0.0, -0.0]])
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    roundings: dict[Mode, Callable[[Fraction], int]] = {"nearest": round, "truncation": math.trunc}
    for mode, to_integer in roundings.items():
        expected = [
            min(max(to_integer(Fraction(value) / Fraction(format.step)), low), high) * format.step
            for value in values
        ]
        found = rounded(values, format, mode)
        np.testing.assert_array_equal(found, expected)
        assert not np.signbit(found[found == 0]).any()
    extremes = rounded(np.array([np.inf, -np.inf, np.nan]), format)
    np.testing.assert_array_equal(extremes, [format.max, format.min, np.nan])
    assert (format.min, format.max) == (low * format.step, high * format.step)


def expected_blocks(values: np.ndarray, element: np.dtype, size: int = 32) -> np.ndarray:
    """OCP's algorithm for each block of each row, scales by frexp, elements by ml_dtypes."""
    info = ml_dtypes.finfo(element)
    found = np.zeros_like(values)
    for row, out in zip(values, found, strict=True):
        for start in range(0, len(row), size):
            block = row[start : start + size]
            largest = np.abs(block).max()
            if largest == 0:
                continue
            exponent = math.frexp(largest)[1] - math.frexp(float(info.max))[1]
            scale = 2.0 ** min(max(exponent, -127), 127)
            elements = np.clip(block / scale, -float(info.max), float(info.max))
            out[start : start + size] = elements.astype(np.float32).astype(element) * scale
    return found


@pytest.mark.parametrize("name", ELEMENTS)
def test_microscaling_floating_point(name: str):
    """Rows of very different sizes, zero blocks, limited scales, and a short last block."""
    rng = np.random.default_rng(1)
    sizes = np.exp2(np.linspace(-160, 124, 60))[:, None]
    values = (rng.normal(size=(60, 80)) * sizes).astype(np.float32).astype(np.float64)
    values[::7, :32] = 0
    np.testing.assert_array_equal(
        rounded(values, name), expected_blocks(values, np.dtype(ELEMENTS[name]))
    )


def test_microscaling_integers():
    """Sixty-fourths of the power of two below the largest, up to 127 of them."""
    values = np.random.default_rng(2).normal(size=(500, 32))
    scale = np.exp2(np.floor(np.log2(np.abs(values).max(1, keepdims=True))))
    expected = np.clip(np.rint(64 * values / scale), -127, 127) * scale / 64
    np.testing.assert_array_equal(rounded(values, "mxint8"), expected)
    assert (np.abs(64 * values / scale) > 127.5).any()  # saturation is seen


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("mxint8", 41.7),
        ("mxfp8_e4m3", 30.6),
        ("mxfp6_e2m3", 30.9),
        ("mxfp6_e3m2", 25.4),
        ("mxfp4_e2m1", 18.8),
    ],
)
def test_signal_to_noise_of_gaussians(name: str, reference: float):
    """In dB, from one fixed draw of 32,768 blocks, which makes up for ±0.03."""
    values = torch.randn(1 << 20, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    noise = (rounded(values, name) - values).square().mean() / values.square().mean()
    assert -10 * math.log10(noise) == pytest.approx(reference, abs=0.1)


def test_faulty_blocks_are_seen():
    values = torch.ones(3, 64, dtype=torch.float64)
    values[0, 3], values[1, 40] = torch.nan, torch.inf
    found = rounded(values, "mxfp4_e2m1")
    expected = torch.ones(3, 2, dtype=torch.bool)
    expected[0, 0] = expected[1, 1] = False
    assert torch.equal(found.unflatten(-1, (2, 32)).isfinite().all(-1), expected)
    assert torch.equal(found.unflatten(-1, (2, 32)).isnan().all(-1), ~expected)


def test_stochastic_blocks_have_the_right_mean():
    """At 6 standard deviations: 2e-9 for each of 31 elements, so 1e-7."""
    values = torch.linspace(-0.99, 1.0, 32, dtype=torch.float64).repeat(20_000, 1)
    found = rounded(values, "mxfp4_e2m1", "stochastic", torch.Generator().manual_seed(4))
    off = (found.mean(0) - values[0]).abs()
    assert (off <= 6 * found.std(0) / 20_000**0.5 + 1e-12).all()


def test_what_is_refused():
    with pytest.raises(ValueError, match="blocks of 0 numbers: give at least 1"):
        BlockFormat(FixedPoint(8, 6), size=0)
    with pytest.raises(ValueError, match="needs an axis of numbers that share a scale"):
        rounded(torch.tensor(1.0), MXINT8)
    with pytest.raises(ValueError, match=re.escape("1 bits in fixed point: give 2 to 48")):
        FixedPoint(1, 0)
    assert str(BlockFormat(FixedPoint(8, 6), 16)) == "blocks of 16 × fixed8.6"
    assert format_named("mxfp4_e2m1") is MXFP4_E2M1
