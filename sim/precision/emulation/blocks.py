"""Block formats: numbers that share a power of two, that of the largest among them.

Source: OCP microscaling formats, version 1.0 (2023), section 6.3; Rouhani et al., arXiv:2310.10537.
"""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float64
from torch import Tensor

from sim.precision.emulation.fixed_point import FixedPoint
from sim.precision.emulation.formats import Format
from sim.precision.emulation.modes import Mode

SCALE_EXPONENT = 127  # largest size of log₂ of a scale, which is stored in 8 bits


@dataclass(frozen=True)
class BlockFormat:
    """Blocks along the last axis, each with one scale for its elements.

    The scale is 2^(⌊log₂ max|x|⌋ − that of the element format's largest number), from 2^−127 to
    2^127; elements are x / scale, rounded and saturating. With fixed-point elements of m fractional
    bits this is block floating point of m + 2 bits.

    Attributes:
        element: format of what is left after division by the scale.
        size: numbers in a block; a last block may have fewer.
        name: for messages and tables.

    Raises:
        ValueError: a block of no numbers.
    """

    element: Format | FixedPoint
    size: int = 32
    name: str = ""

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"blocks of {self.size} numbers: give at least 1")

    def __str__(self) -> str:
        return self.name or f"blocks of {self.size} × {self.element}"

    def rounded(
        self,
        values: Float64[Tensor, "*shape"],
        mode: Mode = "nearest",
        generator: torch.Generator | None = None,
    ) -> Float64[Tensor, "*shape"]:
        """The numbers that values round to; a block with infinities or NaN becomes NaN.

        Raises:
            ValueError: a single number without an axis; see also `check_mode`.
        """
        if values.ndim == 0:
            raise ValueError(f"{self} needs an axis of numbers that share a scale, not one number")
        element = self.element
        if isinstance(element, Format):
            element = replace(element, overflow="saturate")
        length = values.shape[-1]
        padded = torch.nn.functional.pad(values, (0, -length % self.size))
        blocks = padded.unflatten(-1, (-(-length // self.size), self.size))
        scales = self._scales(blocks)
        rounded = element.rounded(blocks / scales, mode, generator) * scales
        return rounded.flatten(-2)[..., :length]

    def _scales(
        self, blocks: Float64[Tensor, "*shape blocks size"]
    ) -> Float64[Tensor, "*shape blocks 1"]:
        largest = blocks.abs().amax(-1, keepdim=True)
        exponents = torch.frexp(largest).exponent - 1 - self.element.max_exponent
        limited = exponents.clamp(-SCALE_EXPONENT, SCALE_EXPONENT)
        scales = torch.ldexp(torch.ones_like(largest), limited)
        return torch.where(largest.isfinite(), scales, torch.nan)
