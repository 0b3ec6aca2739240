"""What ``--dry-run`` tells. Heavy imports happen inside."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from validate.command.running import print_json, refused, writing_to


def dry_run_of(
    chosen: tuple,
    out: Path,
    workers: int | None,
    as_json: bool,
    seeds: tuple[int, ...],
    settings: dict[str, Any],
) -> None:
    """What would run, at all seeds together."""
    from sim.engine.executor import default_workers
    from sim.engine.store import Store
    from validate.command import progress
    from validate.run.claim_progress import Options
    from validate.run.plan import at_seeds, plan

    at = workers or default_workers()
    options = [Options(**{**settings, "seed": seed}) for seed in seeds or (settings["seed"],)]
    with refused(), writing_to(out):
        there = (out / "results.sqlite").exists()
        stored = Store(out / "results.sqlite") if there else None
        planned = at_seeds(plan(chosen, one, stored, at) for one in options)
    print_json([asdict(p) for p in planned]) if as_json else progress.print_plan(planned)
