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
    p, partial, cost = (sp.Function(name)(k) for name in ("p", "S", "c"))
    variance = sp.Symbol("Var_z", positive=True)
    every: Any = sp.Sum(delta * p**2, (k, 1, n))
    every += sp.Sum(cost, (k, 2, n))
    yield (
        "Rounding x to nearest has an error of mean square δ² x², with",
        sp.Eq(sp.Symbol("δ²", positive=True), delta),
    )
    yield (
        "z = Σ p_k is summed in order, each product and each partial sum S_k rounded, of which the "
        "first is exact:",
        sp.Eq(variance, every),
    )
    yield "A partial sum costs", sp.Eq(cost, delta * partial**2)
    yield (
        "unless p_k is below half a spacing of it. Then p_k is lost, for the sum was rounded "
        "before: it costs the square of that, and nothing where 0 is added,",
        sp.Eq(cost, p**2),
    )
    yield (
        "E₁ is Var_z/δ² of the hidden units, brought to the outputs by the squares of the second "
        "weights of active units; E₂ is that of the outputs; both over the squared outputs. Errors "
        "of different roundings are uncorrelated:",
        sp.Eq(RHO, delta * (FIRST + SECOND)),
    )


def independent_terms() -> sp.Expr:
    """The law for independent products of mean 0 instead: (n + 1)/2 and the product, a layer."""
    return nearest_noise() * ((INPUTS + 1) / 2 + (HIDDEN + 1) / 2 + 2)
