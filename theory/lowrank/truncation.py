"""Energy that truncation leaves of an unstructured kernel: the law of Marchenko and Pastur.

Source: Marčenko and Pastur (1967) for the density of the eigenvalues s = σ²/n of a k × n matrix of
independent entries of variance 1, c = k/n; the share beyond a rank is our integral of it.
"""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp
from jaxtyping import Float
from scipy import integrate, optimize

Steps = Iterator[tuple[str, sp.Basic | None]]

REFERENCE = """@article{martin2021implicit,
  title = {Implicit Self-Regularization in Deep Neural Networks},
  author = {Martin, Charles H. and Mahoney, Michael W.},
  journal = {Journal of Machine Learning Research},
  volume = {22},
  year = {2021},
  note = {arXiv:1810.01075}
}"""

S, EDGE = sp.symbols("s t", positive=True)  # an eigenvalue, and that of the last kept one
ASPECT = sp.Symbol("c", positive=True)  # k/n, at most 1
RANK = sp.Symbol("r", positive=True)
ROWS, COLUMNS = sp.symbols("k n", positive=True)
TAIL = sp.Symbol("tail(r)", positive=True)

LOWEST, HIGHEST = (1 - sp.sqrt(ASPECT)) ** 2, (1 + sp.sqrt(ASPECT)) ** 2
NEAR_EDGE = 1e-6  # an angle: beyond the edge, by rounding, the density has no value
DENSITY = sp.sqrt((HIGHEST - S) * (S - LOWEST)) / (2 * sp.pi * ASPECT * S)


@functools.cache
def tail_below(aspect: sp.Expr = ASPECT) -> sp.Expr:
    """∫ s f(s) ds up to t: with s = 1 + c + 2√c x the root is that of a circle."""
    x, top = sp.symbols("x u", real=True)
    circle = sp.integrate(2 * sp.sqrt(1 - x**2) / sp.pi, (x, -1, top))
    found = circle.subs(top, (EDGE - 1 - ASPECT) / (2 * sp.sqrt(ASPECT)))
    return found.subs(ASPECT, aspect)


def law() -> Steps:
    """The share of the energy that the best approximation of rank r leaves."""
    f = sp.Symbol("f(s)")
    yield (
        "The eigenvalues s of XXᵀ/n, of a k × n matrix X of independent entries of variance 1, "
        "have the density",
        sp.Eq(f, DENSITY),
    )
    yield "between its two zeros. Rank r keeps those above t, a share r/k of them:", None
    yield "", sp.Eq(sp.Integral(DENSITY, (S, EDGE, HIGHEST)), RANK / ROWS, evaluate=False)
    yield (
        "The best approximation leaves the energy of the others (Eckart and Young), whose mean is "
        "1 in all:",
        sp.Eq(TAIL, tail_below()),
    )


@functools.cache
def last_kept(aspect: float, share: float) -> float:
    """t, above which a share of the eigenvalues lies; c at most 1."""
    density = sp.lambdify(S, DENSITY.subs(ASPECT, sp.Float(aspect)))
    low, high = (1 - aspect**0.5) ** 2, (1 + aspect**0.5) ** 2
    middle, radius = (low + high) / 2, (high - low) / 2

    def above(angle: float) -> float:  # s = middle + radius cos(angle) has no edge in the angle
        def integrand(one: float) -> float:
            return density(middle + radius * np.cos(one)) * radius * np.sin(one)

        return integrate.quad(integrand, 0, angle)[0]

    found: Any = optimize.brentq(lambda one: above(one) - share, 0, np.pi, xtol=1e-12)
    angle = max(float(found), NEAR_EDGE)
    return middle + radius * float(np.cos(angle))


@functools.cache
def tail(rows: int, columns: int, rank: float | int) -> float:
    """The same as a number, for any size."""
    few, many = sorted((rows, columns))
    if rank >= few:
        return 0.0
    if rank <= 0:
        return 1.0
    function = sp.lambdify((EDGE, ASPECT), tail_below())
    return float(function(last_kept(few / many, rank / few), few / many))


def edges(rows: int, columns: int, ranks: tuple[int, ...]) -> Float[np.ndarray, " ranks"]:
    """t at several ranks."""
    few, many = sorted((rows, columns))
    return np.array([last_kept(few / many, rank / few) for rank in ranks])
