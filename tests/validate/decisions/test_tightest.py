"""The most that could have been demanded: a little less still agrees, a little more does not."""

import dataclasses

import numpy as np
import pytest
import sympy

from theory.prediction import (
    Bound,
    Count,
    Curve,
    Exponent,
    Identity,
    Ordering,
    Prediction,
    Shares,
    Value,
)
from validate.decisions.judge import judge
from validate.results.records import Verdict

TEST = (sympy.Symbol("m"), (), (), 0.5, "a test")
ALPHA = 1e-3
# the field that declares it, by what is demanded
FIELDS = {
    "margin": "margin",
    "margin of local slopes": "local_margin",
    "tolerance": "margin",
    "tolerated rate": "tolerated_rate",
    "required share": "required_share",
    "required effect": "margin",
}
WEAKER = {"required share": -1, "required effect": -1}  # else a larger number demands less


def normal(points: int, mean: float = 0.0) -> np.ndarray:
    return mean + 0.1 * np.random.default_rng(3).standard_normal((200, points))


CASES = [
    (Value(*TEST, expected=2.0), normal(1, 0.05)),
    (Value(*TEST, bounded=(-1.0, 1.0)), normal(1)[:, 0].repeat(5)),
    (Curve(*TEST, expected=(1.0, 2.0)), normal(2)),
    (Exponent(*TEST, window=(1.0, 2.0, 4.0), local_margin=0.8), normal(3)),
    (Exponent(*TEST, window=(1.0, 2.0, 4.0)), normal(1)),
    (Ordering(*TEST), normal(1, 1.0)),
    (Identity(*TEST), np.abs(normal(1))),
    (Bound(*TEST, tolerated_rate=0.1), np.zeros(200)),
    (Shares(*TEST), np.ones(200)),
    (Count(*TEST), np.append(np.zeros(20), np.ones(180))),
]


def demanding(prediction: Prediction, of: str, value: float) -> Prediction:
    changed = {FIELDS[of]: value}
    if isinstance(prediction, Exponent) and of == "margin of local slopes":
        changed["margin"] = min(prediction.margin, value)  # it may not be the wider one
    return dataclasses.replace(prediction, **changed)


@pytest.mark.parametrize(("prediction", "outcomes"), CASES, ids=lambda one: type(one).__name__)
def test_what_could_have_been_demanded_is_where_agreement_ends(prediction, outcomes):
    found = judge(prediction, list(outcomes), ALPHA)
    assert found.verdict is Verdict.AGREE
    assert found.tightest
    for demand in found.tightest:
        assert demand.declared == getattr(prediction, FIELDS[demand.of])
        step = WEAKER.get(demand.of, 1) * 1e-6
        for factor, agrees in ((1 + step, True), (1 - step, False)):
            changed = demanding(prediction, demand.of, demand.value * factor)
            again = judge(changed, list(outcomes), ALPHA)
            assert (again.verdict is Verdict.AGREE) is agrees, demand


def test_nothing_is_said_of_what_does_not_agree():
    assert judge(Value(*TEST), [2.0 + 0.1 * k for k in range(100)], ALPHA).tightest == ()
    assert judge(Bound(*TEST), [1.0] * 100, ALPHA).tightest == ()
    assert judge(Bound(*TEST), [0.0] * 5, ALPHA).tightest == ()
