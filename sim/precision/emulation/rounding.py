"""Rounding of arrays to a format, as a function and as what arithmetic is given."""

from dataclasses import dataclass
from typing import overload

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from sim.precision.emulation.modes import Mode, check_mode
from sim.precision.emulation.named import AnyFormat, format_named


@dataclass(frozen=True)
class Rounding:
    """A format and how to round to it; calling it rounds.

    Attributes:
        format: of floating point, fixed point or blocks.
        mode: to nearest, ties to even; towards zero; or stochastic.
        generator: of stochastic rounding, which it advances.

    Raises:
        ValueError: see `check_mode`.
    """

    format: AnyFormat
    mode: Mode = "nearest"
    generator: torch.Generator | None = None

    def __post_init__(self) -> None:
        check_mode(self.mode, self.generator)

    def __call__(self, values: Tensor) -> Tensor:
        return self.format.rounded(values, self.mode, self.generator)


def rounding(
    format: AnyFormat | str, mode: Mode = "nearest", generator: torch.Generator | None = None
) -> Rounding:
    """The rounding to a format that may be given by name.

    Raises:
        ValueError: see `format_named` and `check_mode`.
    """
    return Rounding(format_named(format) if isinstance(format, str) else format, mode, generator)


@overload
def rounded(
    values: Tensor,
    format: AnyFormat | str,
    mode: Mode = ...,
    generator: torch.Generator | None = ...,
) -> Tensor: ...


@overload
def rounded(
    values: np.ndarray,
    format: AnyFormat | str,
    mode: Mode = ...,
    generator: torch.Generator | None = ...,
) -> np.ndarray: ...


def rounded(
    values: Float[Tensor, "*shape"] | Float[np.ndarray, "*shape"],
    format: AnyFormat | str,
    mode: Mode = "nearest",
    generator: torch.Generator | None = None,
) -> Float64[Tensor, "*shape"] | Float64[np.ndarray, "*shape"]:
    """Values as numbers of a format, in float64, which holds them exactly.

    Args:
        values: of any floating-point type up to float64; numpy arrays give numpy arrays.
        format: or its name, see `format_named`.
        mode: ``nearest`` (ties to even), ``truncation`` (towards zero) or ``stochastic``.
        generator: needed for stochastic rounding.

    Raises:
        ValueError: see `format_named` and `check_mode`.
    """
    to_format = rounding(format, mode, generator)
    if isinstance(values, np.ndarray):
        return to_format(torch.from_numpy(values.astype(np.float64))).numpy()
    return to_format(values.detach().double())
