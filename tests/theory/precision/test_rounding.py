"""Constants of one rounding against exact enumeration and published values."""

from fractions import Fraction
from math import log

import numpy as np
import pytest
import sympy

from theory.precision.rounding import (
    M,
    nearest_noise,
    normal_spacing_constant,
    spacing_constant,
    stochastic_noise,
    truncation_bias,
    truncation_noise,
)


@pytest.mark.parametrize(
    ("found", "constant"),
    [
        (nearest_noise(), 4.0**-5 / (32 * log(2))),
        (stochastic_noise(), 4.0**-5 / (16 * log(2))),
        (truncation_noise(), 4.0**-5 / (8 * log(2))),
        (truncation_bias(), 2.0**-5 / (4 * log(2))),
    ],
)
def test_constants_of_a_log_uniform_significand(found, constant):
    assert float(found.subs(M, 5)) == pytest.approx(constant, rel=1e-12)


def rounded(x: np.ndarray, bits: int) -> np.ndarray:
    """To nearest, by mantissas of numpy."""
    mantissa, exponent = np.frexp(x)
    return np.ldexp(np.rint(np.ldexp(mantissa, bits + 1)), exponent - bits - 1)


def test_noise_of_numbers_on_a_fine_logarithmic_grid():
    """A million numbers evenly over an octave of logarithms: nothing is random."""
    x = 2.0 ** ((np.arange(1_000_000) + 0.5) / 1_000_000)
    relative = np.mean(((rounded(x, 7) - x) / x) ** 2)
    assert relative == pytest.approx(float(nearest_noise(7)), rel=1e-3)


def test_uniform_numbers_have_a_constant_of_their_own():
    """Σ over octaves of 4^e P(octave) / (12 E x²) is 3/84 for numbers uniform in (0, 1)."""
    octaves = sum(Fraction(1, 4) ** k * Fraction(1, 2) ** k for k in range(1, 60))
    assert float(octaves / 12 * 3) == pytest.approx(3 / 84)
    grid = (np.arange(200_000) + 0.5) / 200_000
    assert spacing_constant(grid) == pytest.approx(3 / 84, rel=1e-4)


@pytest.mark.parametrize("scale", [0.01, 1.0, 2**0.25, 2**0.5, 300.0])
def test_normal_numbers_come_near_the_constant_at_every_scale(scale):
    found = normal_spacing_constant(scale)
    assert found == pytest.approx(1 / (32 * log(2)), rel=0.004)
    assert found == pytest.approx(normal_spacing_constant(2 * scale), rel=1e-9), "octaves repeat"


def test_nothing_to_round_is_refused():
    with pytest.raises(ValueError, match="no number differs from 0"):
        spacing_constant(np.zeros(3))


def test_laws_end_in_what_is_evaluated():
    from theory.precision import rounding as laws

    ends = {
        laws.nearest_law: nearest_noise(),
        laws.stochastic_law: stochastic_noise(),
        laws.truncation_law: truncation_noise(),
        laws.truncation_bias_law: truncation_bias(),
        laws.unbiased_law: sympy.Integer(0),
    }
    for law, right in ends.items():
        last = [*law()][-1][1]
        assert isinstance(last, sympy.Equality)
        assert sympy.simplify(last.rhs - right) == 0
