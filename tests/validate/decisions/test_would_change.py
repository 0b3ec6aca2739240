"""What would change a verdict: the stated limits are those of the rules."""

import re

import pytest
import sympy

from theory.condensation.forms.leading_form import Geometry
from theory.condensation.laws import bound_prediction, orientations_prediction
from theory.prediction import Identity, Ordering, Prediction, Value
from validate.decisions.judge import judge
from validate.decisions.rules.base import kind_of
from validate.decisions.rules.shares_of_units import limits
from validate.results.records import Verdict

BOUND, ORIENTATIONS = bound_prediction(), orientations_prediction(Geometry.L2)
ALPHA = 1e-3


def verdict(prediction: Prediction, ones: int, n: int) -> Verdict:
    return judge(prediction, [1.0] * ones + [0.0] * (n - ones), ALPHA).verdict


@pytest.mark.parametrize("n", [5, 90, 200, 416])
@pytest.mark.parametrize(
    ("prediction", "threshold", "below", "above"),
    [
        (BOUND, 0.05, Verdict.AGREE, Verdict.DISAGREE),
        (ORIENTATIONS, 0.9, Verdict.DISAGREE, Verdict.AGREE),
    ],
)
def test_limits_are_where_the_verdict_changes(prediction, threshold, below, above, n):
    most, least = limits(n, threshold, ALPHA)
    for k in range(n + 1):
        expected = Verdict.INCONCLUSIVE
        if most is not None and k <= most:
            expected = below
        if least is not None and k >= least:
            expected = above
        assert verdict(prediction, k, n) is expected


def test_the_sentence_names_the_limits():
    judgement = judge(BOUND, [0.0] * 416, ALPHA)
    most, least = limits(416, 0.05, ALPHA)
    sentence = kind_of(BOUND).would_change(judgement.n, ALPHA)
    numbers = [int(found) for found in re.findall(r"\d+", sentence)]
    assert numbers == [416, most, least]


def test_where_one_verdict_is_out_of_reach_the_sentence_says_what_suffices_for_the_other():
    most, least = limits(50, 0.05, ALPHA)
    assert most is None
    sentence = kind_of(BOUND).would_change(50, ALPHA)
    suffice = f"{least} or more beyond the bound suffice to disagree."
    assert sentence == f"50 units are too few to agree; {suffice}"


def test_no_units_have_no_limits():
    assert limits(0, 0.05, ALPHA) == (None, None)
    judgement = judge(ORIENTATIONS, [], ALPHA)
    assert "too few to agree" in kind_of(ORIENTATIONS).would_change(judgement.n, ALPHA)


@pytest.mark.parametrize("kind", [Value, Ordering, Identity])
def test_every_kind_has_a_sentence(kind):
    prediction = kind(sympy.Symbol("m"), (), (), 0.25, "a test")
    judgement = judge(prediction, [0.1] * 20, ALPHA)
    assert "0.25" in kind_of(prediction).would_change(judgement.n, ALPHA)
