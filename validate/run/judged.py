"""What a claim gives to the record of a run once it is judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.engine.fingerprint import fingerprint_of
from validate.results.records import ClaimResult
from validate.run.claim_progress import ClaimState


@dataclass(frozen=True)
class Judged:
    """What a claim gives to a run's record.

    Attributes:
        result: the claim's own record.
        shares: of α that its decisions take.
        settings: of its experiments, and its plan, see `settings_of`.
        code: fingerprints of its experiments.
        blocks: keys of the blocks that it asked for.
    """

    result: ClaimResult
    shares: int
    settings: Any
    code: tuple[str, ...]
    blocks: tuple[str, ...]


def judged(state: ClaimState, blocks: Sequence[str]) -> Judged:
    """What a finished claim gives.

    Raises:
        ValueError: it is not finished.
    """
    if state.result is None:
        raise ValueError(f"{state.claim.id} is not finished")
    body = state.body
    code = tuple(sorted({fingerprint_of(experiment) for experiment in body.grid}))
    return Judged(state.result, body.shares, settings_of(state), code, tuple(blocks))


def settings_of(state: ClaimState) -> list[Any]:
    """A claim's id, the settings of its experiments and the plans of its decisions."""
    body = state.body
    plans = [list(decision.looks) for decision in body.decisions]
    return [state.claim.id, [experiment.settings() for experiment in body.grid], plans]
