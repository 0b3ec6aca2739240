"""The claim on shares: real training, and wrong predictions rejected.

Verdicts are certain for a fixed seed and code. On seeds 0, 100 and 101 2 of 469 data sets missed
a share predicted from the weights by more than the margin and none one predicted from the data; at
the upper 99 % limit of these rates (0.018) a look at 201 or more is undecided (8 or more misses)
with probability 0.03, one at the last look (23 of 402) with 2e-6.
"""

import dataclasses

import pytest

from tests.validate.claims.running import (
    assert_can_be_reported,
    judged_again,
    results_in,
    run_of,
)
from validate.claim import Role
from validate.claims.condensation.shares import fated
from validate.registry import select
from validate.results.records import Verdict
from validate.trust.mutation import mutants

ID = "condensation.shares"


@pytest.fixture(scope="module")
def run(store, process):
    return run_of((ID,), store, process)


@pytest.fixture(scope="module")
def claim(run):
    return results_in(run)[ID]


def test_agrees(claim):
    assert claim.verdict is Verdict.AGREE, claim.reason
    assert all(entry.ok for entry in claim.regime)
    assert [c.name for c in claim.controls if not (c.rejected and c.as_required)] == []
    assert [c.role for c in claim.controls] == ["resolution"] * 2 + ["experiment"] * 2


def test_can_be_reported(claim):
    assert_can_be_reported(claim)
    assert len(claim.notes) == 1
    assert {one.in_pool for one in claim.cells} == {True}
    (figure,) = claim.figures
    assert [len(panel["points"]) for panel in figure.series["panels"]] == [2, 1, 1]
    (table,) = claim.tables
    assert len(table.rows) == 8


def test_mutants_are_rejected(run):
    made = [m for state in run.states for m in mutants(state, run.options)]
    assert {"no neuron dies", "equal shares", "next in turn", "× 2"} <= {m.change for m in made}
    kept = [m for m in made if not m.rejected]
    # a factor makes the deviations as skewed as the shares themselves: no t interval, no verdict
    assert all(m.decision.startswith("on average") and "skewed" in m.reason for m in kept), kept
    assert len(kept) <= 3


def _exchanged(division):
    """A twentieth of all neurons at the next place."""
    first, second, *others = division
    return (first - 0.05, second + 0.05, *others)


WRONG = {
    "a twentieth elsewhere": (0, lambda unit: _exchanged(fated(unit).by_weights)),
    "law in place of weights": (0, lambda unit: fated(unit).by_law),
    "basins": (1, lambda unit: fated(unit).basins),
    "off by 0.04": (2, lambda unit: fated(unit).by_law[fated(unit).moved] + 0.04),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_shares_are_rejected(run, name):
    position, wrong = WRONG[name]
    body = select((ID,))[0].build()
    main = [d for d in body.decisions if d.role is Role.CLAIM][position]
    broken = dataclasses.replace(main, predict=wrong, mutants={})
    controls = [d for d in body.decisions if d.role is Role.RESOLUTION]
    result = judged_again(run, ID, (broken, *controls))
    assert result.observations[0].verdict is Verdict.DISAGREE
