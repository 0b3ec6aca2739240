"""Noise of a trained network whose products and sums are all rounded, from its partial sums.

Source: our derivation.
"""

from collections.abc import Iterator
from typing import Any

import sympy as sp

from theory.precision.rounding import nearest_noise

Step = tuple[str, sp.Basic | None]

RHO, FIRST, SECOND, ALL = sp.symbols("ρ E₁ E₂ E₀", positive=True)
INPUTS, HIDDEN = sp.symbols("n₁ n₂", positive=True)


def partial_sums() -> Iterator[Step]:
    """The law of the noise at the outputs of a network with one hidden layer of ReLU."""
    delta = nearest_noise()
    k, n = sp.symbols("k n", integer=True, positive=True)
    p, partial = sp.Function("p")(k), sp.Function("S")(k)
    variance, added = sp.symbols("Var_z 1(p_k≠0)", positive=True)
    squares: Any = sp.Sum(p**2, (k, 1, n))
    squares += sp.Sum(partial**2 * added, (k, 2, n))
    yield (
        "Rounding x to nearest has an error of mean square δ² x², with",
        sp.Eq(sp.Symbol("δ²", positive=True), delta),
    )
    yield (
        "z = Σ p_k is summed in order, each product and each partial sum S_k rounded. The first "
        "sum is exact, and so is one to which 0 is added, p_k = 0:",
        sp.Eq(variance, delta * squares),
    )
    yield (
        "E₁ is this sum, without δ², of the hidden units, brought to the outputs by the squares of "
        "the second weights of active units; E₂ is that of the outputs; both over the squared "
        "outputs. Errors of different roundings are uncorrelated:",
        sp.Eq(RHO, delta * (FIRST + SECOND)),
    )


def independent_terms() -> sp.Expr:
    """The law for independent products of mean 0 instead: (n + 1)/2 and the product, a layer."""
    return nearest_noise() * ((INPUTS + 1) / 2 + (HIDDEN + 1) / 2 + 2)
