"""How long neurons stay: verdict, controls and figure on real training."""

from tests.validate.claims.running import (
    assert_agrees,
    assert_can_be_reported,
    assert_controls_are_rejected,
    results_of,
)
from validate.registry import select
from validate.run.pool import planned

ID = "condensation.duration"


def test_it_agrees_and_each_wrong_experiment_disagrees(store, process):
    result = results_of([ID], store, process)[ID]
    assert_agrees(result)
    assert_controls_are_rejected(result)
    assert_can_be_reported(result)
    assert len(result.cells) == 3
    assert all("are predicted to pass 5°" in note for note in result.notes)
    (figure,) = result.figures
    assert [panel["title"] for panel in figure.series["panels"]] == [
        "Law of first order",
        "Leaving",
    ]


def test_every_cell_is_decided_alone_at_standard():
    (claim,) = select((ID,))
    body = planned(claim, "standard", 0.01)
    assert body.shares <= claim.shares
    assert len(body.decisions) == len(claim.build().decisions) + 9
