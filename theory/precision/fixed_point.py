"""Fixed against floating point of one width, for channels of Gaussian numbers that differ in scale.

Source: our derivation. Hill, Zamirai et al., "Rethinking Numerical Representations for Deep Neural
Networks" (arXiv:1808.02513), say that floating point suits networks better.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from jaxtyping import Float64
from scipy import optimize, special

from theory.precision.formats import noise_of_format

RATIO = sympy.Symbol("r", positive=True)
FIXED, FLOATING = sympy.symbols("NSR_fixed NSR_floating", positive=True)
STEP, SPREAD, MEDIAN = sympy.symbols("Δ σ s_½", positive=True)
BITS = sympy.Symbol("b", integer=True, positive=True)
_J = sympy.Symbol("j", integer=True, positive=True)
CHANNELS, _C = sympy.symbols("C c", integer=True, positive=True)
_X, _D = sympy.symbols("x d", positive=True)
_OF_CHANNEL, _OF_FORMAT, _SCALE = map(sympy.Function, ("F", "G", "s"))
_HALF = sympy.Rational(1, 2)

FRACTIONS = range(-4, 12)  # where the point may be


@functools.cache
def beyond() -> sympy.Expr:
    """E[|z|; |z| > t] of N(0, 1), at t = (j − ½) d."""
    density = sympy.exp(-(_X**2) / 2) / sympy.sqrt(2 * sympy.pi)
    low = sympy.Symbol("t", positive=True)
    return 2 * sympy.integrate(_X * density, (_X, low, sympy.oo)).subs(low, (_J - _HALF) * _D)


def ratio_steps() -> Iterator[tuple[str, sympy.Basic | None]]:
    """Derivation of the ratio of the noise of fixed to that of floating point."""
    largest = 2 ** (BITS - 1) - 1
    term = (2 * _J - 1) * _D**2 * sympy.erfc((_J - _HALF) * _D / sympy.sqrt(2)) - 2 * _D * beyond()
    total: Any = sympy.Sum(term, (_J, 1, largest))
    scale = _SCALE(_C)

    def mean(of: sympy.Basic) -> sympy.Basic:
        return sympy.Sum(of, (_C, 1, CHANNELS)) / CHANNELS

    yield (
        "In fixed point of step Δ a number becomes Δ times the count of half steps (j − ½)Δ, up to "
        "J = 2^(b−1) − 1 of them, that its size exceeds; on the negative side there is one more.",
        None,
    )
    yield (
        "So noise over signal of N(0, s²), with d = Δ/s, is exactly, with half a term j = J + 1,",
        sympy.Eq(_OF_CHANNEL(_D), sympy.Integer(1) + total),
    )
    yield "It has rounding, d²/12, in it, and saturation, and that small channels become 0.", None
    quantile = sympy.sqrt(2) * sympy.erfinv((2 * _C - 1) / CHANNELS - 1)
    yield (
        "C channels have scales whose log₂ spreads by σ, at the quantiles (c − ½)/C of N(0, σ²),",
        sympy.Eq(scale, MEDIAN * 2 ** (SPREAD * quantile)),
    )
    yield "and one step is for all:", sympy.Eq(FIXED, mean(_OF_CHANNEL(STEP / scale)))
    yield (
        "Floating point has, with G(s) the noise of a format in closed form,",
        sympy.Eq(FLOATING, mean(_OF_FORMAT(scale))),
    )
    yield "The ratio is", sympy.Eq(RATIO, FIXED / FLOATING)


def noise_of_step(
    ratio: Float64[np.ndarray, " scales"], bits: int
) -> Float64[np.ndarray, " scales"]:
    """F: exact noise-to-signal ratio of Gaussian numbers in fixed point of two's complement.

    Args:
        ratio: Δ over the standard deviation.
        bits: of the format.
    """
    counts = np.arange(1, 2 ** (bits - 1) + 1)
    weights = np.where(counts == counts[-1], 0.5, 1.0)  # on the negative side alone
    d = np.asarray(ratio)[:, None]
    t = (counts - 0.5) * d
    density = np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi)
    terms = (2 * counts - 1) * d**2 * special.erfc(t / np.sqrt(2)) - 4 * d * density
    return 1 + terms @ weights


@dataclass(frozen=True)
class Channels:
    """Channels whose scales are s 2^(σz), z at the quantiles (c − ½)/C of N(0, 1).

    Attributes:
        count: C.
        spread: σ, in octaves.
        median: s.
    """

    count: int
    spread: float
    median: float = 1.0

    @property
    def scales(self) -> Float64[np.ndarray, " channels"]:
        """Standard deviations of their numbers."""
        quantiles = special.ndtri((np.arange(self.count) + 0.5) / self.count)
        return self.median * 2.0 ** (self.spread * quantiles)


@functools.cache
def fixed_noise(bits: int, fraction: int, channels: Channels) -> float:
    """Mean noise-to-signal ratio of channels in fixed point.

    Args:
        bits: of the format, the sign's included.
        fraction: those behind the point.
        channels: of Gaussian numbers.
    """
    return float(noise_of_step(2.0**-fraction / channels.scales, bits).mean())


@functools.cache
def rounding_alone(fraction: int, channels: Channels) -> float:
    """The same by Δ²/12 over the variances of channels: no saturation, and none becomes 0."""
    return float(np.mean((2.0**-fraction / channels.scales) ** 2 / 12))


@functools.cache
def floating_noise(mantissa: int, lowest: int, largest: float, channels: Channels) -> float:
    """The same in floating point, see `theory.precision.formats.squared_spacing`."""
    scales = channels.scales.tolist()
    return float(np.mean([noise_of_format(mantissa, lowest, largest, one) for one in scales]))


def best_fraction(bits: int, channels: Channels) -> int:
    """Where the point of fixed point is best: with the least mean noise of channels."""
    return min(FRACTIONS, key=lambda one: fixed_noise(bits, one, channels))


def boundary(
    bits: int, floating: Callable[[Channels], float], count: int, median: float = 1.0
) -> float:
    """Spread of channels, in octaves, where fixed and floating point have the same noise.

    Args:
        bits: of fixed point, whose point is where it is best.
        floating: mean noise-to-signal ratio of floating point.
        count: of channels.
        median: of their scales.
    """

    def apart(spread: float) -> float:
        channels = Channels(count, spread, median)
        return np.log(fixed_noise(bits, best_fraction(bits, channels), channels)) - np.log(
            floating(channels)
        )

    root: Any = optimize.brentq(apart, 0.0, 2.0, xtol=1e-6)
    return float(root)
