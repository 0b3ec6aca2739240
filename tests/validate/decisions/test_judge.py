"""Decision rules: exact error rates at the edge of the margin, and verdicts away from it."""

import numpy as np
import pytest
import sympy
from scipy import stats

from theory.condensation.forms.leading_form import Geometry
from theory.condensation.laws import bound_prediction, orientations_prediction
from theory.direction import Direction
from theory.prediction import Count, Identity, Prediction, Value
from validate.decisions.intervals import clopper_pearson
from validate.decisions.judge import combine, judge, outcome
from validate.results.records import Verdict

ALPHAS = (0.05, 0.01, 1e-4)
BOUND = bound_prediction()
ORIENTATIONS = orientations_prediction(Geometry.L2)
COUNT = Count(sympy.Symbol("N"), (), (), 0.0, "counts are exact")


def value(margin: float = 1.0, expected: float = 3.0) -> Value:
    return Value(sympy.Symbol("m"), (), (), margin, "a test", expected=expected)


def shares(ones: int, n: int) -> list[float]:
    return [1.0] * ones + [0.0] * (n - ones)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("n", [20, 97, 256])
@pytest.mark.parametrize(
    ("prediction", "threshold"), [(BOUND, 0.05), (ORIENTATIONS, 0.9), (COUNT, 0.5)]
)
def test_share_rules_err_at_most_alpha_at_the_threshold(prediction, threshold, n, alpha):
    """Summed over the binomial distribution: no sampling, so no false alarm."""
    verdicts = [judge(prediction, shares(k, n), alpha).verdict for k in range(n + 1)]
    chance = stats.binom.pmf(np.arange(n + 1), n, threshold)
    for wrong in (Verdict.AGREE, Verdict.DISAGREE):
        assert chance[[v is wrong for v in verdicts]].sum() <= alpha / 2 + 1e-12


@pytest.mark.parametrize("n", [30, 200])
def test_share_rules_reach_both_verdicts(n):
    assert judge(BOUND, shares(n, n), 0.01).verdict is Verdict.DISAGREE
    assert judge(ORIENTATIONS, shares(0, n), 0.01).verdict is Verdict.DISAGREE
    assert judge(BOUND, shares(0, 200), 0.01).verdict is Verdict.AGREE
    assert judge(ORIENTATIONS, shares(200, 200), 0.01).verdict is Verdict.AGREE
    assert judge(BOUND, shares(1, 20), 0.01).verdict is Verdict.INCONCLUSIVE
    assert judge(COUNT, shares(n, n), 0.01).verdict is Verdict.AGREE
    assert judge(COUNT, shares(0, n), 0.01).verdict is Verdict.DISAGREE
    assert judge(COUNT, shares(n // 2, n), 0.01).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("k", "n"), [(0, 90), (3, 90), (90, 90)])
def test_clopper_pearson_inverts_the_binomial_tails(k, n):
    low, high = clopper_pearson(np.array(float(k)), n, 0.01)
    if k > 0:
        assert stats.binom.sf(k - 1, n, low) == pytest.approx(0.005, rel=1e-6)
    if k < n:
        assert stats.binom.cdf(k, n, high) == pytest.approx(0.005, rel=1e-6)


@pytest.mark.parametrize("shift", [0.0, 0.8, 1.0, 1.5, -3.0])
def test_value_rule_is_the_t_interval(shift):
    sample = np.random.default_rng(5).normal(shift, 0.5, 40)
    judgement = judge(value(), sample.tolist(), 0.02)
    expected = stats.t.interval(0.98, 39, loc=sample.mean() + 3, scale=stats.sem(sample))
    assert judgement.interval == pytest.approx(expected)
    low, high = expected[0] - 3, expected[1] - 3
    inside, outside = low >= -1 and high <= 1, low > 1 or high < -1
    assert (judgement.verdict is Verdict.AGREE) == inside
    assert (judgement.verdict is Verdict.DISAGREE) == outside


def test_value_rule_wants_enough_blocks():
    judgement = judge(value(), [0.0] * 15, 0.01)
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert "16" in judgement.reason


def test_identity_rule_is_a_tolerance():
    identity = Identity(sympy.Symbol("m"), (), (), 1e-9, "rounding")
    assert judge(identity, [0.0, 9e-10], 0.01).verdict is Verdict.AGREE
    assert judge(identity, [0.0, 2e-9], 0.01).verdict is Verdict.DISAGREE


@pytest.mark.parametrize("prediction", [BOUND, ORIENTATIONS, COUNT])
def test_no_units_are_no_evidence(prediction):
    assert judge(prediction, [], 0.01).verdict is Verdict.INCONCLUSIVE


def test_a_kind_without_a_rule_is_refused():
    kind = Prediction(sympy.Symbol("m"), (), (), 1.0, "a test")
    with pytest.raises(TypeError, match="Prediction"):
        judge(kind, [0.0], 0.01)
    with pytest.raises(TypeError, match="Prediction"):
        outcome(kind, 0, 0)


def test_outcomes_by_kind():
    up, down = Direction((0.0, 1.0), 1), Direction((0.0, 1.0), -1)
    assert outcome(BOUND, 2, 3) == 1
    assert outcome(BOUND, 2, 2) == 0
    assert outcome(ORIENTATIONS, (up,), (up,)) == 1
    assert outcome(ORIENTATIONS, (up,), (down,)) == 0
    assert [outcome(COUNT, 3, found) for found in (2, 3, 4)] == [0, 1, 0]
    assert np.isnan(outcome(COUNT, 3, float("nan")))
    assert outcome(value(), 2.0, 2.5) == 0.5
    assert outcome(Identity(sympy.Symbol("m"), (), (), 0.0, "exact"), 2.0, 1.5) == 0.5


def test_a_count_says_how_many_units_have_it():
    judgement = judge(COUNT, shares(38, 64), 0.01)
    assert "38 of 64 units have the predicted number" in judgement.reason
    assert judgement.unit == "share"
    assert judgement.measured == 38 / 64


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ("AGREE AGREE", "AGREE"),
        ("AGREE INCONCLUSIVE", "INCONCLUSIVE"),
        ("INCONCLUSIVE DISAGREE", "DISAGREE"),
        ("DISAGREE OUT_OF_SCOPE", "OUT_OF_SCOPE"),
        ("OUT_OF_SCOPE ERROR", "ERROR"),
    ],
)
def test_the_most_serious_verdict_wins(verdicts, expected):
    assert combine([Verdict(v) for v in verdicts.split()]) is Verdict(expected)
