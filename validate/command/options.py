"""Options that several commands share."""

import functools
from collections.abc import Callable
from pathlib import Path

import click

from validate.book import ALPHA
from validate.command.scripting import CSV, FAIL_ON, FOLDER, number
from validate.command.seeds import seeds_of
from validate.results.guarantee import at_most

OUT = Path("reports/out")

SETTINGS = (
    click.option("--budget", type=click.Choice(["quick", "standard", "thorough"]),
                 default="quick", show_default=True,
                 help="How many replicates the plan may take."),
    click.option("--out", type=FOLDER, default=OUT, show_default=True,
                 help="Folder for the store results.sqlite and for all that is written."),
    click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
                 help="Seed of all random streams."),
    click.option("--alpha", type=click.FloatRange(0, 0.5, min_open=True, max_open=True),
                 default=ALPHA, show_default=True, callback=number,
                 help="Error budget; every decision takes one of its 1,000 shares. The chance of "
                 f"any wrong verdict is {at_most('this')}."),
    click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu",
                 show_default=True, help="Where networks are trained."),
    click.option("--workers", type=click.IntRange(1, 1024), default=None,
                 help="Processes; default: one for each usable core."),
    click.option("--executor", type=click.Choice(["local", "dask"]), default="local",
                 show_default=True,
                 help="Processes of this machine, or a Dask cluster: --scheduler, or else one "
                 "of --workers processes here."),
    click.option("--scheduler", metavar="ADDRESS", default=None,
                 help="Of a running Dask cluster, such as tcp://host:8786."),
    click.option("--json", "as_json", is_flag=True,
                 help="JSON on standard output and nothing else there."),
)  # fmt: skip
RUNNING = (
    *SETTINGS,
    click.option("--seeds", metavar="S,S,…", default=None, callback=seeds_of,
                 help="Several seeds instead of --seed, such as 0,1,2: one table of verdicts, and "
                 "the results of each in the folder seed-S of --out."),
    click.option("--dry-run", is_flag=True, help="Say what would run and for how long."),
    FAIL_ON,
    CSV,
    click.option("-v", "--verbose", is_flag=True, help="Print every decision and control."),
)  # fmt: skip


def with_options(options: tuple) -> Callable[[Callable], Callable]:
    """A decorator that adds options to a command."""
    return lambda command: functools.reduce(lambda c, option: option(c), options[::-1], command)
