"""Sums in other orders than one after the other: in pairs, in blocks, compensated.

With pairs the operands of all levels but the first lie on grids, and their sum is often a tie,
which costs u²/8 instead of the u²/12 of a uniform error. Source: our derivation.
"""

import functools
from collections.abc import Iterator

import numpy as np
import sympy as sp

from theory.precision.rounding import NOISE, M, nearest_noise
from theory.precision.sums import MU, K, N

Steps = Iterator[tuple[str, sp.Basic | None]]

PAIRS = sp.Symbol("c", positive=True)  # noise of a sum of two rounded numbers, in δ²
BLOCK = sp.Symbol("B", positive=True)  # terms in a block
ANGLES, OCTAVE = 20_000, 200  # grid of the average over pairs


def tie_factor(ratio: sp.Expr) -> sp.Expr:
    """Mean square error over u²/12, of sums on a grid of spacing u/ratio, ratio even: 1 + 2/ratio².

    The places −ratio/2 + 1 … ratio/2 are equally likely, and the last one is a tie.
    """
    k = sp.Symbol("k", integer=True)
    squares = sp.summation(k**2, (k, 1 - ratio / 2, ratio / 2)) / ratio
    return sp.simplify(12 * squares / ratio**2)


@functools.cache
def pair_noise() -> float:
    """Noise of the rounded sum of two rounded normal numbers, in δ², averaged over an octave."""
    angle = np.linspace(0, np.pi, ANGLES, endpoint=False) + np.pi / ANGLES / 3
    size = 2.0 ** ((np.arange(OCTAVE) + 0.5) / OCTAVE)[:, None]
    one, other = size * np.cos(angle), size * np.sin(angle)
    exponents = [np.floor(np.log2(np.abs(x))) for x in (one, other, one + other)]
    bits = exponents[2] - np.minimum(exponents[0], exponents[1])
    squares = np.where(bits > 0, 4.0 ** exponents[2] / 12 * (1 + 2 / 4.0**bits), 0.0)
    return float(np.mean(squares / size**2)) / float(nearest_noise(0))


def pairwise_law() -> Steps:
    """In pairs, terms of mean 0."""
    yield "Each of the log₂ n levels has sums of total variance nσ², and adds δ² of it,", None
    yield (
        "but sums of numbers on a grid are often ties. With a spacing of `ratio` grid steps the mean "
        "square is larger by",
        sp.Eq(sp.Symbol("τ"), tie_factor(sp.Symbol("ratio", positive=True))),
    )
    yield (
        "so levels after the first add cδ², with c the average over pairs of normal numbers:",
        sp.Eq(NOISE, nearest_noise() * (1 + PAIRS * (sp.log(N, 2) - 1))),
    )


def pairwise_positive_law() -> Steps:
    """In pairs, positive terms: a geometric sum over levels."""
    level = sp.Symbol("l", positive=True)
    yield "At level l there are n/2^l sums of about 2^l μ; both operands have half of that, so", None
    yield "the sum lies on a grid of half its spacing and half of the sums are ties: u²/8.", None
    sizes = sp.summation(N * 2**level / N**2, (level, 2, sp.log(N, 2)))
    first = 2 / N  # terms are on no grid
    mean = sp.Symbol("μ", positive=True)
    constant = 4 ** sp.floor(sp.log(mean, 2)) / (12 * mean**2)
    yield (
        "Over the levels that is no logarithm but a constant, 3 spacings² at most:",
        sp.Eq(
            NOISE,
            sp.simplify(constant * (first + sp.Rational(3, 2) * sizes)) * 4 ** (-M),
        ),
    )


def blocked_noise() -> sp.Expr:
    """Serial sums of blocks of terms of mean 0, and of their n/B sums."""
    inner = N / BLOCK * sp.summation(K, (K, 2, BLOCK))
    outer = BLOCK * sp.summation(K, (K, 2, N / BLOCK))
    return sp.simplify(nearest_noise() * (inner + outer) / N)


def blocked_law() -> Steps:
    """In blocks: of `blocked_noise`."""
    yield "Serial sums of n/B blocks of B terms, then of their n/B sums:", None
    yield "with blocks of √n it is √n + 1 − 2/√n instead of n/2:", sp.Eq(NOISE, blocked_noise())
