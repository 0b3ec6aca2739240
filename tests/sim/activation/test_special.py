"""Special functions and steps in torch, with their derivatives, and what has machine code."""

from typing import Any

import mpmath
import pytest
import torch

from sim.activation.compiled import compile
from sim.native import compiler
from sim.networks.gradients import pointwise
from theory.symbolic.activation import activation

MP: Any = mpmath.mp.clone()
MP.dps = 40

POINTS = torch.tensor([-0.71, -0.3, -1e-6, 1e-9, 1e-4, 0.2, 0.63], dtype=torch.float64)

SPECIAL: dict[str, Any] = {
    "gamma(x+2)": lambda x: MP.gamma(x + 2),
    "x*gamma(x)": lambda x: MP.gamma(x + 1),
    "lgamma(x+2)": lambda x: MP.loggamma(x + 2),
    "digamma(x+2)": lambda x: MP.psi(0, x + 2),
    "lambertw(x+1)": lambda x: MP.lambertw(x + 1).real,
    "erfinv(x)": MP.erfinv,
    "erfi(x)": MP.erfi,
    "Si(x)": MP.si,
    "j0(x)": lambda x: MP.besselj(0, x),
    "j1(x)": lambda x: MP.besselj(1, x),
    "i0(x)": lambda x: MP.besseli(0, x),
    "i1(x)": lambda x: MP.besseli(1, x),
    "airyai(x)": MP.airyai,
    "airybi(x)": MP.airybi,
}
ELEMENTARY: dict[str, Any] = {
    "asin(x)": MP.asin,
    "acos(x)": MP.acos,
    "atanh(x)": MP.atanh,
    "acosh(x+2)": lambda x: MP.acosh(x + 2),
    "frac(x)": lambda x: x,
    "x*floor(x+0.5)": lambda x: x * MP.floor(x + MP.mpf(1) / 2),
    "abs((x % 2) - 1)": lambda x: abs(x - 2 * MP.floor(x / 2) - 1),
    "elu(elu(x))": lambda x: x if x > 0 else MP.expm1(MP.expm1(x)),
}
ALL = {**SPECIAL, **ELEMENTARY}


@pytest.mark.parametrize("text", ALL)
def test_values_and_derivatives(text: str) -> None:
    values, slopes = compile(activation(text))(POINTS)
    for x, value, slope in zip(POINTS.tolist(), values.tolist(), slopes.tolist(), strict=True):
        wanted, derivative = ALL[text](MP.mpf(x)), MP.diff(ALL[text], MP.mpf(x), h=MP.mpf("1e-15"))
        assert abs(value - wanted) <= 1e-14 * max(abs(wanted), MP.mpf("1e-12"))
        assert abs(slope - derivative) <= 1e-11 * max(1, abs(derivative))


@pytest.mark.parametrize("text", SPECIAL)
def test_autograd_gives_the_derivative_too(text: str) -> None:
    sigma = compile(activation(text))
    z = POINTS.clone().requires_grad_()
    (found,) = torch.autograd.grad(sigma.value_only(z).sum(), z)
    assert torch.allclose(found, sigma(POINTS)[1], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("text", ALL)
def test_machine_code_or_torch_give_the_same(text: str) -> None:
    sigma = compile(activation(text))
    assert sigma.special is (text in SPECIAL)
    for dtype, tolerance in ((torch.float64, 1e-13), (torch.float32, 2e-5)):
        points = POINTS.to(dtype)
        called = pointwise(sigma, points)
        assert (called is sigma) is (sigma.special or compiler() is None)
        for found, wanted in zip(called(points), sigma(points), strict=True):
            assert found.dtype == dtype
            assert torch.allclose(found, wanted, rtol=tolerance, atol=tolerance)
