"""Special functions of tensors, by scipy in double precision.

Torch has few of them, and not all with a derivative. Numbers go to the CPU and back, so that these
activations run on every device, slower than elementary ones and without machine code.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special
import torch
from jaxtyping import Float
from torch import Tensor

Function = Callable[[Any], Any]

# name -> the function and its derivative
FUNCTIONS: dict[str, tuple[Function, Function]] = {
    "gamma": (scipy.special.gamma, lambda u: scipy.special.gamma(u) * scipy.special.digamma(u)),
    "loggamma": (scipy.special.gammaln, scipy.special.digamma),
    "digamma": (scipy.special.digamma, lambda u: _trigamma(u)),
    "trigamma": (lambda u: _trigamma(u), lambda u: _trigamma_slope(u)),
    "lambertw": (
        lambda u: _lambert(u),
        lambda u: 1 / (np.exp(_lambert(u)) * (1 + _lambert(u))),
    ),
    "erfi": (scipy.special.erfi, lambda u: 2 / np.sqrt(np.pi) * np.exp(u * u)),
    "erfinv": (
        scipy.special.erfinv,
        lambda u: np.sqrt(np.pi) / 2 * np.exp(scipy.special.erfinv(u) ** 2),
    ),
    "sine_integral": (lambda u: scipy.special.sici(u)[0], lambda u: np.sinc(u / np.pi)),
    "j0": (scipy.special.j0, lambda u: -scipy.special.j1(u)),
    "j1": (scipy.special.j1, lambda u: scipy.special.jvp(1, u)),
    "j1_slope": (lambda u: scipy.special.jvp(1, u), lambda u: scipy.special.jvp(1, u, 2)),
    "i0": (scipy.special.i0, scipy.special.i1),
    "i1": (scipy.special.i1, lambda u: scipy.special.ivp(1, u)),
    "i1_slope": (lambda u: scipy.special.ivp(1, u), lambda u: scipy.special.ivp(1, u, 2)),
    "airyai": (lambda u: scipy.special.airy(u)[0], lambda u: scipy.special.airy(u)[1]),
    "airyai_slope": (
        lambda u: scipy.special.airy(u)[1],
        lambda u: u * scipy.special.airy(u)[0],
    ),
    "airybi": (lambda u: scipy.special.airy(u)[2], lambda u: scipy.special.airy(u)[3]),
    "airybi_slope": (
        lambda u: scipy.special.airy(u)[3],
        lambda u: u * scipy.special.airy(u)[2],
    ),
}


def _trigamma(u: Any) -> Any:
    """ψ₁, by reflection for u < 1/2 (DLMF 5.15): scipy's takes minutes far below 0."""
    right = scipy.special.zeta(2, np.where(u < 0.5, 1 - u, u))
    return np.where(u < 0.5, (np.pi / np.sin(np.pi * u)) ** 2 - right, right)


def _trigamma_slope(u: Any) -> Any:
    """ψ₂, in the same way."""
    right = -2 * scipy.special.zeta(3, np.where(u < 0.5, 1 - u, u))
    angle = np.pi * u
    return np.where(u < 0.5, right - 2 * np.pi**3 * np.cos(angle) / np.sin(angle) ** 3, right)


def _lambert(u: Any) -> Any:
    """The principal branch, not a number where it is not real."""
    value = scipy.special.lambertw(u)
    return np.where(value.imag == 0, value.real, np.nan)


def special(name: str) -> Callable[[Float[Tensor, "*shape"]], Float[Tensor, "*shape"]]:
    """A function of `FUNCTIONS` by name, for tensors, with a derivative by autograd."""

    def function(u: Tensor) -> Tensor:
        result: Any = _Special.apply(u, name)
        return result

    return function


class _Special(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, u: Tensor, name: str) -> Tensor:  # type: ignore[override]
        ctx.save_for_backward(u)
        ctx.name = name
        return _evaluated(FUNCTIONS[name][0], u)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        (u,) = ctx.saved_tensors
        return gradient * _evaluated(FUNCTIONS[ctx.name][1], u), None


def _evaluated(function: Function, u: Tensor) -> Tensor:
    with np.errstate(all="ignore"):
        values = np.asarray(function(u.detach().cpu().double().numpy()))
    return torch.from_numpy(values).to(u)
