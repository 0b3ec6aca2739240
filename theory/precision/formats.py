"""What a floating-point format adds to Gaussian numbers: rounding, subnormals, saturation.

Source: our derivation; that rounding errors are uniform within half a spacing is Widrow's model
(Widrow and Kollár, Quantization Noise, 2008). The spacing of a format is constant in each binade
[2^E, 2^(E+1)), and below the smallest normal number.
"""

import functools
from collections.abc import Iterator

import numpy as np
import sympy
from scipy import special

REFERENCE = """@book{widrow2008quantization,
  title = {Quantization Noise},
  author = {Widrow, Bernard and Kollár, István},
  publisher = {Cambridge University Press},
  year = {2008}
}"""

NSR = sympy.Symbol("NSR", positive=True)
SCALE, LARGEST, NORMAL, STEP = sympy.symbols("s M N Δ", positive=True)
SPACING = sympy.Symbol("U", positive=True)
_M, _E = sympy.Symbol("m", integer=True, positive=True), sympy.Symbol("E", integer=True)
_LOW, _HIGH = sympy.symbols("E_min E_max", integer=True)
_CHANCE, _MEAN = sympy.Function("P"), sympy.Function("E")

BELOW = sympy.erf(NORMAL / (sympy.sqrt(2) * SCALE))  # P(|x| < N)


def saturated() -> sympy.Expr:
    """E[(|x| − M)²; |x| > M] / s² of N(0, s²), by parts: what saturation adds."""
    a = LARGEST / SCALE
    beyond = sympy.erfc(a / sympy.sqrt(2))  # of 1 − erf no digits would be left
    return (1 + a**2) * beyond - a * sympy.sqrt(2 / sympy.pi) * sympy.exp(-(a**2) / 2)


def flushed() -> sympy.Expr:
    """E[x²; |x| < N] / s² of N(0, s²), by parts: what is lost where there are no subnormals."""
    a = NORMAL / SCALE
    return BELOW - a * sympy.sqrt(2 / sympy.pi) * sympy.exp(-(a**2) / 2)


def format_noise() -> sympy.Expr:
    """Noise-to-signal ratio: spacing of normal numbers, of subnormal ones, saturation."""
    return (SPACING + STEP**2 * BELOW) / (12 * SCALE**2) + saturated()


def format_steps() -> Iterator[tuple[str, sympy.Basic | None]]:
    """Derivation of the noise of a format, in closed form."""
    x, spacing = sympy.Symbol("x", real=True), sympy.Symbol("u", positive=True)
    yield "x ~ N(0, s²) is rounded to nearest; NSR is E[(error)²] / s².", None
    yield (
        "Where numbers are spaced by u, and the density changes little over u, the error is "
        "uniform on (−u/2, u/2), of mean square",
        sympy.Eq(_MEAN(spacing**2) / 12, sympy.integrate(x**2, (x, -spacing / 2, spacing / 2))
                 / spacing, evaluate=False),
    )  # fmt: skip
    inside = _CHANCE(sympy.Min(2**_E, LARGEST), sympy.Min(2 ** (_E + 1), LARGEST))
    yield (
        "The normal numbers of a binade from 2^E are spaced by 2^(E − m). With P(a, b) the "
        "probability that a ≤ |x| < b, their mean square spacing is",
        sympy.Eq(SPACING, sympy.Sum(4 ** (_E - _M) * inside, (_E, _LOW, _HIGH))),
    )
    yield (
        "Below the smallest normal number N = 2^E_min there are the subnormal ones, all spaced by",
        sympy.Eq(STEP, 2 ** (_LOW - _M)),
    )
    yield "and x is there with probability", sympy.Eq(_CHANCE(0, NORMAL), BELOW)
    yield (
        "Beyond the largest number M all become M, which adds",
        sympy.Eq(_MEAN((sympy.Abs(x) - LARGEST) ** 2) / SCALE**2, saturated()),
    )
    yield "Together:", sympy.Eq(NSR, format_noise())


@functools.cache
def squared_spacing(mantissa: int, lowest: int, largest: float, scale: float) -> float:
    """U, mean square spacing of normal numbers, in the unit of x².

    Args:
        mantissa: m, number of stored bits.
        lowest: E_min; the smallest normal number is 2^E_min.
        largest: M.
        scale: s, standard deviation of x.
    """
    exponents = np.arange(lowest, np.floor(np.log2(largest)) + 1)
    edges = np.minimum(2.0 ** np.append(exponents, exponents[-1] + 1), largest)
    tails = special.erfc(edges / (np.sqrt(2) * scale))  # differences of tails keep their digits
    return float(np.sum(4.0 ** (exponents - mantissa) * (tails[:-1] - tails[1:])))


def noise_of_format(mantissa: int, lowest: int, largest: float, scale: float) -> float:
    """Noise-to-signal ratio of N(0, scale²), see `squared_spacing` for the arguments."""
    values = (squared_spacing(mantissa, lowest, largest, scale), 2.0 ** (lowest - mantissa),
              2.0**lowest, largest, scale)  # fmt: skip
    return float(_function()(*values))


@functools.cache
def _function():
    arguments = (SPACING, STEP, NORMAL, LARGEST, SCALE)
    return sympy.lambdify(arguments, format_noise(), ["scipy", "numpy"])
