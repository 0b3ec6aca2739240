"""Fixed-point numbers: integers times a power of two, saturating."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float64
from torch import Tensor

from sim.precision.emulation.modes import Mode, to_multiples

MOST_BITS = 48  # sums of two numbers are exact in float64; products are up to 26 bits
MOST_FRACTION_BITS = 256


@dataclass(frozen=True)
class FixedPoint:
    """Numbers of two's complement with a point at a fixed place.

    Attributes:
        bits: all of them, the sign's included, 2 to 48.
        fraction: number of bits behind the point; negative and larger than `bits` are allowed.
        symmetric: whether the most negative number is left unused.
        name: for messages and tables.

    Raises:
        ValueError: a number of bits out of range.
    """

    bits: int
    fraction: int
    symmetric: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        if not 2 <= self.bits <= MOST_BITS:
            raise ValueError(f"{self.bits} bits in fixed point: give 2 to {MOST_BITS}")
        if abs(self.fraction) > MOST_FRACTION_BITS:
            raise ValueError(
                f"{self.fraction} fractional bits: give up to {MOST_FRACTION_BITS}, of either sign"
            )

    @property
    def step(self) -> float:
        """Spacing of the numbers."""
        return 2.0**-self.fraction

    @property
    def max(self) -> float:
        """The largest number."""
        return ((1 << (self.bits - 1)) - 1) * self.step

    @property
    def min(self) -> float:
        """The most negative number."""
        return -self.max if self.symmetric else -self.max - self.step

    @property
    def max_exponent(self) -> int:
        """⌊log₂⌋ of the largest number."""
        return math.frexp(self.max)[1] - 1

    def __str__(self) -> str:
        return self.name or f"fixed{self.bits}.{self.fraction}"

    def rounded(
        self,
        values: Float64[Tensor, "*shape"],
        mode: Mode = "nearest",
        generator: torch.Generator | None = None,
    ) -> Float64[Tensor, "*shape"]:
        """The numbers that values round to; those out of range, infinities too, saturate.

        Truncation is towards zero. There is one zero, the positive one. NaN stays NaN, though fixed
        point has none, so that faults are seen.

        Raises:
            ValueError: see `check_mode`.
        """
        rounded = to_multiples(values, self.step, mode, generator)
        return rounded.clamp_(self.min, self.max).add_(0.0)
