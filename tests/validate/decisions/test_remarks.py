"""What a reason adds: simple factors, needless precision, the units that would probably decide."""

import numpy as np
import pytest
from scipy import stats

from tests.validate.decisions.test_guards import NORMAL, TEST, reason
from theory.condensation.laws import bound_prediction
from theory.prediction import Value
from validate.decisions.judge import judge
from validate.decisions.rules.simple_factors import mismatch
from validate.results.records import Verdict


@pytest.mark.parametrize(("factor", "name"), [(2.0, "2"), (0.5, "½"), (2**0.5, "√2")])
def test_simple_factors_are_flagged(factor, name):
    value = Value(*TEST, expected=40.0)
    judgement = judge(value, (NORMAL + 40.0 * (factor - 1)).tolist(), 0.01)
    assert judgement.verdict is Verdict.DISAGREE
    assert f"is {name} times the prediction" in judgement.reason


def test_what_is_wrong_on_purpose_gets_no_hint():
    value = Value(*TEST, expected=40.0)
    judgement = judge(value, (NORMAL + 40.0).tolist(), 0.01, hints=False)
    assert judgement.verdict is Verdict.DISAGREE
    assert "times the prediction" not in judgement.reason


def test_other_factors_are_not_flagged():
    one = np.array([1.0])
    assert mismatch(one, np.array([0.6]), np.array([0.65])) is None
    assert mismatch(one, np.array([0.5]), np.array([1.5])) is None  # contains 2, says nothing
    ratio = np.array([0.3282, 0.3598]) / 0.4497  # 0.763, its interval within 3 % of 1/√2
    assert mismatch(one, ratio[:1] - 1, ratio[1:] - 1) is None
    assert mismatch(one * 0, np.array([0.9]), np.array([1.1])) is None
    curve = np.array([1.0, -3.0])
    assert mismatch(curve, np.array([0.99, -3.01]), np.array([1.01, -2.99])) == "2"
    assert mismatch(curve, np.array([0.99, -1.01]), np.array([1.01, -0.99])) is None


def test_needless_precision_is_said():
    value = Value(*TEST, theory_error=0.9)
    assert "far below the theory's own error 0.9" in judge(value, NORMAL.tolist(), 0.01).reason
    coarse = Value(*TEST, theory_error=0.3)
    assert "theory's own" not in judge(coarse, NORMAL.tolist(), 0.01).reason


def test_inconclusive_says_how_many_units_would_decide():
    """And with so many units it does decide: the estimate is checked by its own rule."""
    value, wide = Value(*TEST), 7 * NORMAL
    found = judge(value, wide.tolist(), 0.01)
    assert found.verdict is Verdict.INCONCLUSIVE
    needed = int(found.reason.split("about ")[1].split()[0])
    assert 200 < needed < 600
    more = 7 * stats.norm.ppf((np.arange(needed) + 0.5) / needed)
    assert judge(value, more.tolist(), 0.01).verdict is Verdict.AGREE


def test_shares_say_how_many_units_would_decide():
    found = judge(bound_prediction(), [0.0] * 50, 0.0025)
    needed = int(found.reason.split("about ")[1].split()[0])
    assert judge(bound_prediction(), [0.0] * needed, 0.0025).verdict is Verdict.AGREE


def test_nobody_can_say_at_the_edge():
    assert "too close to the edge" in reason(NORMAL + 1.0)
