"""Intervals against independent implementations and against exact coverage."""

import numpy as np
import pytest
import sympy
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW, ttost_paired

from theory.prediction import Curve, Exponent, Ordering, Value
from validate.decisions.intervals import bernstein, clopper_pearson, student
from validate.decisions.judge import judge, outcome
from validate.decisions.rules.base import kind_of
from validate.decisions.ruling import AGREE
from validate.decisions.sample import summary
from validate.results.records import Verdict

ALPHAS = (0.05, 0.01, 5e-5)
TEST = (sympy.Symbol("m"), (), (), 1.0, "a test")


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("n", [1, 7, 100])
def test_clopper_pearson_is_that_of_statsmodels(n, alpha):
    counts = np.arange(n + 1.0)
    low, high = clopper_pearson(counts, n, alpha)
    expected = proportion_confint(counts, n, alpha, method="beta")
    np.testing.assert_allclose(low, np.nan_to_num(expected[0], nan=0.0), rtol=1e-9)
    np.testing.assert_allclose(high, np.nan_to_num(expected[1], nan=1.0), rtol=1e-9)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_student_is_that_of_statsmodels(alpha):
    sample = np.random.default_rng(0).normal(2, 3, (5, 20))
    low, high = student(sample.mean(1), sample.std(1, ddof=1), 20, alpha)
    expected = DescrStatsW(sample.T).tconfint_mean(alpha)
    np.testing.assert_allclose((low, high), expected)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_equivalence_is_statsmodels_two_one_sided_tests(alpha):
    """AGREE exactly where both one-sided tests reject at α/2, on 200 samples near the edge."""
    sample = np.random.default_rng(1).normal(0.75, 1.0, (200, 80))
    ruling = kind_of(Value(*TEST)).rule(summary(sample[..., None]), alpha)
    p = np.array([ttost_paired(row, np.zeros(80), -1.0, 1.0)[0] for row in sample])
    agreed, judged = ruling.verdict == AGREE, ~ruling.refused
    np.testing.assert_array_equal(agreed[judged], p[judged] <= alpha / 2)
    assert judged.sum() > 190
    assert 20 < agreed.sum() < 180  # both happen


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("n", [5, 40, 200])
@pytest.mark.parametrize("rate", [0.001, 0.05, 0.5])
@pytest.mark.parametrize("predicted", [0.0, 0.05, 0.7])
def test_bernstein_covers_a_coin_for_every_n(n, rate, alpha, predicted):
    """Wherever its rate was predicted; summed over the binomial distribution: no sampling."""
    k = np.arange(n + 1)
    sd = np.sqrt(k * (n - k) / (n * (n - 1)))
    low, high = bernstein(k / n - predicted, sd, n, (-predicted, 1 - predicted), alpha)
    missed = (low > rate - predicted) | (high < rate - predicted)
    assert stats.binom.pmf(k, n, rate)[missed].sum() <= alpha


def test_bernstein_is_narrow_where_spread_is_small_and_wide_where_rare_outcomes_may_hide():
    """With no spread it must be as wide as outcomes that are missed n times with chance α/2."""
    zero, n, alpha = np.zeros(1), 1000, 1e-5
    low, high = bernstein(zero, zero, n, (-1.0, 1.0), alpha)
    rarest = 1 - (alpha / 2) ** (1 / n)
    assert rarest < high == -low < 1.6 * rarest
    # twice the normal interval where spread is all: Chernoff's log(1/δ) and the λ that are tried
    sd = np.array([0.5])
    low, high = bernstein(zero, sd, 10_000, (-1.0, 1.0), 1e-3)
    normal = stats.norm.isf(5e-4) * 0.5 / 10_000**0.5
    assert normal < high < 2 * normal


def test_bernstein_refuses_a_range_without_the_prediction():
    with pytest.raises(ValueError, match="does not hold 0"):
        bernstein(np.zeros(1), np.zeros(1), 9, (0.1, 1.0), 0.01)


@pytest.mark.parametrize("shift", [0.0, 0.3, 5.0])
def test_shifted_summary_is_the_summary_of_shifted_outcomes(shift):
    outcomes = np.random.default_rng(2).normal(size=(4, 50, 3))
    expected, found = summary(outcomes + shift), summary(outcomes).shifted(np.full(3, shift))
    for name in ("mean", "sd", "skewness", "largest_share", "lowest", "highest"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-12)


def test_summary_is_that_of_scipy():
    outcomes = np.random.default_rng(3).gamma(2, size=(4, 50, 3))
    found = summary(outcomes)
    np.testing.assert_allclose(found.sd, outcomes.std(axis=1, ddof=1))
    np.testing.assert_allclose(found.skewness, stats.skew(outcomes, axis=1))


def test_curve_shares_alpha_over_its_points():
    outcomes = np.random.default_rng(4).normal(0, 0.3, (1, 200, 5))
    curve = Curve(*TEST, expected=(0.0,) * 5)
    point = kind_of(Value(*TEST)).rule(summary(outcomes[:, :, :1]), 0.002)
    whole = kind_of(curve).rule(summary(outcomes), 0.01)
    assert whole.low[0, 0] == pytest.approx(point.low[0, 0])
    assert whole.verdict[0] == AGREE
    outcomes[..., 3] += 1.5  # one point outside is a disagreement
    judgement = judge(curve, list(outcomes[0]), 0.01)
    assert judgement.verdict is Verdict.DISAGREE
    assert "worst of 5 points (the fourth)" in judgement.reason


def exponent(local_margin: float | None = 2.0) -> Exponent:
    return Exponent(*TEST, expected=-2.0, window=(1.0, 2.0, 4.0, 8.0), local_margin=local_margin)


def test_exponent_of_a_power_law():
    """Slope and local slopes of x⁻² with 10 % noise."""
    x, rng = np.array([1.0, 2.0, 4.0, 8.0]), np.random.default_rng(5)
    blocks = [x**-2 * np.exp(rng.normal(0, 0.1, 4)) for _ in range(150)]
    exact = outcome(exponent(), -2.0, 3 * x**-2)
    np.testing.assert_allclose(exact, np.zeros(4), atol=1e-12)
    judgement = judge(exponent(), [outcome(exponent(), -2.0, y) for y in blocks], 0.01)
    assert judgement.verdict is Verdict.AGREE
    assert judgement.measured == pytest.approx(-2, abs=0.05)


def test_a_curve_with_the_right_mean_slope_is_no_power_law():
    x, rng = np.array([1.0, 2.0, 4.0, 8.0]), np.random.default_rng(6)
    bent = np.exp(1.5 * (np.log(x) - np.log(x).mean()) ** 2) / x**2  # local slopes −4 to 0
    blocks = [bent * np.exp(rng.normal(0, 0.1, 4)) for _ in range(150)]
    for local_margin, verdict in ((1.5, Verdict.DISAGREE), (None, Verdict.AGREE)):
        kind = exponent(local_margin)
        outcomes = [outcome(kind, -2.0, y) for y in blocks]
        assert judge(kind, outcomes, 0.01).verdict is verdict


@pytest.mark.parametrize("window", [(), (1.0,), (2.0, 1.0), (0.0, 1.0)])
def test_exponent_wants_a_window(window):
    with pytest.raises(ValueError, match="window"):
        Exponent(*TEST, window=window)


@pytest.mark.parametrize(
    ("effect", "verdict"),
    [(2.0, Verdict.AGREE), (0.5, Verdict.INCONCLUSIVE), (-1.0, Verdict.DISAGREE)],
)
def test_ordering_between_zero_and_the_margin_is_open(effect, verdict):
    noise = stats.norm.ppf((np.arange(200) + 0.5) / 200)
    outcomes = [outcome(Ordering(*TEST), 3.0, 3.0 + effect + 0.3 * e) for e in noise]
    judgement = judge(Ordering(*TEST), outcomes, 0.01)
    assert judgement.verdict is verdict
    if verdict is Verdict.INCONCLUSIVE:
        assert "no feasible number" in judgement.reason
