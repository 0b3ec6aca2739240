"""The command `python -m validate export`; heavy imports happen inside."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from validate.command.before.overwriting import refuse_own_files
from validate.command.finished.reading import check_names
from validate.command.options import OUT
from validate.command.running import Failure, refused
from validate.command.scripting import FILE, in_a_folder

if TYPE_CHECKING:
    from validate.results.records import Results
    from validate.run.stored_units import UnitTable

STORE = "results.sqlite"


@click.command()
@click.argument("words", nargs=-1, metavar="[DIR] [CLAIM…]")
@click.option("--what", type=click.Choice(["observations", "units"]), default="observations",
              show_default=True,
              help="A line a decision and control, or a quantity of a unit.")  # fmt: skip
@click.option("--format", "kind", type=click.Choice(["csv", "json"]), default="csv",
              show_default=True, help="JSON is a list of objects.")  # fmt: skip
@click.option("--out", type=FILE, default=None, callback=in_a_folder,
              metavar="FILE", help="Where to write instead of standard output.")  # fmt: skip
@click.option("--nested", is_flag=True,
              help="Also what is no single number of a unit, as JSON.")  # fmt: skip
def export(words: tuple[str, ...], what: str, kind: str, out: Path | None, nested: bool) -> None:
    """Write what a run measured as a table: decisions, or the units behind them.

    Of the run in DIR (default: reports/out), or of some of its claims, by id or prefix. A word is
    DIR if it is a folder or is written as a path. Units come from the results.sqlite of the run;
    nothing is trained. Columns are named in docs/export.md.
    """
    from validate.command.folder import folder_and_claims
    from validate.results.records import ResultsError, load_results

    if nested and what != "units":
        raise click.UsageError("--nested is about --what units")
    try:
        folder, names = folder_and_claims(words, OUT)
        if len(names) == len(words):
            check_names(names, folder)
        refuse_own_files(out, (folder,), "--out")
        results = load_results(folder / "results.json")
        results = results.only(names) if names else results
    except ResultsError as error:
        raise Failure(str(error)) from error
    with refused(), _table(results, folder, what, nested) as (header, rows):
        _write(_pieces(kind, header, rows), out)


@contextmanager
def _table(
    results: "Results", folder: Path, what: str, nested: bool
) -> Iterator[tuple[tuple[str, ...], Iterable[Any]]]:
    """The header and the rows of what is asked for; what is missing is told afterwards."""
    if what == "observations":
        from validate.results.observation_table import HEADER, observation_rows

        yield HEADER, observation_rows(results)
        return
    from sim.engine.store import Store
    from validate.run.stored_units import UnitTable

    with Store(_store_of(folder), read_only=True) as store:
        table = UnitTable(store, results, nested)
        if not table.blocks:
            raise Failure(f"{store.path} does not tell the units of {', '.join(table.unknown)}")
        yield table.header, table.rows()
        _tell(table)


def _store_of(folder: Path) -> Path:
    """The store of a run: in its folder, or in the one above for a seed of several."""
    places = (folder / STORE, folder.resolve().parent / STORE)
    found = [place for place in places if place.is_file()]
    if not found:
        raise Failure(f"{folder} has no {STORE}, where the units of a run are")
    return found[0]


def _tell(table: "UnitTable") -> None:
    """Say on standard error what has no rows."""
    if table.unknown:
        told = "the store has no record of this result"
        click.echo(f"no units of {', '.join(table.unknown)}: {told}", err=True)
    if table.lost:
        click.echo(f"{table.lost} of {len(table.blocks)} blocks are no longer stored", err=True)
    if table.left_out:
        names = ", ".join(table.left_out)
        click.echo(f"left out, no single numbers (--nested has them): {names}", err=True)


def _pieces(kind: str, header: tuple[str, ...], rows: Iterable[Any]) -> Iterator[str]:
    from validate.command.finished.tables import csv_pieces, json_pieces

    return (csv_pieces if kind == "csv" else json_pieces)(header, rows)


def _write(pieces: Iterator[str], out: Path | None) -> None:
    """To a file as a whole, or to standard output as it comes."""
    if out is None:
        for piece in pieces:
            sys.stdout.write(piece)
        return
    from validate.results.whole_file import whole_file

    try:
        with whole_file(out) as file:
            for piece in pieces:
                file.write(piece.encode())
    except OSError as error:
        raise Failure(f"cannot write {out}: {error.strerror}") from error
