"""What tests of claims share: runs of them, and what every one that agrees must show."""

from collections.abc import Iterable

from sim.engine.store import Store
from tests.in_process import InProcess
from validate.registry import select
from validate.results.records import ClaimResult, Verdict
from validate.run.claim_progress import Options
from validate.run.runner import Runner


def results_of(ids: Iterable[str], seed: int, store: Store) -> dict[str, ClaimResult]:
    """Results by id."""
    with InProcess() as executor:
        made = Runner(select(tuple(ids)), Options(seed=seed), store, executor).results()
    return {claim.id: claim for claim in made.claims}


def assert_agrees(result: ClaimResult) -> None:
    assert result.verdict is Verdict.AGREE, result.reason
    assert all(entry.ok for entry in result.regime)


def assert_controls_are_rejected(result: ClaimResult) -> None:
    assert result.controls
    assert [c.name for c in result.controls if not (c.rejected and c.as_required)] == []
