"""The noise of formats in closed form, against sums over all their numbers."""

import numpy as np
import pytest
import sympy
from scipy import integrate, stats

from theory.precision.formats import (
    LARGEST,
    NORMAL,
    NSR,
    SCALE,
    flushed,
    format_steps,
    noise_of_format,
    saturated,
    squared_spacing,
)


def numbers(mantissa: int, lowest: int, largest: float) -> np.ndarray:
    """All positive numbers of a format and 0."""
    fractions = np.arange(2**mantissa) / 2**mantissa
    binades = [2.0**e * (1 + fractions) for e in range(lowest, 40)]
    every = np.concatenate([2.0**lowest * fractions, *binades])
    return every[every <= largest]


def exact(levels: np.ndarray, scale: float) -> float:
    """Noise over signal of N(0, scale²) by quadrature between the thresholds of rounding."""
    edges = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [max(levels[-1], scale) * 12]])
    total = 0.0
    for level, low, high in zip(levels / scale, edges[:-1] / scale, edges[1:] / scale, strict=True):
        if low < 12:
            nodes, weights = np.polynomial.legendre.leggauss(40)
            z = low + (min(high, 12.0) - low) * (nodes + 1) / 2
            total += (
                np.sum(weights * (z - level) ** 2 * stats.norm.pdf(z))
                * (z[-1] - z[0])
                / (nodes[-1] - nodes[0])
            )
    return 2 * total


@pytest.mark.parametrize(
    ("mantissa", "lowest", "largest", "scale", "within"),
    [
        (3, 0, 7.5, 0.0625, 0.01),  # half of the smallest number
        (3, 0, 7.5, 1.0, 0.006),
        (3, 0, 7.5, 30.0, 0.006),
        (3, -6, 448.0, 0.01, 0.006),
        (2, -2, 28.0, 1.0, 0.02),
        (1, 0, 6.0, 2.0, 0.05),
        (1, 0, 6.0, 10.0, 0.01),
    ],
)
def test_noise_is_that_of_a_sum_over_all_numbers(mantissa, lowest, largest, scale, within):
    found = noise_of_format(mantissa, lowest, largest, scale)
    assert found == pytest.approx(exact(numbers(mantissa, lowest, largest), scale), rel=within)


@pytest.mark.parametrize("scale", [0.2, 0.5, 3.0])
def test_terms_are_integrals(scale):

    def density(x: float) -> float:
        return float(stats.norm.pdf(x, scale=scale))

    beyond = 2 * integrate.quad(lambda x: (x - 2) ** 2 * density(x), 2, 12 * scale + 2,
                                epsabs=0)[0]  # fmt: skip
    below = 2 * integrate.quad(lambda x: x**2 * density(x), 0, 1)[0]
    assert float(saturated().subs({LARGEST: 2, SCALE: scale})) == pytest.approx(
        beyond / scale**2, rel=1e-6, abs=0
    )
    assert float(flushed().subs({NORMAL: 1, SCALE: scale})) == pytest.approx(below / scale**2)


def test_spacing_adds_up_the_binades():
    inside = [stats.norm.cdf(b) - stats.norm.cdf(a) for a, b in ((1, 2), (2, 4), (4, 6))]
    expected = 2 * sum(p * 4.0 ** (e - 3) for e, p in enumerate(inside))
    assert squared_spacing(3, 0, 6.0, 1.0) == pytest.approx(expected)


def test_the_derivation_ends_in_the_noise():
    *_, (_, last) = format_steps()
    assert isinstance(last, sympy.Equality)
    assert last.lhs == NSR
