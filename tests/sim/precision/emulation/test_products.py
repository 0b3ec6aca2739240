"""Products of matrices against numpy's float16 and float32, one operation at a time."""

import numpy as np
import pytest
import torch

from sim.precision.emulation.products import Arithmetic, add_bias, arithmetic_in, dot, product
from sim.precision.emulation.rounding import rounded, rounding


def gaussians(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def serial(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """In the arithmetic of numpy's own type."""
    total = left[:, 0, None] * right[None, 0]
    for k in range(1, left.shape[1]):
        total = total + left[:, k, None] * right[None, k]
    return total


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_every_product_and_partial_sum(dtype: str):
    left, right = gaussians(70, 33, seed=0), gaussians(33, 900, seed=1)
    expected = serial(left.numpy().astype(dtype), right.numpy().astype(dtype))
    found = product(left, right, arithmetic_in(dtype))
    np.testing.assert_array_equal(found, expected)


def test_dot_products_are_those_of_matrices():
    left, right = gaussians(5, 20, seed=2), gaussians(20, 7, seed=3)
    for order in ("serial", "pairwise", "kahan", "exact"):
        arithmetic = arithmetic_in("bfloat16", order=order)
        both = left[:, None].expand(5, 7, 20), right.T[None].expand(5, 7, 20)
        assert torch.equal(dot(*both, arithmetic), product(left, right, arithmetic))


def test_fused_products():
    """Exact products in rounded sums: the last sum, of two terms, is the exact one, rounded."""
    arithmetic = Arithmetic(operands=rounding("bfloat16"), sums=rounding("float16"))
    left, right = gaussians(50, 2, seed=4), gaussians(2, 50, seed=5)
    a, b = rounded(left, "bfloat16"), rounded(right, "bfloat16")
    first = rounded(a[:, :1] * b[:1], "float16")
    expected = rounded(first + a[:, 1:] * b[1:], "float16")
    assert torch.equal(product(left, right, arithmetic), expected)


def test_operands_alone():
    left, right = gaussians(6, 40, seed=6), gaussians(40, 5, seed=7)
    arithmetic = arithmetic_in("mxfp8_e4m3")
    expected = rounded(left, "mxfp8_e4m3") @ rounded(right.T.contiguous(), "mxfp8_e4m3").T
    torch.testing.assert_close(product(left, right, arithmetic), expected)
    products = Arithmetic(products=rounding("m3"))
    expected = rounded(left[:, :, None] * right[None], "m3").sum(1)
    torch.testing.assert_close(product(left, right, products), expected)


def test_a_bias_is_rounded_and_added_in_one_rounded_addition():
    sums, bias = rounded(gaussians(9, 30, seed=10), "float16"), gaussians(30, seed=11)
    expected = sums.numpy().astype(np.float16) + bias.numpy().astype(np.float16)
    np.testing.assert_array_equal(add_bias(sums, bias, arithmetic_in("float16")), expected)


def test_nothing_rounded_is_torch():
    left, right = gaussians(6, 40, seed=8), gaussians(40, 5, seed=9)
    torch.testing.assert_close(product(left, right, Arithmetic()), left @ right)


def test_what_is_refused():
    with pytest.raises(ValueError, match="mxint8 is for operands"):
        Arithmetic(sums=rounding("mxint8"))
    with pytest.raises(ValueError, match="order serial has no blocks"):
        arithmetic_in("bfloat16", block=3)
    with pytest.raises(ValueError, match="unknown format 'bf16'"):
        arithmetic_in("bf16")
    with pytest.raises(ValueError, match="a sum of no terms"):
        product(torch.zeros(2, 0), torch.zeros(0, 2), arithmetic_in("bfloat16"))
