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
        "but sums of numbers on a grid are often ties. With r grid steps to a spacing the mean "
        "square is larger by the factor",
        sp.Eq(sp.Symbol("τ"), tie_factor(sp.Symbol("r", positive=True))),
    )
    yield (
        "so they add cδ², with c the average over pairs of normal numbers, and the terms δ²:",
        sp.Eq(NOISE, nearest_noise() * (1 + PAIRS * sp.log(N, 2))),
    )


def odd_share() -> sp.Expr:
    """Share q of odd multiples among sums of two alike: 1 − 1/√2, since ties go to even ones.

    A sum of two is a tie where one of them is odd, 2q(1 − q), and becomes even; of the others half
    are odd. From level to level that goes to q = (1 − 2q(1 − q))/2.
    """
    q = sp.Symbol("q", positive=True)
    found = sp.solve(sp.Eq(q, (1 - 2 * q * (1 - q)) / 2), q)
    (share,) = [one for one in found if one < 1]
    return share


def tie_share() -> sp.Expr:
    """Share of ties among sums of two alike: √2 − 1, and not ½."""
    q = odd_share()
    return sp.simplify(2 * q * (1 - q))


def pairwise_positive_law() -> Steps:
    """In pairs, positive terms: a geometric sum over levels."""
    level = sp.Symbol("l", positive=True)
    yield (
        "At level l there are n/2^l sums of about 2^l μ of two numbers alike, on a grid of half",
        None,
    )
    yield (
        "the sum's spacing u: exact, or a tie, which costs u²/4. Ties go to even numbers, and so",
        None,
    )
    yield "fewer follow: of a share q of odd multiples 2q(1 − q) are ties, and q is", None
    yield (
        "(1 − 2q(1 − q))/2 at the next level; that ends with a share of ties of",
        sp.Eq(sp.Symbol("θ"), tie_share()),
    )
    sizes = sp.summation(N * 2**level / N**2, (level, 1, sp.log(N, 2)))
    spacing = 4 ** sp.floor(sp.log(MU, 2)) / MU**2
    yield (
        "Over the levels that is no logarithm but a constant:",
        sp.Eq(NOISE, 4 ** (-M) * spacing * tie_share() / 4 * sp.simplify(sizes)),
    )


def kahan_law() -> Steps:
    """Compensated: 2δ², whatever n."""
    yield "What a step loses is taken from the next term, so only the last loss is left: δ².", None
    yield "But each term is rounded as it is corrected: δ²σ² each, δ² of all;", None
    yield "together", sp.Eq(NOISE, 2 * nearest_noise())


def blocked_noise() -> sp.Expr:
    """Serial sums of blocks of terms of mean 0, and of their n/B sums."""
    inner = N / BLOCK * sp.summation(K, (K, 1, BLOCK))
    outer = BLOCK * sp.summation(K, (K, 2, N / BLOCK))
    return sp.simplify(nearest_noise() * (inner + outer) / N)


def blocked_law() -> Steps:
    """In blocks: of `blocked_noise`."""
    yield "Serial sums of n/B blocks of B terms, then of their n/B sums:", None
    yield "with blocks of √n it is √n + 1 − 1/√n instead of n/2:", sp.Eq(NOISE, blocked_noise())
