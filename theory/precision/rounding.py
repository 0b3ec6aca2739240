"""What one rounding does: noise and bias in the spacing 2^(⌊log₂|x|⌋ − m) of m mantissa bits.

A number x = ±f·2^e with 1 ≤ f < 2 is rounded to a multiple of u = 2^(e − m). If its last bits are
uniform, the error is uniform within ±u/2 (to nearest) or within 0 to u (towards zero), or takes
one of two values (stochastic). Relative to x that is u/x = 2^(−m)/f, with f log-uniform where data
cover more than an octave (Benford). Energy-weighted means over data that do not are
`spacing_constant`. Source: our derivation; the uniform error is Widrow's (1956).
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sympy as sp
from jaxtyping import Float
from scipy.stats import norm

Steps = Iterator[tuple[str, sp.Basic | None]]

M = sp.Symbol("m", positive=True)  # mantissa bits that are stored
F = sp.Symbol("f", positive=True)  # significand, 1 to 2
T = sp.Symbol("t", positive=True)  # place within the spacing, 0 to 1
NOISE = sp.Symbol("ν", positive=True)  # mean square error over mean square
RATIO = sp.Symbol("SNR", real=True)  # signal to noise in decibels
SHRINKAGE = sp.Symbol("b", real=True)  # what is lost of x, relative to it

DENSITY = 1 / (F * sp.log(2))  # of a log-uniform significand


@functools.cache
def significand_mean(power: int) -> sp.Expr:
    """E f^power of a log-uniform significand."""
    return sp.integrate(F**power * DENSITY, (F, 1, 2))


@functools.cache
def nearest_noise(mantissa: sp.Expr | int = M) -> sp.Expr:
    """δ² = 4^(−m)/(32 ln 2): mean square of the relative error of one rounding to nearest."""
    within = sp.integrate((T - sp.Rational(1, 2)) ** 2, (T, 0, 1))
    return within * significand_mean(-2) * 4 ** (-sp.sympify(mantissa))


@functools.cache
def stochastic_noise(mantissa: sp.Expr | int = M) -> sp.Expr:
    """4^(−m)/(16 ln 2): the same for stochastic rounding, t up with chance t: t(1 − t)."""
    within = sp.integrate(T * (1 - T), (T, 0, 1))
    return within * significand_mean(-2) * 4 ** (-sp.sympify(mantissa))


@functools.cache
def truncation_noise(mantissa: sp.Expr | int = M) -> sp.Expr:
    """4^(−m)/(8 ln 2): the same for truncation, its bias included."""
    within = sp.integrate(T**2, (T, 0, 1))
    return within * significand_mean(-2) * 4 ** (-sp.sympify(mantissa))


@functools.cache
def truncation_bias(mantissa: sp.Expr | int = M) -> sp.Expr:
    """b = 2^(−m)/(4 ln 2): what truncation takes of a number on average, relative to it."""
    within = sp.integrate(T, (T, 0, 1))
    return within * significand_mean(-1) * 2 ** (-sp.sympify(mantissa))


def decibels(noise: sp.Expr) -> sp.Expr:
    """Signal to noise in decibels, −10 log₁₀ of noise over signal."""
    return -10 * sp.log(noise, 10)


def in_decibels(law: Callable[[], Steps]) -> Callable[[], Steps]:
    """A law of noise over signal as one of signal to noise, which scatters evenly."""

    def told() -> Steps:
        steps = list(law())
        yield from steps
        last: Any = steps[-1][1]
        yield "In decibels", sp.Eq(RATIO, decibels(last.rhs))

    return told


def _spacing() -> Steps:
    yield "A number f·2^e is rounded to a multiple of its spacing 2^(e − m); relative to it", None
    yield (
        "that is 2^(−m)/f, with f log-uniform from 1 to 2 where data cover octaves evenly:",
        sp.Eq(sp.Symbol("E[f^(−2)]"), significand_mean(-2)),
    )


def nearest_law() -> Steps:
    """Of `nearest_noise`."""
    yield from _spacing()
    yield "The error is uniform within half a spacing, of variance 1/12:", None
    yield "so noise over signal is", sp.Eq(NOISE, nearest_noise())


def stochastic_law() -> Steps:
    """Of `stochastic_noise`."""
    yield from _spacing()
    yield "At a place t within the spacing the error has variance t(1 − t), 1/6 on average:", None
    yield "so noise over signal is", sp.Eq(NOISE, stochastic_noise())


def truncation_law() -> Steps:
    """Of `truncation_noise`."""
    yield from _spacing()
    yield "The error is uniform from 0 to a spacing, of mean square 1/3:", None
    yield "so noise over signal is", sp.Eq(NOISE, truncation_noise())


def truncation_bias_law() -> Steps:
    """Of `truncation_bias`."""
    yield "Towards zero a number loses half a spacing on average, 2^(−m)/(2f) of itself;", None
    yield (
        "with the mean of 1/f,",
        sp.Eq(sp.Symbol("E[1/f]"), significand_mean(-1)),
    )
    yield "it shrinks by", sp.Eq(SHRINKAGE, truncation_bias())


def unbiased_law() -> Steps:
    """Of stochastic rounding's mean error, 0 (Connolly, Higham and Mary 2021)."""
    yield (
        "At a place t within the spacing it goes up, by 1 − t, with chance t, else down by t:",
        None,
    )
    yield "the mean is", sp.Eq(SHRINKAGE, sp.expand(T * (1 - T) - (1 - T) * T))


def spacing_constant(values: Float[np.ndarray, "*shape"]) -> float:
    """E 4^⌊log₂|x|⌋ / (12 E x²): noise over signal of rounding to nearest at m = 0, from data.

    3/84 = 0.0357 for uniform numbers in (0, 1), 1/(32 ln 2) = 0.0451 for data of many octaves.

    Raises:
        ValueError: no number differs from 0.
    """
    used = values[values != 0]
    if used.size == 0:
        raise ValueError("no number differs from 0: there is nothing to round")
    exponents = np.frexp(used)[1] - 1.0
    return float(np.sum(4.0**exponents) / (12 * np.sum(used**2)))


def normal_spacing_constant(scale: float) -> float:
    """The same for normal numbers of mean 0 and deviation ``scale``, by a sum over octaves."""
    exponents = np.arange(-60, 8) + np.floor(np.log2(scale))
    low = 2.0**exponents / scale
    chance = 2 * (norm.cdf(2 * low) - norm.cdf(low))
    return float(np.sum(4.0**exponents * chance) / (12 * scale**2))
