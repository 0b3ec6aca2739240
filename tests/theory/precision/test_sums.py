"""Laws of rounded sums against enumeration, independent loops and their own limits.

Loops use roundings of numpy, on fixed seeds: with other seeds a test of k sums strays by more than
its tolerance with a chance below 1e-6 (6 standard errors).
"""

import math

import numpy as np
import pytest
import sympy as sp

from tests.theory.precision.test_rounding import rounded
from theory.precision import order, stagnation, stochastic, sums
from theory.precision.rounding import M, decibels, in_decibels, nearest_noise
from theory.precision.sums import B, N


def right(law) -> sp.Expr:
    """The right side of the last equation."""
    return [*law()][-1][1].rhs


def test_serial_noise():
    assert sp.simplify(sums.serial_noise() - nearest_noise() * (N + 1) / 2) == 0
    rng = np.random.default_rng(0)
    x = rng.normal(size=(32, 40_000))
    partial = rounded(x[0], 8)
    for term in x[1:]:
        partial = rounded(partial + term, 8)
    noise = np.mean((partial - x.sum(0)) ** 2) / 32
    law = float(sums.serial_noise().subs({N: 32, M: 8}))
    assert noise == pytest.approx(law, rel=0.06)


def test_spacings_of_partial_sums_with_a_narrow_spread_are_those_of_their_means():
    exact = sum(4.0 ** math.floor(math.log2(1.3 * k)) for k in range(1, 33))
    assert sums.spacings(1.3, 1e-9, 32) == pytest.approx(exact, rel=1e-12)


def test_spacings_of_mean_0_are_those_of_log_uniform_significands():
    law = float(sums.serial_noise().subs({N: 512, M: 0}))
    assert sums.spacings(0.0, 1.0, 512) / 12 / 512 == pytest.approx(law, rel=0.004)


def test_truncation_leaves_what_is_derived():
    difference = sums.kept(1) ** 2 / sums.kept(2) - sums.truncated_correlation()
    assert sp.simplify(difference.rewrite(sp.exp)) == 0
    small = sp.series(sums.truncated_correlation(), N, 0, 3).removeO()
    assert sp.simplify(small - sums.quadratic_correlation()) == 0
    b, n = 0.02, 150
    weights = (1 - b) ** np.arange(n)  # of the terms, the last one first
    ratio = weights.mean() ** 2 / np.mean(weights**2)
    law = float(sums.truncated_correlation().subs({B: b, N: n}))
    assert ratio == pytest.approx(law, rel=0.01)


@pytest.mark.parametrize("bits", [3, 7])
def test_stops(bits):
    """A term below half a spacing changes nothing; at the stop every term up to 1 is."""
    nearest, truncated = (
        float(sp.N(one(sp.Integer(1)).subs(M, bits)))
        for one in (stagnation.nearest_stop, stagnation.truncation_stop)
    )
    terms = np.linspace(0.001, 1, 999)
    assert (rounded(nearest + terms, bits) == nearest).all()
    below = nearest * (1 - 2.0 ** -(bits + 1))  # one number below it
    assert rounded(np.array([below + 1.0]), bits)[0] > below
    assert truncated == nearest / 2


def test_stochastic_rounding_crosses_over():
    assert stochastic.crossing() == 12 * 2**M
    early = float(stochastic.early_noise().subs({N: 16, M: 7}))
    late = float(stochastic.late_noise().subs(M, 7))
    signal = [n / 12 + n * n / 4 for n in (16, 200 * 128)]
    found = [stochastic.variance(n, 7) / s for n, s in zip((16, 200 * 128), signal, strict=True)]
    assert found[0] == pytest.approx(early, rel=0.2)  # of few octaves
    assert found[1] == pytest.approx(late, rel=0.12)  # the spacing goes up in octaves


@pytest.mark.parametrize("width", [0.25, 0.5, 1.0, 2.0, 8.0])
def test_variance_of_a_stochastic_step(width):
    """Against a fine grid of terms in (0, 1): u² φ(1 − φ) of the place φ of x/u."""
    x = (np.arange(100_000) + 0.5) / 100_000
    place = np.mod(x / width, 1)
    expected = np.mean(width**2 * place * (1 - place))
    found = float(stochastic.step_variance(sp.Rational(width)))
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("ratio", [2, 4, 8, 64])
def test_ties_on_a_grid(ratio):
    places = np.arange(ratio) / ratio
    errors = places - np.rint(places)  # ties to even: 1/2 goes to 0
    assert float(order.tie_factor(sp.Integer(ratio))) == pytest.approx(12 * np.mean(errors**2))


def test_ties_to_even_make_fewer_ties():
    assert order.tie_share() == sp.sqrt(2) - 1
    rng = np.random.default_rng(1)
    numbers = rng.integers(0, 2**30, size=2**20)
    for _ in range(6):
        pairs = numbers.reshape(-1, 2).sum(1)
        ties = np.mean(pairs % 2)
        numbers = np.rint(pairs / 2).astype(np.int64)  # numpy's ties go to even
    assert ties == pytest.approx(float(order.tie_share()), abs=6 * 0.5 / 2**7.5)


def test_noise_of_a_pair():
    rng = np.random.default_rng(2)
    scale = 2.0 ** rng.uniform(size=400_000)
    one, other = (rounded(scale * rng.normal(size=400_000), 9) for _ in range(2))
    noise = np.mean(((rounded(one + other, 9) - one - other) / scale) ** 2) / 2
    assert noise / float(nearest_noise(9)) == pytest.approx(order.pair_noise(), rel=0.03)


def test_blocks_of_all_terms_or_of_one_are_a_serial_sum():
    blocked = order.blocked_noise()
    assert sp.simplify(blocked.subs(order.BLOCK, N) - sums.serial_noise()) == 0
    root = sp.simplify(blocked.subs(order.BLOCK, sp.sqrt(N)) / nearest_noise())
    assert sp.simplify(root - (sp.sqrt(N) + 1 - 1 / sp.sqrt(N))) == 0


@pytest.mark.parametrize(
    "law",
    [
        sums.serial_law,
        sums.serial_mean_law,
        sums.truncation_correlation_law,
        sums.truncation_slope_law,
        order.pairwise_law,
        order.pairwise_positive_law,
        order.blocked_law,
        order.kahan_law,
        stagnation.nearest_law,
        stagnation.truncation_law,
        stochastic.law,
    ],
)
def test_every_law_has_sentences_and_ends_in_an_equation(law):
    steps = [*law()]
    assert all(isinstance(text, str) and text for text, _ in steps)
    assert isinstance(steps[-1][1], sp.Equality)
    if law in (sums.serial_law, order.pairwise_law):
        told = right(in_decibels(law))
        assert sp.simplify(told - decibels(right(law))) == 0
