"""The command `python -m validate diff`; heavy imports happen inside."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validate.command.finished.reading import results_at
from validate.command.scripting import FILE

if TYPE_CHECKING:
    from rich.table import Table

    from validate.results.comparison.changes import ChangedDecision, Comparison
    from validate.results.records import Results

SHOWN = 12  # decisions that are printed without --verbose, none where intervals overlap


@click.command()
@click.argument("before", metavar="A", type=FILE)
@click.argument("after", metavar="B", type=FILE)
@click.option("--json", "as_json", is_flag=True,
              help="JSON on standard output and nothing else there.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Print every decision that differs.")
def diff(before: Path, after: Path, as_json: bool, verbose: bool) -> None:
    """What changed from one run to another: verdicts, intervals, versions, settings, code.

    A and B are results.json files or folders with one. Exit status: 0 no verdict changed, 1 that of
    a claim or a decision did, 2 something cannot be read. Claims of one run alone are told and do
    not count.
    """
    from validate.results.comparison.changes import compare

    runs = results_at(before), results_at(after)
    found = compare(*runs)
    if as_json:
        click.echo(found.to_json(), nl=False)
    else:
        _print(found, (str(before), str(after)), runs, verbose)
    sys.exit(int(found.other_verdict))


def _print(
    found: "Comparison", names: tuple[str, str], runs: "tuple[Results, Results]", verbose: bool
) -> None:
    from validate.command.terminal import literal, open_console
    from validate.results.comparison import told

    console = open_console()
    for letter, name, results in zip("AB", names, runs, strict=True):
        console.print(literal(f"{letter}: {name}, {told.run_in_words(results.run)}"))
    if found.nothing:
        console.print("nothing changed")
        return
    console.print(literal(told.summary(found)))
    if found.verdicts:
        console.print(_verdicts(found))
    if found.decisions:
        console.print(literal(told.decisions_in_words(found)))
        shown = told.telling(found)
        if not verbose:
            shown = [one for one in shown if not told.is_chance(one)][:SHOWN]
        if shown:
            console.print(_decisions(shown))
        if len(shown) < len(found.decisions):
            more = " more" if shown else ""
            console.print(f"-v prints {len(found.decisions) - len(shown)}{more} of them")
    for one in found.claims:
        console.print(literal(told.setting(one)))
    made = told.settings(found)
    if made:
        console.print(literal("made with: " + "; ".join(map(told.setting, made))))


def _verdicts(found: "Comparison") -> "Table":
    from rich.table import Table

    from validate.command.terminal import colored, literal

    table = Table(show_lines=True)
    table.add_column("claim", overflow="fold")
    table.add_column("run")
    table.add_column("verdict", no_wrap=True)
    table.add_column("why")
    for one in found.verdicts:
        name = literal(one.claim)
        for letter, verdict, why in (
            ("A", one.before, one.reason_before),
            ("B", one.after, one.reason_after),
        ):
            table.add_row(name, literal(letter), colored(verdict), literal(why))
            name = literal("")
    return table


def _decisions(shown: "Sequence[ChangedDecision]") -> "Table":
    from rich.table import Table

    from validate.command.terminal import literal
    from validate.results.comparison import told

    table = Table()
    for column in ("decision", "A", "B", "how"):
        table.add_column(column, overflow="fold")
    claim = ""
    for one in shown:
        if one.claim != claim:
            table.add_row(literal(one.claim, "bold"))
        claim = one.claim
        cells = (one.decision, told.measured(one.before), told.measured(one.after), told.how(one))
        table.add_row(*(literal(cell) for cell in cells))
    return table
