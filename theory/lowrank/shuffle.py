"""Σσ⁴ of a kernel whose entries are permuted at random: exact, for any entries.

Source: our derivation. A kernel is a k × n matrix; its entries w have the power sums p_j = Σ w^j,
and a uniform permutation of all of them is averaged over. The participation ratio (Σσ²)²/Σσ⁴ is
the number of singular values that carry the energy, if all that do carry the same.
"""

import functools
from collections.abc import Iterator
from math import factorial

import sympy as sp
from sympy.utilities.iterables import multiset_partitions

Steps = Iterator[tuple[str, sp.Basic | None]]

REFERENCE = """@misc{li2018lowrank,
  title = {Low-Rank Embedding of Kernels in Convolutional Neural Networks under Random Shuffling},
  author = {Li, Chao and Sun, Zhun and Yu, Jinshi and Hou, Ming and Zhao, Qibin},
  year = {2018},
  note = {arXiv:1810.13098}
}"""

ROWS = sp.Symbol("k", positive=True)
COLUMNS = sp.Symbol("n", positive=True)
MOMENT = sp.Symbol("E[Σσ⁴]", positive=True)
SUMS = sp.symbols("p1:5", real=True)
P1, P2, P3, P4 = SUMS
FOURTH = sp.Symbol("m₄", positive=True)  # E w⁴
SQUARES = sp.Symbol("m₂₂", positive=True)  # E w²w'² of two different entries
FOUR = sp.Symbol("m₁₁₁₁", real=True)  # E of the product of four different ones
MEANS = {FOURTH: (4,), SQUARES: (2, 2), FOUR: (1, 1, 1, 1)}
KURTOSIS = sp.Symbol("κ", positive=True)
RATIO = sp.Symbol("PR", positive=True)

ENTRIES = ROWS * COLUMNS


def distinct_sum(powers: tuple[int, ...]) -> sp.Expr:
    """Σ w_a^(j₁) w_b^(j₂) … over different entries a, b, …, by power sums.

    Of all tuples those with equal entries are taken away again: a sum over the partitions of the
    places, each block of b of them with the sign and the number (−1)^(b−1) (b−1)!.
    """
    total = sp.Integer(0)
    for blocks in multiset_partitions(list(range(len(powers)))):
        term = sp.Integer(1)
        for block in blocks:
            weight = (-1) ** (len(block) - 1) * factorial(len(block) - 1)
            power = sum(powers[int(place)] for place in block)
            term *= weight * SUMS[power - 1]
        total += term
    return sp.expand(total)


def mean_product(powers: tuple[int, ...]) -> sp.Expr:
    """E of a product of powers of different entries of a shuffled kernel, by power sums."""
    return distinct_sum(powers) / sp.Mul(*(ENTRIES - place for place in range(len(powers))))


def shuffled_moment() -> sp.Expr:
    """E Σσ⁴ over all permutations of the entries, by mean products of different ones."""
    k, n = ROWS, COLUMNS
    pairs = k * n * (n - 1) + n * k * (k - 1)
    return k * n * FOURTH + pairs * SQUARES + k * (k - 1) * n * (n - 1) * FOUR


def in_power_sums() -> sp.Expr:
    """The same by power sums of the entries."""
    return shuffled_moment().subs([(mean, mean_product(of)) for mean, of in MEANS.items()])


@functools.cache
def participation() -> sp.Expr:
    """kn/(k + n + κ − 2): (Σσ²)² over E Σσ⁴ of many entries of mean 0 and kurtosis κ."""
    size = sp.Symbol("λ", positive=True)
    centered = [(P1, 0), (P3, 0), (P2, ENTRIES), (P4, KURTOSIS * ENTRIES)]
    grown = [(ROWS, size * ROWS), (COLUMNS, size * COLUMNS)]
    moment = sp.together((in_power_sums().subs(centered) / ENTRIES).subs(grown, simultaneous=True))
    first = sp.limit(moment / size, size, sp.oo)
    second = sp.limit(moment - size * first, size, sp.oo)
    return ENTRIES / sp.expand(first + second)


def law() -> Steps:
    """The mean of Σσ⁴ over all permutations."""
    yield (
        "Σσ⁴ is the squared norm of the k × k matrix of products of rows, a sum over two rows and "
        "two columns of",
        sp.Mul(*sp.symbols("w_ij w_i'j w_ij' w_i'j'")),
    )
    yield (
        "Where rows and columns are equal, in kn terms, that is the fourth power of an entry:",
        sp.Eq(FOURTH, mean_product((4,))),
    )
    yield (
        "Where only rows, or only columns, are equal, in kn(n − 1) + nk(k − 1) terms, it is a "
        "product of squares of two different entries, and each pair of them is as likely:",
        sp.Eq(SQUARES, mean_product((2, 2))),
    )
    yield (
        "In the other k(k − 1)n(n − 1) terms it is a product of four different entries, of mean",
        sp.Eq(FOUR, mean_product((1, 1, 1, 1))),
    )
    yield "Together, for any entries and without a limit,", sp.Eq(MOMENT, shuffled_moment())
