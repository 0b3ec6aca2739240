"""The assumptions of condensation: claims and the activation checker have the same limits."""

import pytest

from sim.condensation.experiment import Condensation
from validate.activation.compare import broken
from validate.claim import Unit
from validate.claims.condensation.measured.assumptions import (
    GROWTH_BY_FLOW,
    MOMENT_RATIO,
    UNFINISHED,
    failed,
    regime,
)
from validate.claims.condensation.measured.orientations import count, measured

FINE = {
    "moment_ratio": MOMENT_RATIO,
    "unfinished": UNFINISHED,
    "not_finite": 0.0,
    "not_finite_at": None,
    "growth": GROWTH_BY_FLOW,
}
WRONG = {"moment_ratio": 1.01 * MOMENT_RATIO, "unfinished": 1.0, "growth": 0.99 * GROWTH_BY_FLOW}


def failing(measurements) -> list[str]:
    units = [Unit(Condensation(), 0, k, one) for k, one in enumerate(measurements)]
    return [one.name for one in regime(GROWTH_BY_FLOW) if not one.holds(one.measure(units))]


def test_at_the_limits_all_assumptions_hold():
    assert failing([FINE, FINE]) == []
    assert broken([FINE, FINE]) is None


@pytest.mark.parametrize(
    ("key", "word"), [("moment_ratio", "moments"), ("unfinished", "finish"), ("growth", "gr")]
)
def test_beyond_a_limit_both_say_which_assumption_fails(key: str, word: str):
    beyond = [FINE, {**FINE, key: WRONG[key]}]
    (name,) = failing(beyond)
    assert word in name
    assert word in (broken(beyond) or "")


def test_of_many_networks_a_few_may_not_finish():
    """Networks of the checker share their data, so the share is that of all of them."""
    many = [{**FINE, "unfinished": 0.0}] * 99
    assert broken([*many, {**FINE, "unfinished": 1.0}]) is None
    assert broken([*many, *[{**FINE, "unfinished": 1.0}] * 3]) is not None


def test_networks_that_are_not_finite_are_told_with_the_step():
    lost = {**FINE, "unfinished": 1.0, "not_finite": 0.5, "not_finite_at": 40}
    later = {**lost, "not_finite_at": 70}
    told = broken([FINE, lost, later, FINE]) or ""
    assert (
        "in 25% an output or a weight became not finite, first by step 40, last by step 70" in told
    )
    told = broken([FINE, lost, {**lost, "not_finite_at": 0}]) or ""
    assert "first by step 0, last by step 40 (step 0, the initial weights, in 1 of 2)" in told


def test_units_that_failed_count_against_a_claim_and_few_may():
    """One data set of thousands would else decide, the more surely the more are drawn."""
    unfinished = {**FINE, "unfinished": 2 * UNFINISHED, "clusters": []}
    units = [Unit(Condensation(), 0, k, FINE) for k in range(99)]
    few = [*units, Unit(Condensation(), 0, 99, unfinished)]
    assert failing([one.measurement for one in few]) == []
    assert [failed(unit) for unit in few] == [False] * 99 + [True]
    assert len(failing([unfinished, FINE])) == 1


def test_a_failed_unit_is_a_miss_and_a_violation():
    clusters = [{"direction": [1.0, 0.0], "sign": 1, "share": 1.0}]
    done = Unit(Condensation(), 0, 0, {**FINE, "clusters": clusters})
    lost = Unit(Condensation(), 0, 1, {**FINE, "unfinished": 0.2, "clusters": clusters})
    assert (count(done), len(measured(done))) == (1, 1)
    assert (count(lost), len(measured(lost))) == (Condensation().neurons, 0)
