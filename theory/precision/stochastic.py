"""Sums of positive terms with stochastic rounding: √n at first, then no growth at all.

Connolly, Higham and Mary (SISC 43, A566, 2021) bound the error by √n·u, unconditionally. That is
its law only while terms exceed the spacing of the partial sum. Beyond, a step adds a whole spacing
or nothing, and the variance grows like the sum itself. The constants are our derivation.
"""

import functools
import math
from collections.abc import Iterator

import numpy as np
import sympy as sp
from scipy.special import ndtr

from theory.precision.rounding import M, significand_mean, stochastic_noise
from theory.precision.sums import SIGNAL, K, N

Steps = Iterator[tuple[str, sp.Basic | None]]

ERROR = sp.Symbol("ε", positive=True)  # root mean square, relative
SPACING = sp.Symbol("u", positive=True)
VARIANCE = sp.Symbol("V", positive=True)  # of the computed sum, what rounding adds
OCTAVES = 30  # below 1 that are told apart


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


def step_variance(spacing: sp.Expr = SPACING) -> sp.Expr:
    """Of a term uniform in (0, 1), added where the spacing u is a power of two.

    E x(u − x) where u is at least 1, since the step adds u with chance x/u; u²/6 below.
    """
    x = sp.Symbol("x", positive=True)
    rare = sp.integrate(x * (spacing - x), (x, 0, 1))
    return sp.Piecewise((spacing**2 / 6, spacing <= 1), (rare, True))


@functools.cache
def variance(terms: int, mantissa: int) -> float:
    """Σ of the expected `step_variance` over the partial sums of n terms uniform in (0, 1).

    Partial sums are taken as normal with the mean and variance of the exact ones, and the rounding
    errors made until then.
    """
    exponents = np.arange(-OCTAVES, math.ceil(math.log2(terms)) + 2.0)
    low = 2.0**exponents
    spacing = low * 2.0**-mantissa
    of_step = sp.lambdify(SPACING, step_variance(), "numpy")(spacing)
    total = 0.0
    for k in range(1, terms + 1):
        width = math.sqrt(k / 12 + total)
        edges = ndtr((np.append(low, 2 * low[-1]) - k / 2) / width)
        total += float(np.diff(edges) @ of_step)
    return total


def law() -> Steps:
    """At every n, of terms uniform in (0, 1)."""
    yield "A sum of spacing u gets a term x. Stochastic rounding has no bias; its variance is", None
    yield (
        "u²/6 while terms exceed u. Beyond, it adds u with chance x/u or nothing, of variance "
        "x(u − x); on average over x uniform in (0, 1):",
        sp.Eq(sp.Symbol("v"), step_variance()),
    )
    yield (
        "At first noise over signal grows like n,",
        sp.Eq(sp.Symbol("ν_early"), early_noise()),
    )
    yield (
        "then it does not grow at all, since u grows with the sum,",
        sp.Eq(sp.Symbol("ν_late"), late_noise()),
    )
    yield "both are equal at", sp.Eq(N, crossing())
    yield (
        "With V the sum of the mean v over the partial sums, the root mean square of the error is, "
        "relative to that of the sum and at every n,",
        sp.Eq(ERROR, sp.sqrt(VARIANCE / SIGNAL)),
    )
