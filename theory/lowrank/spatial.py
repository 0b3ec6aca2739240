"""Rank of the first update of a kernel, from the spatial correlation of the images.

Source: our derivation. M filters see patches of d pixels with covariance C. If back-propagated
errors were independent of the patches, the rows of the first update would be independent with a
covariance proportional to C.
"""

from collections.abc import Iterator

import numpy as np
import sympy as sp
from jaxtyping import Float

Steps = Iterator[tuple[str, sp.Basic | None]]

FILTERS = sp.Symbol("M", positive=True)
TRACE = sp.Symbol("tr C", positive=True)
SQUARE = sp.Symbol("tr C²", positive=True)
SHARE = sp.Symbol("q", positive=True)  # tr C²/(tr C)²
RHO = sp.Symbol("ρ", real=True)
RATIO = sp.Symbol("PR", positive=True)
SIDE = 3


def fourth_moment() -> sp.Expr:
    """E Σσ⁴ of M independent rows N(0, C): by Wick's rule, rows equal or not."""
    equal = TRACE**2 + 2 * SQUARE  # E(g·g)²
    other = SQUARE  # E(g·g')²
    return FILTERS * equal + FILTERS * (FILTERS - 1) * other


def squared_energy() -> sp.Expr:
    """E (Σσ²)² of the same."""
    return (FILTERS * TRACE) ** 2 + 2 * FILTERS * SQUARE


def participation() -> sp.Expr:
    """The ratio of both, in q."""
    ratio = squared_energy() / fourth_moment()
    return sp.simplify(ratio.subs(SQUARE, SHARE * TRACE**2))


def correlated(correlation: sp.Expr = RHO, side: int = SIDE) -> sp.Expr:
    """q of side² pixels correlated like ρ^(|Δx| + |Δy|): the square of that of a line."""
    line = sp.Matrix(side, side, lambda i, j: correlation ** abs(i - j))
    return (sp.expand(sp.trace(line * line)) / sp.trace(line) ** 2) ** 2


def law() -> Steps:
    """By the covariance of the patches."""
    yield (
        "The first update of M filters is the sum of errors times patches. Errors that do not know "
        "of the patches make its rows independent, N(0, C) up to a factor. Then E Σσ⁴ is",
        fourth_moment(),
    )
    yield "E (Σσ²)² is", squared_energy()
    yield "and with q = tr C²/(tr C)² the participation ratio is", sp.Eq(RATIO, participation())


def correlation_law() -> Steps:
    """By the correlation of neighboring pixels."""
    yield from law()
    yield (
        "For 3 × 3 pixels of correlation ρ^(|Δx| + |Δy|) C is a Kronecker product, and q is",
        sp.Eq(SHARE, correlated()),
    )
    yield "so that", sp.Eq(RATIO, participation().subs(SHARE, correlated()))


def share(covariance: Float[np.ndarray, "pixels pixels"]) -> float:
    """q of a covariance matrix."""
    return float(np.sum(covariance**2) / np.trace(covariance) ** 2)
