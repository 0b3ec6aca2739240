"""Floating-point formats of any width: what they can represent, and rounding to them.

A format has a sign, an exponent and a mantissa of which the leading bit is not stored. Numbers are
kept in float64, which represents those of every format here exactly. Sources: IEEE 754-2019; OCP
8-bit floating point (2023) and microscaling formats (2023); what overflow does is as in ml_dtypes.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Float64
from torch import Tensor

from sim.precision.emulation.modes import Mode, to_multiples

Variant = Literal["ieee", "fn", "fnuz", "finite"]
Overflow = Literal["infinity", "nan", "saturate"]

MOST_EXPONENT_BITS = 8  # products of two numbers, too, are within float64's range
MOST_MANTISSA_BITS = 24  # sums of two numbers rounded to float64 and again are rounded right
UNLIMITED = 900  # largest exponent without exponent bits: far from all data, within float64
ALLOWED: dict[Variant, tuple[Overflow, ...]] = {  # on overflow; the first is the usual one
    "ieee": ("infinity", "saturate"),
    "fn": ("nan", "saturate"),
    "fnuz": ("nan", "saturate"),
    "finite": ("saturate",),
}
_EXPONENT = 0x7FF << 52  # where float64 has it


@dataclass(frozen=True)
class Format:
    """A floating-point format; `floating_point` fills in what is usual.

    Attributes:
        exponent: number of exponent bits, 1 to 8; None: the range is unlimited (±2^±900 here), for
            theory that knows of mantissas alone.
        mantissa: m, number of stored mantissa bits, 0 to 24; the spacing at x is 2^(⌊log₂|x|⌋ − m).
        bias: of the exponent; the smallest normal number is 2^(1 − bias).
        variant: which codes are no numbers. ``ieee``: the largest exponent, infinities and NaN;
            ``fn``: all ones, NaN, no infinities; ``fnuz``: that of −0, NaN; ``finite``: none.
        overflow: what numbers that round to more than the largest become; ``saturate`` is the
            largest, for infinities too.
        subnormals: whether there are numbers below the smallest normal one; without them whatever
            rounds, with m bits, to less becomes zero.
        name: for messages and tables.

    Raises:
        ValueError: a width out of range, or an overflow that the variant has no code for.
    """

    exponent: int | None
    mantissa: int
    bias: int
    variant: Variant = "ieee"
    overflow: Overflow = "infinity"
    subnormals: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        if self.variant not in get_args(Variant):
            raise ValueError(f"unknown variant {self.variant!r}: give one of {', '.join(ALLOWED)}")
        if self.overflow not in ALLOWED[self.variant]:
            allowed = " or ".join(ALLOWED[self.variant])
            raise ValueError(
                f"overflow of variant {self.variant} is {allowed}, not {self.overflow}"
            )
        if not 0 <= self.mantissa <= MOST_MANTISSA_BITS:
            raise ValueError(f"{self.mantissa} mantissa bits: give 0 to {MOST_MANTISSA_BITS}")
        if self.variant == "fn" and self.mantissa == 0:
            raise ValueError("variant fn needs a mantissa bit, for its NaN")
        if self.exponent is None:
            if self.variant != "ieee":
                raise ValueError(f"an unlimited range has variant ieee, not {self.variant}")
            return
        least = 2 if self.variant == "ieee" else 1
        if not least <= self.exponent <= MOST_EXPONENT_BITS:
            raise ValueError(
                f"{self.exponent} exponent bits: give {least} to {MOST_EXPONENT_BITS}, or None"
            )
        if abs(self.bias) > 1 << MOST_EXPONENT_BITS:
            raise ValueError(f"bias {self.bias}: give one of size up to {1 << MOST_EXPONENT_BITS}")

    @property
    def max_exponent(self) -> int:
        """⌊log₂⌋ of the largest number."""
        if self.exponent is None:
            return UNLIMITED
        return (1 << self.exponent) - (2 if self.variant == "ieee" else 1) - self.bias

    @property
    def min_exponent(self) -> int:
        """log₂ of the smallest normal number."""
        return -UNLIMITED if self.exponent is None else 1 - self.bias

    @property
    def max(self) -> float:
        """The largest number."""
        below = 2.0 if self.variant == "fn" else 1.0  # steps below the next power of two
        return 2.0**self.max_exponent * (2 - below * 2.0**-self.mantissa)

    @property
    def min_normal(self) -> float:
        """The smallest positive number with m mantissa bits."""
        return 2.0**self.min_exponent

    @property
    def min_subnormal(self) -> float:
        """The smallest positive number; `min_normal` without subnormals."""
        return self.min_normal * (2.0**-self.mantissa if self.subnormals else 1.0)

    def __str__(self) -> str:
        bits = "" if self.exponent is None else f"e{self.exponent}"
        return self.name or f"{bits}m{self.mantissa}"

    def rounded(
        self,
        values: Float64[Tensor, "*shape"],
        mode: Mode = "nearest",
        generator: torch.Generator | None = None,
    ) -> Float64[Tensor, "*shape"]:
        """The numbers of this format that values round to, with the signs of zeros.

        NaN stays, but in variant ``finite``, which has none and gives a zero of the other sign, as
        ml_dtypes does. Truncation of a number, however large, gives no more than the largest.

        Raises:
            ValueError: see `check_mode`.
        """
        rounded = to_multiples(values, self.spacing(values), mode, generator)
        if not self.subnormals:
            rounded *= rounded.abs() >= self.min_normal
        if mode == "truncation":
            rounded = torch.where(values.isinf(), values, rounded.clamp(-self.max, self.max))
        return self._with_codes(rounded, values)

    def spacing(self, values: Float64[Tensor, "*shape"]) -> Float64[Tensor, "*shape"]:
        """Of the format's numbers at each value: 2^(⌊log₂|x|⌋ − m), within the format's range.

        By float64's bits. Zeros, of exponent 0, get a negative number from the bits and then the
        smallest spacing; infinities and NaN get the largest.
        """
        lowest = self.min_exponent - (0 if self.subnormals else 1)  # may round up to a normal one
        bits = (values.view(torch.int64) & _EXPONENT).sub_(self.mantissa << 52)
        return bits.view(torch.float64).clamp_(
            2.0 ** (lowest - self.mantissa), 2.0 ** (self.max_exponent - self.mantissa)
        )

    def _with_codes(self, rounded: Tensor, values: Tensor) -> Tensor:
        """What is too large, NaN and −0 as the format has codes for them."""
        if self.overflow == "saturate":
            rounded = rounded.clamp_(-self.max, self.max)
        elif (over := rounded.abs() > self.max).any():
            code = torch.full_like(rounded, torch.inf if self.overflow == "infinity" else torch.nan)
            rounded = torch.where(over, code.copysign_(rounded), rounded)
        if self.variant == "finite" and (lost := rounded.isnan()).any():
            rounded = torch.where(lost, torch.zeros_like(values).copysign_(-values), rounded)
        return rounded + 0.0 if self.variant == "fnuz" else rounded


def floating_point(
    exponent: int | None,
    mantissa: int,
    *,
    bias: int | None = None,
    variant: Variant = "ieee",
    overflow: Overflow | None = None,
    subnormals: bool = True,
    name: str = "",
) -> Format:
    """A format of these numbers of bits, with the usual bias and overflow unless they are given.

    The usual bias is 2^(exponent − 1) − 1, one more for ``fnuz``.

    Raises:
        ValueError: see `Format`.
    """
    if variant not in ALLOWED:
        raise ValueError(f"unknown variant {variant!r}: give one of {', '.join(ALLOWED)}")
    if bias is None:
        usual = 0 if exponent is None else (1 << max(exponent - 1, 0)) - 1
        bias = usual + (variant == "fnuz")
    overflow = ALLOWED[variant][0] if overflow is None else overflow
    return Format(exponent, mantissa, bias, variant, overflow, subnormals, name)
