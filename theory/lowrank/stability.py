"""What plain and shuffled layers of a low rank pass on, and what that says of accuracy over ranks.

Source: our derivation; the sentence on stability is that of Li et al., arXiv:1810.13098.
"""

from collections.abc import Iterator

import sympy as sp

Steps = Iterator[tuple[str, sp.Basic | None]]

RATIO = sp.Symbol("s_shuffled/s_plain", nonnegative=True)
LEAD = sp.Symbol("a_shuffled − a_plain", real=True)
PASSED = sp.Symbol("PR", positive=True)
RANK, ROWS, COLUMNS = sp.symbols("r k n", positive=True)
FLATTER = sp.Rational(9, 10)
POINTS = sp.Rational(3, 100)


def kurtosis() -> sp.Expr:
    """κ of the entries of a product of Gaussian factors of rank r: from E z⁴ of z = Σ uᵢvᵢ."""
    fourth = 3  # of a standard normal number
    same, pairs = RANK * fourth**2, fourth * RANK * (RANK - 1)
    return sp.expand((same + pairs) / RANK**2)


def passed() -> sp.Expr:
    """PR of such a product once its entries are shuffled."""
    return (ROWS * COLUMNS / (ROWS + COLUMNS + kurtosis() - 2)).together()


def directions() -> Steps:
    """Linear features that the layers pass on."""
    yield "A plain layer of rank r passes r linear features of its inputs on.", None
    yield "Its entries, of Gaussian factors, have the kurtosis", kurtosis()
    yield (
        "and once they are shuffled the layer has a participation ratio of",
        sp.Eq(PASSED, passed()),
    )


def flatter_law() -> Steps:
    """The sentence: accuracy varies less over ranks."""
    yield from directions()
    yield (
        "It hardly depends on r. If accuracy follows what is passed on, its standard deviation "
        "over ranks is smaller where entries are shuffled. By a tenth at least, for “more stable”:",
        sp.Eq(RATIO, FLATTER),
    )


def lower_law() -> Steps:
    """What the sentence leaves out."""
    yield (
        "A plain layer whose rank is not below that of its teacher can learn it, as a whole.",
        None,
    )
    yield "A shuffled one cannot, so it is behind, by three points of accuracy at least:", None
    yield "its lead is at most", sp.Eq(LEAD, -POINTS)


def higher_law() -> Steps:
    """Rank 1, where a plain layer passes next to nothing on."""
    yield from directions()
    yield (
        "At r = 1 a plain layer passes a single feature on. Where the teacher has no low rank it "
        "is behind, by three points of accuracy at least: the lead of the plain one is at most",
        sp.Eq(-LEAD, -POINTS),
    )
