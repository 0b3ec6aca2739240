"""What a run would have to train, for ``--dry-run``."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.engine.store import Store, key
from validate.claim import planned_units
from validate.registry import Claim
from validate.run.claim_progress import Block, Options
from validate.run.pool import planned
from validate.run.prospects import Prospect, prospects


@dataclass(frozen=True)
class PlannedClaim:
    """What a claim would run at most, for ``--dry-run``, and what each decision can reach."""

    id: str
    looks: tuple[int, ...]
    blocks: int
    stored: int
    seconds: float
    decisions: tuple[Prospect, ...] = ()


def plan(
    chosen: Sequence[Claim], options: Options, store: Store | None, workers: int
) -> list[PlannedClaim]:
    """What would run if every decision took all its looks; shared blocks count once."""
    seen: set[Block] = set()
    made = []
    for c in chosen:
        body = planned(c, options.budget, options.alpha)
        rounds = body.rounds(options.budget)[-1]
        blocks = {(e, b) for e in body.grid for b in range(rounds)} - seen
        seen |= blocks
        missing = [
            block
            for block in blocks
            if store is None
            or store.get(key(block[0], options.seed, block[1], options.device)) is None
        ]
        seconds = sum(e.timed_cost() * e.block for e, _ in missing) / workers
        looks = max((planned_units(d, options.budget) for d in body.decisions), key=lambda n: n[-1])
        counted = (len(blocks), len(blocks) - len(missing), seconds)
        made.append(PlannedClaim(c.id, looks, *counted, prospects(body, options)))
    return made


def at_seeds(plans: Iterable[Sequence[PlannedClaim]]) -> list[PlannedClaim]:
    """Plans of the same claims at several seeds, added up."""
    return [
        dataclasses.replace(
            same[0],
            blocks=sum(one.blocks for one in same),
            stored=sum(one.stored for one in same),
            seconds=sum(one.seconds for one in same),
        )
        for same in zip(*plans, strict=True)
    ]
