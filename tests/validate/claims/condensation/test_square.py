"""The bound under Adam: random forms and trained networks, and what the claim says of them."""

from tests.validate.claims.running import (
    assert_agrees,
    assert_can_be_reported,
    assert_controls_are_rejected,
    results_of,
)
from validate.registry import select
from validate.run.pool import planned

ID = "condensation.bound-square"


def test_it_agrees_and_each_wrong_experiment_disagrees(store, process):
    result = results_of([ID], store, process)[ID]
    assert_agrees(result)
    assert_controls_are_rejected(result)
    assert_can_be_reported(result)
    names = [cell.name for cell in result.cells]
    assert [f"random forms, p = {p}" in names for p in range(1, 7)] == [True] * 6
    assert any("p = 6: 2p = 12" in note for note in result.notes)
    assert len(result.figures) == 3


def test_every_degree_is_decided_alone_at_standard():
    (claim,) = select((ID,))
    body = planned(claim, "standard", 0.01)
    names = [decision.name for decision in body.decisions]
    assert sum(": random forms, p = " in name for name in names) == 6
    assert body.shares <= claim.shares
