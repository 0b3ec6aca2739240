"""Sums of positive terms with stochastic rounding: √n at first, then no growth at all.

Connolly, Higham and Mary (SISC 43, A566, 2021) bound the error by √n·u, unconditionally. That is
its law only while terms exceed the spacing of the partial sum. Beyond, a step adds a whole spacing
or nothing, and the variance grows like the sum itself. The constants are our derivation.
"""

from collections.abc import Iterator

import numpy as np
import sympy as sp

from theory.precision.rounding import NOISE, M, significand_mean, stochastic_noise
from theory.precision.sums import MU, SPACINGS, K, N

Steps = Iterator[tuple[str, sp.Basic | None]]

WIDTHS = sp.Symbol("V", positive=True)  # Σ of spacings at m = 0


def early_noise() -> sp.Expr:
    """4^(−m) n/(48 ln 2) to leading order in n: mean square error over (nμ)²."""
    return stochastic_noise() * sp.integrate(K**2, (K, 0, N)) / N**2


def late_noise() -> sp.Expr:
    """2^(−m)/(4 ln 2), whatever n."""
    mean = sp.integrate(K, (K, 0, N)) / N**2
    return 2 ** (-M) * significand_mean(-1) * mean


def crossing() -> sp.Expr:
    """The n at which both are equal: 12·2^m."""
    (found,) = sp.solve(sp.Eq(early_noise(), late_noise()), N)
    return sp.simplify(found)


def spacings(mean: float, terms: int) -> float:
    """Σ 2^⌊log₂ kμ⌋ over k = 1 … n: spacings of the partial sums of a mean, at m = 0."""
    return float(np.sum(2.0 ** np.floor(np.log2(mean * np.arange(1, terms + 1)))))


def early_law() -> Steps:
    """While terms exceed the spacing; position by position."""
    yield "A step of spacing u_k = 2^(⌊log₂ kμ⌋ − m) has variance u_k²/6, without bias:", None
    squares = sp.Sum(4 ** sp.floor(sp.log(K * MU, 2)), (K, 2, N))
    yield "with the sum of squares", sp.Eq(SPACINGS, squares, evaluate=False)
    yield "relative to (nμ)²", sp.Eq(NOISE, 4 ** (-M) * SPACINGS / (6 * (N * MU) ** 2))


def late_law() -> Steps:
    """Once terms are below the spacing."""
    yield "A term x below the spacing u adds u with chance x/u: variance x(u − x), near μu.", None
    widths = sp.Sum(2 ** sp.floor(sp.log(K * MU, 2)), (K, 1, N))
    yield "With the sum of spacings", sp.Eq(WIDTHS, widths, evaluate=False)
    yield (
        "which is n²μ/(4 ln 2) on average over octaves, the noise relative to (nμ)² is that of a "
        "constant, 2^(−m)/(4 ln 2); position by position",
        sp.Eq(NOISE, 2 ** (-M) * WIDTHS / (N**2 * MU)),
    )
