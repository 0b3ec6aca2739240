"""The command `python -m validate report`; heavy imports happen inside."""

from pathlib import Path
from typing import Any

import click

from validate.command.finished.reading import check_names, results_at
from validate.command.options import OUT
from validate.command.running import Failure, write_report
from validate.command.scripting import FILE


@click.command()
@click.argument("words", nargs=-1, metavar="[DIR] [CLAIM…]")
@click.option("--brief", is_flag=True,
              help="Only what comes before the appendix; writes "
              "brief.pdf, of an extract extract-brief.pdf.")  # fmt: skip
@click.option("--markdown", type=click.Choice(["verdicts", "cells"]),
              help="Print a table as Markdown instead.")  # fmt: skip
@click.option("--against", type=FILE, metavar="OTHER",
              help="Add what changed from another run: a results.json or a folder.")  # fmt: skip
def report(words: tuple[str, ...], brief: bool, markdown: str | None, against: Path | None) -> None:
    """Rebuild report.pdf and report.html from the results.json in DIR (default: reports/out).

    With claims, by id or prefix, it is an extract of them: extract.pdf, extract.html. A word is DIR
    if it is a folder or is written as a path.
    """
    from validate.command.folder import folder_and_claims
    from validate.results.records import ResultsError, load_results

    if brief and markdown:
        raise click.UsageError("--brief is about the PDF, --markdown prints one table: one of them")
    if against is not None and (brief or markdown):
        raise click.UsageError(
            "--against adds to the appendix, which is not in --brief, --markdown"
        )
    folder, of = OUT, None
    try:
        folder, names = folder_and_claims(words, OUT)
        if len(names) == len(words):
            check_names(names, folder)
        results = load_results(folder / "results.json")
        if names:
            of, results = len(results.claims), results.only(names)
        if markdown is not None:
            from reports.tables import markdown as tables

            click.echo(getattr(tables, markdown)(results), nl=False)
            return
        if against is not None:
            results = _compared(results, against, folder, bool(names))
        paths = write_report(results, folder, None, of, brief)
    except ResultsError as error:
        raise Failure(str(error)) from error
    except (ValueError, TypeError, KeyError) as error:  # of figures and formulas
        said = " ".join(str(error).split())[:200]
        raise Failure(f"{folder / 'results.json'} cannot be shown: {said}") from error
    except OSError as error:
        at = Path(error.filename or folder)
        place = at if at.is_dir() else folder
        raise Failure(f"cannot write to {place}: {error.strerror}") from error
    click.echo(f"wrote {', '.join(map(str, paths))}")


def _compared(results: Any, against: Path, folder: Path, extract: bool) -> Any:
    """Results with what changed from another run; of an extract with its claims alone."""
    from validate.results.comparison.appendix import of_comparison
    from validate.results.comparison.changes import compare

    other = results_at(against)
    if extract:
        ids = {claim.id for claim in results.claims}
        same = tuple(claim for claim in other.claims if claim.id in ids)
        other = other.model_copy(update={"claims": same})
    found = compare(other, results)
    return results.with_appendix(of_comparison(found, other.run, str(against), str(folder)))
