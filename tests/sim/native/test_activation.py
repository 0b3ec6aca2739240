"""Activations in machine code: the same numbers as in torch calls, for arrays of any size."""

import pytest
import torch

from sim.native.activation import native_activation
from tests.sim.activation.test_compiled import FUNCTIONS, KINKS, ORDINARY, TINY, build, reference

EVERY = pytest.mark.parametrize("text", FUNCTIONS)


@EVERY
def test_values_and_slopes_are_exact(text: str):
    native = native_activation(build(text), torch.float64)
    for points, rtol, atol in ((ORDINARY, 1e-12, 1e-14), (TINY, 1e-8, 0.0)):
        expected = reference(FUNCTIONS[text], points)
        for found, exact in zip(native(points), expected, strict=True):
            torch.testing.assert_close(found, exact, rtol=rtol, atol=atol)


@EVERY
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_they_are_those_of_torch_calls(text: str, dtype: torch.dtype):
    sigma = build(text)
    native = native_activation(sigma, dtype)
    rtol, atol = (1e-13, 1e-14) if dtype == torch.float64 else (2e-5, 2e-5)
    points = torch.cat([ORDINARY, TINY, KINKS, KINKS.new_tensor([40.0, -40.0])]).to(dtype)
    for found, expected in zip(native(points), sigma(points), strict=True):
        torch.testing.assert_close(found, expected, rtol=rtol, atol=atol, equal_nan=True)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_arrays_of_any_size_and_order(dtype: torch.dtype):
    """No element is left out, none beyond the end is touched, and its place does not matter."""
    sigma = build("x*tanh(x)+relu(x)")
    native = native_activation(sigma, dtype)
    for size in range(40):
        z = torch.linspace(-2.0, 2.0, size, dtype=dtype)
        memory = torch.full((2, size + 8), 7.0, dtype=dtype)
        value, slope = memory[0, :size], memory[1, :size]
        native._call(size, z.data_ptr(), value.data_ptr(), slope.data_ptr())
        assert bool((memory[:, size:] == 7.0).all())
        torch.testing.assert_close(value, sigma(z)[0], rtol=1e-5, atol=1e-6)
        for place in range(size):
            assert float(native(z[place : place + 1])[0]) == float(value[place])
    z = torch.linspace(-2.0, 2.0, 60, dtype=dtype).reshape(3, 4, 5).permute(2, 0, 1)
    value, slope = native(z)
    assert value.shape == slope.shape == z.shape
    torch.testing.assert_close(value, sigma(z)[0], rtol=1e-5, atol=1e-6)
