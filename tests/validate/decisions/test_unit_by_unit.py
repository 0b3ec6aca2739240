"""Numbers of every unit against their own prediction."""

import math

import numpy as np
import pytest
import sympy

from theory.unit_by_unit import UnitByUnit
from validate.decisions.judge import judge, outcome
from validate.results.records import Verdict

KIND = UnitByUnit(sympy.Symbol("r"), (), (), 0.1, "of a test")


@pytest.mark.parametrize(
    ("predicted", "observed", "expected"),
    [
        (1.0, 1.05, 1.0),
        (1.0, 1.2, 0.0),
        (1.0, np.array([0.95, 1.05]), 1.0),
        (1.0, np.array([1.0, 1.2]), 0.0),
        ((1.0, 2.0), (1.05, 2.05), 1.0),
    ],
)
def test_a_unit_has_all_its_numbers_or_not(predicted, observed, expected):
    assert outcome(KIND, predicted, observed) == expected


def test_what_is_no_number_is_unusable():
    assert math.isnan(float(np.asarray(outcome(KIND, 1.0, math.nan))))


def test_the_verdict_is_about_the_share_of_units():
    assert judge(KIND, [1.0] * 200, 1e-5).verdict is Verdict.AGREE
    found = judge(KIND, [0.0] * 20, 1e-5)
    assert found.verdict is Verdict.DISAGREE
    assert "are within 0.1 of the prediction" in found.reason
