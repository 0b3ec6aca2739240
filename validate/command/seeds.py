"""The same claims at several seeds: one table of verdicts. Heavy imports happen inside."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from validate.results.guarantee import CONDITION

if TYPE_CHECKING:
    from validate.results.records import Results, Verdict


def seeds_of(context: click.Context, parameter: click.Parameter, text: str | None) -> Any:
    """The seeds of ``--seeds 0,1,2``, in this order.

    Raises:
        click.BadParameter: one is no whole number from 0 on, or is named twice.
    """
    if text is None:
        return ()
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() for word in words):
        raise click.BadParameter(f"'{text}' is no list of whole numbers, such as 0,1,2")
    seeds = tuple(int(word) for word in words)
    if len(set(seeds)) < len(seeds):
        raise click.BadParameter(f"'{text}' names a seed twice")
    return seeds


def folder_of(seed: int, out: Path) -> Path:
    """Where results.json and the report of one of several seeds are."""
    return out / f"seed-{seed}"


def at_seeds(
    seeds: Sequence[int],
    run: Callable[[int, Path], Results],
    out: Path,
    as_json: bool,
    verbose: bool,
) -> list[Results]:
    """Run at every seed, one after the other; print the table and keep it as seeds.json."""
    from validate.command import progress
    from validate.command.folder import keep
    from validate.command.running import print_json, writing_to

    runs = {}
    for seed in seeds:
        click.echo(f"seed {seed}", err=True)
        runs[seed] = run(seed, folder_of(seed, out))
        if verbose and not as_json:
            progress.print_results(runs[seed], folder_of(seed, out), verbose)
    data = as_data(runs, out)
    with writing_to(out):
        keep(out / "seeds.json", json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    if as_json:
        print_json(data)
    else:
        print_seeds(runs, out)
    return list(runs.values())


def verdicts_of(runs: Mapping[int, Results]) -> dict[str, dict[int, Verdict]]:
    """Every claim's verdict by seed."""
    found: dict[str, dict[int, Verdict]] = {}
    for seed, results in runs.items():
        for claim in results.claims:
            found.setdefault(claim.id, {})[seed] = claim.verdict
    return found


def as_data(runs: Mapping[int, Results], out: Path) -> dict[str, Any]:
    """The table as plain data: what ``--json`` prints and seeds.json keeps."""
    first = next(iter(runs.values())).run
    return {
        "schema": 1,
        "budget": first.budget,
        "alpha": first.alpha,
        "seeds": list(runs),
        "claims": [
            {
                "id": id,
                "verdicts": {str(seed): str(verdict) for seed, verdict in found.items()},
                "same": len(set(found.values())) == 1,
            }
            for id, found in verdicts_of(runs).items()
        ],
        "results": {str(seed): str(folder_of(seed, out) / "results.json") for seed in runs},
    }


def print_seeds(runs: Mapping[int, Results], out: Path) -> None:
    """Claims by seeds, whether all verdicts of a claim are the same, and what α covers."""
    from rich.table import Table

    from validate.command.terminal import colored, literal, open_console
    from validate.results.guarantee import several_books

    console = open_console()
    table = Table()
    table.add_column("claim", no_wrap=True)
    for seed in runs:
        table.add_column(f"seed {seed}", no_wrap=True)
    table.add_column("all the same")
    found = verdicts_of(runs)
    for id, by_seed in found.items():
        same = literal("yes") if len(set(by_seed.values())) == 1 else literal("no", "bold")
        table.add_row(literal(id), *(colored(by_seed[seed]) for seed in runs), same)
    console.print(table)
    for line in (_counted(found), _books(runs)):
        console.print(literal(line))
    for results in runs.values():
        if results.run.former_budgets:
            console.print(literal(several_books(results.run)))
    console.print(
        literal(f"{out / 'seeds.json'}; {out}/seed-*/results.json, report.pdf, report.html")
    )


def _counted(found: Mapping[str, Mapping[int, Verdict]]) -> str:
    from validate.results.records import Verdict

    same = sum(len(set(by_seed.values())) == 1 for by_seed in found.values())
    opposed = [
        id
        for id, by_seed in found.items()
        if {Verdict.AGREE, Verdict.DISAGREE} <= set(by_seed.values())
    ]
    told = f"{same} of {len(found)} claims have the same verdict at every seed"
    return f"{told}; AGREE against DISAGREE: {', '.join(opposed) or 'none'}"


def _books(runs: Mapping[int, Results]) -> str:
    """Each seed is a run with an error budget of its own."""
    run = next(iter(runs.values())).run
    return (
        f"budget {run.budget}; each seed has a book of its own: over all {len(runs)} the chance of "
        f"any wrong verdict is at most {len(runs)} × {run.alpha:g}, {CONDITION}"
    )
