"""``python -m tests.faults``: kills, damage, edits and full disks, with counts and faults if any.

Exit status 1 when anything is lost, stale, wrong, left running, left lying about or a traceback.
It needs /proc. Worker processes import this module, so the rest is imported when it is needed.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

# of each kind: its module, its function
_KINDS = {
    "kills": ("parents", "kill_parents"),
    "worker_kills": ("workers", "kill_workers"),
    "report_kills": ("reports", "kill_reports"),
    "flips": ("flips", "flip_bytes"),
    "damaged": ("damaged", "damage_results"),
    "edits": ("edits", "edit_code"),
    "full_disk": ("full_disk", "fill_disk"),
}


@click.command(help=__doc__)
@click.option("--kills", default=20, show_default=True, help="SIGKILLs of a run.")
@click.option("--worker-kills", default=8, show_default=True, help="SIGKILLs of a worker.")
@click.option(
    "--report-kills", default=8, show_default=True, help="SIGKILLs while reports are written."
)
@click.option("--flips", default=100, show_default=True, help="Damaged stores.")
@click.option("--damaged", default=60, show_default=True, help="Damaged results.json.")
@click.option("--edits", default=8, show_default=True, help="Edits of code during a run.")
@click.option("--full-disk", default=30, show_default=True, help="Runs without room to write.")
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Counts and faults as JSON.")
def main(seed: int, as_json: bool, **numbers: int) -> None:
    from importlib import import_module

    from sim.engine.threads import ONE_THREAD

    os.environ.update(ONE_THREAD)  # before numpy is imported: processes with threads do not fork
    start, tallies = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        for kind, number in numbers.items():
            if number:
                module, function = _KINDS[kind]
                do = getattr(import_module(f"tests.faults.{module}"), function)
                tallies.append(do(number, Path(folder) / kind, seed))
                click.echo(tallies[-1].text(), err=as_json)
    faults = [fault for tally in tallies for fault in tally.faults]
    for fault in faults:
        click.echo(f"FAULT {fault}", err=True)
    if as_json:
        made: dict[str, Any] = {"seed": seed, "kinds": [one.plain() for one in tallies]}
        click.echo(json.dumps(made, indent=1))
    click.echo(f"{time.monotonic() - start:.0f} s, {len(faults)} faults", err=as_json)
    sys.exit(int(bool(faults)))


if __name__ == "__main__":
    main()
