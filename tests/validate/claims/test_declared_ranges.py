"""Means of shares declare their range, wherever the planned units are enough for it."""

import dataclasses

import pytest

from theory.prediction import Curve, Value
from validate.claim import planned_units
from validate.decisions.rules.base import kind_of
from validate.registry import claims
from validate.run.claim_progress import Options
from validate.trust.registration import checked

DECISIONS = [
    (claim, decision, decision.prediction)
    for claim in claims()
    for decision in checked(claim).decisions
    if isinstance(decision.prediction, Value | Curve) and decision.prediction.unit == "share"
]
NAMES = [f"{claim.id}: {decision.name}" for claim, decision, _ in DECISIONS]


def test_there_are_such_means():
    assert any(prediction.bounded for _, _, prediction in DECISIONS)


@pytest.mark.parametrize(("claim", "decision", "prediction"), DECISIONS, ids=NAMES)
def test_a_share_has_a_declared_range_or_too_few_units_for_one(claim, decision, prediction):
    """At the smallest budget that decides the claim."""
    options = Options(budget=claim.tier)
    if prediction.bounded is not None:
        low, high = prediction.bounded
        assert low <= 0 <= high
        assert high - low <= 2
        return
    declared = kind_of(dataclasses.replace(prediction, bounded=(-1.0, 1.0)))
    needed = declared.fewest_to_decide(options.level(decision), agree=True)
    assert planned_units(decision, claim.tier)[-1] < needed
