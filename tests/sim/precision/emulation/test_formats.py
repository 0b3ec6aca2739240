"""Formats against ml_dtypes, numpy and the tables of OCP, bit for bit."""

import math
import re

import ml_dtypes
import numpy as np
import pytest
import torch

from sim.precision.emulation.formats import Format, floating_point
from sim.precision.emulation.modes import check_mode
from sim.precision.emulation.named import NAMED, format_named
from sim.precision.emulation.rounding import rounded

IN_ML_DTYPES = [name for name in NAMED if hasattr(ml_dtypes, name)]
VALUES = 1 << 18  # of each of five kinds
FLOATING = [one for one in NAMED.values() if isinstance(one, Format)]


def floating(name: str) -> Format:
    format = format_named(name)
    assert isinstance(format, Format)
    return format


def oracle(name: str) -> np.dtype:
    return np.dtype(getattr(ml_dtypes, name, name))


def bits(values: np.ndarray) -> np.ndarray:
    return values.view(np.dtype(f"u{values.itemsize}"))


def numbers_of(dtype: np.dtype) -> np.ndarray:
    """Every finite number of a format of up to 16 bits, ascending; extremes of float32."""
    if dtype.itemsize > 2:
        return np.array([1e-45, 1.1754944e-38, 1, 3.4028235e38], np.float32)
    width = {"float6_e2m3fn": 6, "float6_e3m2fn": 6, "float4_e2m1fn": 4}.get(dtype.name)
    codes = np.arange(1 << (width or 8 * dtype.itemsize))
    found = codes.astype(f"u{dtype.itemsize}").view(dtype).astype(np.float32)
    return np.unique(found[np.isfinite(found)])


def inputs(dtype: np.dtype) -> np.ndarray:
    """Random bits of float32, values of the format's range, and what is special about it.

    Those are its numbers, the middle between any two and what is next to it, the middle between
    the largest and what would follow, infinities and NaN.
    """
    rng = np.random.default_rng(7)
    anything = rng.integers(0, 1 << 32, VALUES, dtype=np.uint32).view(np.float32)
    numbers = numbers_of(dtype)
    positive = numbers[numbers > 0].astype(np.float64)
    low, high = np.log2(positive[0]) - 3, np.log2(positive[-1]) + 2
    in_range = np.exp2(rng.uniform(low, high, VALUES)) * rng.choice([-1.0, 1.0], VALUES)
    beyond = positive[-1] + (positive[-1] - positive[-2]) * np.array([0.25, 0.5, 0.75, 1, 1.5, 2])
    middles = np.concatenate([(positive[1:] + positive[:-1]) / 2, [positive[0] / 2], beyond])
    with np.errstate(over="ignore"):
        known = np.concatenate([in_range, middles, -middles]).astype(np.float32)
    around = [np.nextafter(known, np.float32(end)) for end in (0, np.inf, -np.inf)]
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan], np.float32)
    return np.concatenate([anything, known, *around, numbers, special])


@pytest.mark.parametrize("name", [*IN_ML_DTYPES, "float16", "float32"])
def test_the_same_bits(name: str):
    """On over 10⁶ values of each; of NaN, only that it is one.

    A format without NaN has zeros for it, which are compared with their signs.
    """
    dtype = oracle(name)
    values = inputs(dtype)
    with np.errstate(all="ignore"):
        if name == "float32":  # from wider numbers, or nothing would be rounded
            values = values * np.random.default_rng(8).uniform(1 - 1e-7, 1 + 1e-7, len(values))
        expected = values.astype(dtype)
        wide = rounded(values, name)
        found = wide.astype(np.float32).astype(dtype)
        np.testing.assert_array_equal(wide, expected.astype(np.float64))  # nothing left to round
    different = (bits(found) != bits(expected)) & ~(np.isnan(found) & np.isnan(expected))
    assert len(values) > 10**6
    assert not different.any(), values[different][:5]
    zero = expected == 0
    np.testing.assert_array_equal(np.signbit(wide[zero]), np.signbit(expected[zero]))


@pytest.mark.parametrize("name", [*IN_ML_DTYPES, "float16"])
def test_numbers_of_a_format_stay(name: str):
    numbers = numbers_of(oracle(name)).astype(np.float64)
    assert len(numbers) >= 15
    for mode in ("nearest", "truncation", "stochastic"):
        found = rounded(numbers, name, mode, torch.Generator().manual_seed(0))
        np.testing.assert_array_equal(found, numbers)


@pytest.mark.parametrize("name", [*IN_ML_DTYPES, "float16"])
def test_truncation_is_the_next_number_towards_zero(name: str):
    """Found by search among all numbers of the format."""
    numbers = numbers_of(oracle(name)).astype(np.float64)
    numbers = numbers[numbers >= 0]
    values = np.exp2(np.random.default_rng(1).uniform(-20, 20, 20_000))
    values = np.concatenate([values, numbers * (1 + 1e-9), np.nextafter(numbers[1:], 0)])
    expected = numbers[np.searchsorted(numbers, values, side="right") - 1]
    np.testing.assert_array_equal(rounded(values, name, "truncation"), expected)
    np.testing.assert_array_equal(rounded(-values, name, "truncation"), -expected)


@pytest.mark.parametrize(
    ("name", "largest", "normal", "subnormal"),
    [
        ("float4_e2m1fn", 6, 1, 0.5),
        ("float6_e2m3fn", 7.5, 1, 0.125),
        ("float6_e3m2fn", 28, 0.25, 0.0625),
        ("float8_e4m3fn", 448, 2**-6, 2**-9),
        ("float8_e5m2", 57344, 2**-14, 2**-16),
        ("float16", 65504, 2**-14, 2**-24),
        ("float8_e4m3b11fnuz", 30, 2**-10, 2**-13),
    ],
)
def test_the_tables_of_ocp(name: str, largest: float, normal: float, subnormal: float):
    format = floating(name)
    assert (format.max, format.min_normal, format.min_subnormal) == (largest, normal, subnormal)


@pytest.mark.parametrize("name", IN_ML_DTYPES)
def test_properties_are_those_of_ml_dtypes(name: str):
    format, info = floating(name), ml_dtypes.finfo(name)
    assert format.max == float(info.max)
    assert format.min_normal == float(info.smallest_normal)
    assert format.min_subnormal == float(info.smallest_subnormal)
    assert str(format) == name


@pytest.mark.parametrize("format", FLOATING, ids=str)
def test_saturation(format: Format):
    """Whatever is too large is the largest number, with any variant."""
    sure = floating_point(
        format.exponent,
        format.mantissa,
        bias=format.bias,
        variant=format.variant,
        overflow="saturate",
    )
    values = np.array([format.max * 1.001, format.max * 8, np.inf])
    for mode in ("nearest", "stochastic"):
        found = rounded(np.concatenate([values, -values]), sure, mode, torch.Generator())
        np.testing.assert_array_equal(found, [*[format.max] * 3, *[-format.max] * 3])


def test_truncation_overflows_at_infinity_alone():
    found = rounded(np.array([1e6, -1e6, np.inf, -np.inf]), "float16", "truncation")
    np.testing.assert_array_equal(found, [65504, -65504, np.inf, -np.inf])
    assert np.isnan(rounded(np.array([np.inf]), "float8_e4m3fn", "truncation")).all()


@pytest.mark.parametrize("mode", ["nearest", "truncation"])
def test_without_subnormals(mode):
    """What rounds to less than the smallest normal number is zero, the rest as ever."""
    plain = floating_point(4, 3)
    flushing = floating_point(4, 3, subnormals=False)
    assert flushing.min_subnormal == flushing.min_normal == 2**-6
    values = np.exp2(np.linspace(-12, 9, 5000)) * np.resize([1, -1], 5000)
    unlimited = rounded(values, "m3", mode)
    expected = np.where(np.abs(unlimited) < 2**-6, np.copysign(0, values), unlimited)
    expected = np.where(np.abs(values) < 2**-6, expected, rounded(values, plain, mode))
    found = rounded(values, flushing, mode)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found), values < 0)
    assert rounded(np.array([2**-6 * (1 - 2**-6)]), flushing)[0] == 2**-6  # rounds up to it


@pytest.mark.parametrize("mantissa", [0, 1, 7, 24])
def test_unlimited_range(mantissa: int):
    """By Python's own rounding of the significand, from 2⁻⁴⁰⁰ to 2⁴⁰⁰."""
    rng = np.random.default_rng(2)
    values = rng.normal(size=2000) * np.exp2(rng.uniform(-400, 400, 2000))
    format = floating_point(None, mantissa)
    expected = []
    for value in values:
        significand, exponent = math.frexp(value)
        expected.append(
            math.ldexp(round(math.ldexp(significand, mantissa + 1)), exponent - mantissa - 1)
        )
    np.testing.assert_array_equal(rounded(values, format), expected)
    kept = rounded(np.array([0.0, -0.0, np.inf, np.nan]), format)
    np.testing.assert_array_equal(kept, [0.0, 0.0, np.inf, np.nan])
    np.testing.assert_array_equal(np.signbit(kept[:2]), [False, True])


def test_torch_and_numpy_alike():
    values = np.random.default_rng(3).normal(size=(4, 5)).astype(np.float32)
    found = rounded(torch.from_numpy(values), "bfloat16")
    assert found.dtype == torch.float64
    np.testing.assert_array_equal(rounded(values, "bfloat16"), found.numpy())
    assert rounded(torch.tensor(1.01), "bfloat16").item() == 1.0078125


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rounded(torch.ones(1), "float9"), "unknown format 'float9': give bfloat16, "),
        (lambda: check_mode("up", None), "unknown rounding mode 'up': give nearest, truncation"),
        (lambda: rounded(torch.ones(1), "m7", "stochastic"), "needs a generator"),
        (lambda: floating_point(9, 3), "9 exponent bits: give 2 to 8, or None"),
        (lambda: floating_point(1, 3), "1 exponent bits: give 2 to 8, or None"),
        (lambda: floating_point(5, 25), "25 mantissa bits: give 0 to 24"),
        (lambda: floating_point(5, 2, bias=300), "bias 300"),
        (lambda: floating_point(4, 0, variant="fn"), "needs a mantissa bit"),
        (lambda: floating_point(None, 3, variant="fn"), "unlimited range has variant ieee"),
        (lambda: floating_point(4, 3, variant="finite", overflow="nan"), "is saturate, not nan"),
        (lambda: format_named("fixed1.0"), "1 bits in fixed point: give 2 to 48"),
        (lambda: format_named("fixed8.300"), "300 fractional bits"),
    ],
)
def test_what_is_refused(make, message: str):
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_widths_as_names():
    assert format_named("e5m7") == floating_point(5, 7)
    assert format_named("m7") == floating_point(None, 7)
    assert [str(format_named(name)) for name in ("e5m7", "m7", "fixed8.6")] == [
        "e5m7",
        "m7",
        "fixed8.6",
    ]
