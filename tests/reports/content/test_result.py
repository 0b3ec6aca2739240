"""What page one says was measured: never a deviation that reads as a share."""

import json
import re

import numpy as np
import pytest
import sympy

from reports.content.details import details
from reports.content.result import result
from tests.reports.synthetic import results
from theory.prediction import Curve, Exponent, Ordering, Prediction, Value
from validate.decisions.judge import judge
from validate.decisions.rules.base import kind_of
from validate.results.records import ClaimResult, Observation, Verdict

X = sympy.Symbol("x")
RNG = np.random.default_rng(0)


def claim_of(prediction: Prediction, outcomes: np.ndarray) -> ClaimResult:
    """A claim with the decision of these outcomes alone."""
    judged = judge(prediction, list(outcomes), 1e-3)
    one = Observation(
        name="decision",
        kind=type(prediction).__name__,
        predicted="x",
        expected=kind_of(prediction).expected,
        point=judged.point,
        measured=judged.measured,
        interval=judged.interval,
        unit=judged.unit,
        margin=prediction.margin,
        margin_reason="a test",
        n=judged.n,
        verdict=judged.verdict,
        reason=judged.reason,
        alpha=1e-3,
        looks=(judged.n,),
        looks_used=1,
    )
    changed = {"verdict": judged.verdict, "observations": (one,), "regime": ()}
    return results().claims[0].model_copy(update=changed)


def noise(points: int = 1) -> np.ndarray:
    return 0.01 * RNG.standard_normal((400, points))


@pytest.mark.parametrize(
    ("prediction", "short"),
    [
        (Curve(X, (), (), 0.02, "why", "share", expected=(0.0,)), r"off by −?0.* %\), allowed 2 %"),
        (
            Value(X, (), (), 0.03, "why", "of the prediction", expected=1.0),
            r"(1|0.999|1.00\d*) × predicted, allowed 0.97 to 1.03",
        ),
        (Value(X, (), (), 0.03, "why", "share", expected=0.25), r"2\d.* %\), predicted 25 %"),
        (Value(X, (), (), 0.3, "why", expected=0.5), r"0\.\d+ \(.* to .*\), predicted 0.5"),
        (Ordering(X, (), (), 0.0, "why"), r"effect .*, required above 0"),
        (
            Exponent(X, (), (), 0.25, "why", expected=2.0, window=(1.0, 2.0)),
            r"slope (2|1.99\d*|2.00\d*) \(.* to .*\), predicted 2",
        ),
    ],
)
def test_a_mean_is_told_against_its_prediction(prediction, short):
    claim = claim_of(prediction, noise())
    told = result(claim)["short"]
    assert re.fullmatch(short, told), told
    if not isinstance(prediction, Ordering):
        expected = np.atleast_1d(prediction.expected)[0]
        assert claim.observations[0].against == expected


@pytest.mark.parametrize("words", ["", "in other words altogether", "against 9 ± 1"])
def test_the_predicted_number_is_a_field_of_the_record_and_not_taken_from_its_words(words):
    prediction = Curve(X, (), (), 0.1, "why", expected=(0.25, 0.5, 0.75))
    claim = claim_of(prediction, noise(3) + np.array([0, 0.05, 0]))
    one = claim.observations[0].model_copy(update={"reason": words})
    claim = claim.model_copy(update={"observations": (one,), "symbols": (), "assumptions": ()})
    assert (one.against, one.point) == (0.5, 1)
    assert result(claim)["short"].endswith("predicted 0.5")
    assert details(claim, (), ())["decisions"][0]["against"] == "0.5"


def test_older_files_that_lack_the_number_are_told_in_the_words_of_the_record():
    """A mean deviation of 0.1 % would read as a share of units."""
    claim = claim_of(Curve(X, (), (), 0.02, "why", "share", expected=(0.0,)), noise())
    data = json.loads(claim.observations[0].model_dump_json(exclude={"expected", "point"}))
    old = Observation.model_validate(data)
    assert old.against is None
    told = result(claim.model_copy(update={"observations": (old,)}))
    assert told["short"].startswith("worst of 1 points (the first): mean ")
    assert "%" not in told["measured"]


def test_shares_of_units_are_told_as_shares():
    claim = next(one for one in results().claims if one.verdict is Verdict.AGREE)
    assert claim.observations[0].against is None
    assert "predicted" not in result(claim)["short"]
