"""Guards refuse what a t interval may not judge, and hardly anything else.

Statistical tests state their false-alarm rate, each at most 1e-5.
"""

import numpy as np
import pytest
import sympy
from scipy import stats

from theory.condensation.laws import bound_prediction
from theory.prediction import Curve, Identity, Prediction, Value
from validate.decisions import guards
from validate.decisions.judge import judge, outcome
from validate.decisions.sample import summary
from validate.results.records import Verdict

TEST = (sympy.Symbol("m"), (), (), 1.0, "a test")
NORMAL = stats.norm.ppf((np.arange(200) + 0.5) / 200)  # as normal as 200 numbers can be
SKEWED = stats.gamma.ppf(stats.norm.cdf(NORMAL), 1.0)


def reason(outcomes: np.ndarray, prediction: Prediction | None = None, alpha: float = 0.01) -> str:
    judgement = judge(prediction or Value(*TEST), outcomes.tolist(), alpha)
    assert judgement.verdict is Verdict.INCONCLUSIVE
    return judgement.reason


@pytest.mark.parametrize("alpha", [0.0125, 0.0025, 5e-5])
@pytest.mark.parametrize("factor", [1, 2, 8])
def test_false_refusals_of_normal_samples_are_few(alpha, factor):
    """Both guards at 1 % each to first order; 20,000 samples against 3 %: false alarm < 1e-9."""
    n = factor * guards.outcomes_needed(alpha)
    sample = summary(np.random.default_rng(0).standard_normal((20_000, n, 1)))
    assert guards.refused(guards.STUDENT, sample, alpha).mean() <= 0.03


def test_fewest_outcomes_grow_as_alpha_falls():
    needed = [guards.outcomes_needed(alpha) for alpha in (0.5, 0.05, 0.01, 1e-3, 1e-4, 1e-5)]
    assert needed == sorted(needed)
    assert needed[0] == guards.MIN_BLOCKS


@pytest.mark.parametrize("n", [64, 256])
@pytest.mark.parametrize(("df", "least"), [(1.0, 0.97), (1.5, 0.88)])
def test_infinite_variance_is_refused(n, df, least):
    """5000 samples, standard deviation of the share < 0.5 %, and the measured rates are 1 %
    or more above ``least``: a fixed seed, so no false alarm."""
    sample = summary(np.random.default_rng(1).standard_t(df, (5000, n, 1)))
    assert guards.refused(guards.STUDENT, sample, 0.0025).mean() >= least


def test_heavy_tail_is_named():
    assert "heavy tails" in reason(np.append(NORMAL, 40.0))


def test_skewness_is_named():
    assert "skewed" in reason(SKEWED, alpha=0.0025)


def test_rare_events_are_named():
    assert "more than half" in reason((np.arange(200) < 10).astype(float))


def test_equal_outcomes_are_no_proof():
    assert "more than half" in reason(np.zeros(200))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize(
    "prediction", [Value(*TEST), Value(*TEST, bounded=(-9.0, 9.0)), Identity(*TEST)]
)
def test_no_verdict_on_outcomes_that_are_not_finite(bad, prediction):
    assert "not finite" in reason(np.append(NORMAL, bad), prediction)


def test_an_unusable_measurement_does_not_keep_a_bound():
    bound = bound_prediction()
    assert np.isnan(outcome(bound, 2, np.nan))
    assert "not finite" in reason(np.array([0.0] * 300 + [np.nan]), bound)


def test_a_declared_range_is_checked():
    assert "leave the declared range" in reason(NORMAL, Value(*TEST, bounded=(-1.0, 1.0)))


def test_bounded_outcomes_need_no_normality():
    rare = Value(*TEST, bounded=(-0.1, 0.9))
    outcomes = (np.arange(400) % 10 == 0) - 0.1
    assert judge(rare, outcomes.tolist(), 0.01).verdict is Verdict.AGREE


def test_curves_are_guarded_at_every_point():
    points = np.stack([NORMAL, SKEWED], axis=1)
    assert "skewed" in reason(points, Curve(*TEST, expected=(0.0, 0.0)))
