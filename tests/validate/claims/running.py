"""What tests of claims share: runs of them, and what every one that agrees must show."""

import dataclasses
from collections.abc import Iterable
from concurrent.futures import Executor

from sim.engine.store import Store
from validate.claim import Decision
from validate.registry import select
from validate.results.records import ClaimResult, Verdict
from validate.run.claim_progress import Options
from validate.run.runner import Runner
from validate.trust.mutation import Mutant, mutants


def run_of(ids: Iterable[str], store: Store, process: Executor) -> Runner:
    """A finished run."""
    runner = Runner(select(tuple(ids)), Options(), store, process)
    runner.run()
    return runner


def results_in(run: Runner) -> dict[str, ClaimResult]:
    """Results by id."""
    return {claim.id: claim for claim in run.results().claims}


def results_of(ids: Iterable[str], store: Store, process: Executor) -> dict[str, ClaimResult]:
    """Results by id, of a run."""
    return results_in(run_of(ids, store, process))


def judged_again(run: Runner, id: str, decisions: Iterable[Decision]) -> ClaimResult:
    """A claim with these decisions alone, on what a run has measured, and nothing drawn.

    Further looks are trained, should one be needed.
    """
    (claim,) = select((id,))
    chosen = tuple(decisions)
    changed = dataclasses.replace(
        claim.build(),
        decisions=chosen,
        grid=tuple(dict.fromkeys(e for d in chosen for e in d.experiments)),
        **{name: lambda units: () for name in ("figures", "notes", "tables")},
        cells=None,
    )
    made = dataclasses.replace(claim, id=f"{id}-changed", build=lambda: changed)
    again = Runner([made], run.options, run.store, run.executor)
    again.units |= run.units
    (result,) = again.results().claims
    return result


def surviving(run: Runner, id: str) -> list[Mutant]:
    """Mutants of a claim that a run does not reject; there must be some mutants."""
    (state,) = (state for state in run.states if state.claim.id == id)
    made = mutants(state, run.options)
    assert made
    return [mutant for mutant in made if not mutant.rejected]


def assert_agrees(result: ClaimResult) -> None:
    assert result.verdict is Verdict.AGREE, result.reason
    assert all(entry.ok for entry in result.regime)


def assert_controls_are_rejected(result: ClaimResult) -> None:
    assert result.controls
    assert [c.name for c in result.controls if not (c.rejected and c.as_required)] == []


def assert_can_be_reported(result: ClaimResult) -> None:
    assert result.derivation
    assert result.figures
    assert result.references
    assert result.reproduce.startswith("python -m validate run")
