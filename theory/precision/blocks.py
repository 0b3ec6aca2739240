"""Block floating point: what it costs that Gaussian numbers share the exponent of the largest.

Source: our derivation; Wilkinson (Rounding Errors in Algebraic Processes, 1963) has bounds for
block floating point, Rouhani et al. (arXiv:2310.10537) measure it.
"""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy
from scipy import integrate, special

from theory.precision.formats import NSR, SCALE
from theory.precision.rounding import M, nearest_noise

REFERENCE = """@misc{rouhani2023microscaling,
  title = {Microscaling Data Formats for Deep Learning},
  author = {Rouhani, Bita Darvish and others},
  year = {2023},
  note = {arXiv:2310.10537}
}"""

SIZE = sympy.Symbol("B", integer=True, positive=True)
MAX_SQUARE = sympy.Symbol("μ₂", positive=True)  # E[max² of B] of N(0, 1)
MAX_MEAN = sympy.Symbol("μ₁", positive=True)
MAX_SPACING = sympy.Symbol("U_B", positive=True)  # E[4^⌊log₂ max⌋]
_T = sympy.Symbol("t", positive=True)
_E, _MEAN = sympy.Symbol("E", integer=True), sympy.Function("E")
_MAX = sympy.Symbol("max", positive=True)

_BELOW = sympy.erf(_T / sympy.sqrt(2)) ** SIZE  # P(max < t) for N(0, 1)


def block_noise() -> sympy.Expr:
    """NSR averaged over an octave of scale."""
    return nearest_noise() * MAX_SQUARE


def octave_steps() -> Iterator[tuple[str, sympy.Basic | None]]:
    """Derivation of the noise averaged over an octave of scale."""
    spacing = sympy.Symbol("Δ", positive=True)
    yield (
        "The B numbers of a block are multiples of one step, that of the largest of them,",
        sympy.Eq(spacing, 2 ** (sympy.floor(sympy.log(_MAX, 2)) - M)),
    )
    yield "each with an error of mean square Δ²/12, whichever its own size.", None
    yield (
        "On average over an octave of scale log₂ max is uniform modulo 1, and Δ²/12 is max² times",
        sympy.Eq(sympy.Symbol("δ", positive=True) ** 2, nearest_noise()),
    )
    yield (
        "The largest of B numbers of N(0, 1) is below t with probability erf(t/√2)^B, and has a "
        "mean square of",
        sympy.Eq(MAX_SQUARE, sympy.Integral(2 * _T * (1 - _BELOW), (_T, 0, sympy.oo))),
    )
    yield "The signal has mean square 1, therefore", sympy.Eq(NSR, block_noise())


def one_scale_steps() -> Iterator[tuple[str, sympy.Basic | None]]:
    """Derivation of the noise at one scale."""
    below: Any = _BELOW
    low, high = (below.subs(_T, 2**e / SCALE) for e in (_E, _E + 1))
    yield (
        "At one scale s the exponent of the largest has a law of its own, and its power of 4 the "
        "mean",
        sympy.Eq(MAX_SPACING, sympy.Sum(4**_E * (high - low), (_E, -sympy.oo, sympy.oo))),
    )
    yield (
        "The error of each number has then a mean square of 4^(−m)/12 times it:",
        sympy.Eq(NSR, MAX_SPACING * 4**-M / (12 * SCALE**2)),
    )


@functools.cache
def largest_moment(size: int, power: int) -> float:
    """E[max^power], of the absolute values of ``size`` numbers of N(0, 1)."""

    def beyond(t: float) -> float:  # 1 − erf(t/√2)^B, without loss of digits
        tail = special.erfc(t / np.sqrt(2))
        return power * t ** (power - 1) * (-np.expm1(size * np.log1p(-tail)) if tail < 1 else 1.0)

    return integrate.quad(beyond, 0, 12, epsabs=1e-12, limit=200)[0]


@functools.cache
def largest_spacing(size: int, scale: float) -> float:
    """E[4^⌊log₂ max⌋], of the absolute values of ``size`` numbers of N(0, scale²)."""
    top = int(np.ceil(np.log2(12 * scale)))
    exponents = np.arange(top - 40, top)
    edges = 2.0 ** np.append(exponents, top) / scale
    below = special.erf(edges / np.sqrt(2)) ** size
    return float(np.sum(4.0**exponents * np.diff(below)))
