"""The claims on filters that come back without a shift: verdicts and controls.

At seed 0; the chance that the mean of 3,072 layers is off by what the interval leaves of the margin
is 2·10⁻³ at the first look, and 10⁻⁷ at the second, of a law that is exact.
"""

import pytest

from tests.validate.claims.running import (
    assert_agrees,
    assert_can_be_reported,
    assert_controls_are_rejected,
    results_of,
)
from validate.claim import Role
from validate.registry import select

ID = "batchnorm.reopening"


@pytest.fixture(scope="module")
def result(store, process):
    return results_of((ID,), store, process)[ID]


def test_agrees_and_controls_are_rejected(result):
    assert_agrees(result)
    assert_controls_are_rejected(result)
    assert {control.role for control in result.controls} == {"resolution", "experiment"}


def test_can_be_reported(result):
    assert_can_be_reported(result)
    assert len(result.figures) == 1
    assert result.notes


def test_sizes_and_decays_are_decided_one_by_one():
    (claim,) = select(("batchnorm.reopening-sizes",))
    body = claim.build()
    judged = [d for d in body.decisions if d.role is Role.CLAIM]
    assert len(judged) == 8
    assert all(len(d.experiments) == 1 for d in judged)
    assert {d.experiments[0].settings()["batch"] for d in judged} == {16, 32, 64, 128, 256}
    assert all(d.prediction.margin <= d.prediction.expected / 2 for d in judged)
