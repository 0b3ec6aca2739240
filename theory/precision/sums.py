"""What rounding does to sums of n terms, one after the other, and in other orders.

Every partial sum is rounded, so its error is that of one rounding of a number of its size, and
errors of different steps are independent (to nearest) or all of one sign (towards zero). Sources:
Higham and Mary (SISC 2019, 2020) and Ipsen and Zhou (arXiv:1906.10465) bound these errors or give
their order in n; the constants are our derivation.
"""

import functools
from collections.abc import Iterator

import numpy as np
import sympy as sp
from scipy.stats import norm

from theory.precision.rounding import NOISE, M, nearest_noise

Steps = Iterator[tuple[str, sp.Basic | None]]

N = sp.Symbol("n", positive=True)  # number of terms
K = sp.Symbol("k", positive=True)
MU = sp.Symbol("μ", positive=True)  # mean of a term
SIGNAL = sp.Symbol("E[s²]", positive=True)  # mean square of the exact sum
B = sp.Symbol("b", positive=True)  # what one truncation takes, relative
R2 = sp.Symbol("R²", positive=True)  # squared correlation of computed and exact sum
SLOPE = sp.Symbol("a", positive=True)  # of the computed sum regressed on the exact one
SPACINGS = sp.Symbol("U", positive=True)  # Σ of mean squared spacings at m = 0
OCTAVES = 40  # that are told apart below the largest partial sum


def serial_noise() -> sp.Expr:
    """Noise over signal of a serial sum of terms of mean 0, the first of which is rounded, too."""
    return sp.simplify(nearest_noise() * sp.summation(K, (K, 1, N)) / N)


def serial_law() -> Steps:
    """Of `serial_noise`."""
    yield "After k terms of mean 0 and variance σ² the partial sum has variance kσ²,", None
    yield (
        "and rounding it adds δ²kσ², where δ² is the noise of one rounding,",
        sp.Eq(sp.Symbol("δ²"), nearest_noise()),
    )
    yield "All that adds up; relative to nσ² it is δ²(n + 1)/2:", sp.Eq(NOISE, serial_noise())


@functools.cache
def spacings(mean: float, deviation: float, terms: int) -> float:
    """Σ E 4^⌊log₂|S_k|⌋ over k = 1 … n, S_k normal of mean kμ and variance kσ²: squared spacings of
    the partial sums at m = 0."""
    k = np.arange(1.0, terms + 1)[:, None]
    center, width = k * mean, deviation * np.sqrt(k)
    largest = np.ceil(np.log2(np.max(np.abs(center) + 10 * width)))
    low = 2.0 ** np.arange(largest - OCTAVES, largest + 1)
    inside = sum(
        norm.cdf((high - center) / width) - norm.cdf((low_ - center) / width)
        for low_, high in ((low, 2 * low), (-2 * low, -low))
    )
    return float(np.sum(low**2 * inside))


def expected_squares() -> sp.Basic:
    """Σ E 4^⌊log₂|S_k|⌋, as it is printed."""
    return sp.Sum(sp.Function("E[4^⌊log₂|S|⌋]")(K), (K, 1, N))


def serial_mean_law() -> Steps:
    """Of terms with a mean, position by position: where the partial sums lie is known."""
    yield (
        "A partial sum S of k terms of mean μ is about kμ, normal with variance kσ², and its "
        "spacing 2^(⌊log₂|S|⌋ − m). With the sum of the mean squares at m = 0,",
        sp.Eq(SPACINGS, expected_squares(), evaluate=False),
    )
    yield (
        "and an error of 1/12 of each, relative to the mean square of the sum:",
        sp.Eq(NOISE, 4 ** (-M) * SPACINGS / (12 * SIGNAL)),
    )


def benford_mean_noise() -> sp.Expr:
    """The same with a log-uniform significand of every partial sum: wrong by up to a fifth."""
    return nearest_noise() * sp.summation(K**2, (K, 1, N)) / N**2


@functools.cache
def kept(power: int) -> sp.Expr:
    """Mean over the terms of what truncations leave of each, exp(−bk), to a power."""
    x = sp.Symbol("x", positive=True)
    return sp.simplify(sp.integrate(sp.exp(-power * B * x), (x, 0, N)) / N)


def truncated_correlation() -> sp.Expr:
    """R² of truncated and exact sum, `kept(1)`²/`kept(2)`."""
    return 2 * sp.tanh(B * N / 2) / (B * N)


def truncation_correlation_law() -> Steps:
    """Of `truncated_correlation`."""
    yield "Each of the n roundings leaves 1 − b of the partial sum, so of a term that came k", None
    yield (
        "steps before the end exp(−bk) is left. The squared correlation with the plain sum, with "
        "terms of mean 0, is (mean of what is left)² over the mean of its square,",
        sp.Eq(R2, kept(1) ** 2 / kept(2), evaluate=False),
    )
    yield "which is", sp.Eq(R2, truncated_correlation())


def truncation_slope_law() -> Steps:
    """Of the regression on the exact sum, `kept(1)`."""
    yield "Of a term that came k steps before the end exp(−bk) is left, on average over k", None
    yield "the part", sp.Eq(SLOPE, kept(1))


def quadratic_correlation() -> sp.Expr:
    """1 − (bn)²/12: the first terms of R², wrong by a factor of two from bn = 3 on."""
    return 1 - (B * N) ** 2 / 12
