"""Rounding to multiples of a step: to nearest, towards zero, or at random without bias."""

from typing import Literal, get_args

import torch
from torch import Tensor

Mode = Literal["nearest", "truncation", "stochastic"]
MODES: tuple[Mode, ...] = get_args(Mode)


def check_mode(mode: str, generator: torch.Generator | None) -> None:
    """
    Raises:
        ValueError: no mode of that name, or a stochastic one without a generator.
    """
    if mode not in MODES:
        raise ValueError(f"unknown rounding mode {mode!r}: give {', '.join(MODES)}")
    if mode == "stochastic" and generator is None:
        raise ValueError("stochastic rounding needs a generator: give a torch.Generator")


def to_multiples(
    values: Tensor, step: Tensor | float, mode: Mode, generator: torch.Generator | None = None
) -> Tensor:
    """Each value as a multiple of its step, which must be a power of two, of the same shape.

    Formats, which call it for every term of a sum, check types and shapes.

    Nearest takes the even multiple of two that are equally near. Stochastic takes one of the two
    neighbors with probabilities that make the mean exact; a multiple stays as it is. Signs of
    zeros, infinities and NaN are kept.

    Raises:
        ValueError: see `check_mode`.
    """
    check_mode(mode, generator)
    quotients = values / step
    if mode == "nearest":
        return quotients.round_().mul_(step)
    if mode == "truncation":
        return quotients.trunc_().mul_(step)
    whole = quotients.trunc()
    fraction = (quotients - whole).abs_()  # exact, and NaN for infinities, which stay
    chance = torch.rand(
        quotients.shape, generator=generator, dtype=torch.float64, device=quotients.device
    )
    whole += torch.copysign((chance < fraction).double(), quotients)
    return whole.mul_(step)
