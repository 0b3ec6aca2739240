"""Tables of README and docs, rebuilt from the results that are kept in `docs/results`.

A text says where a table stands by ``<!-- generated: KIND -->`` and ``<!-- end -->``; what is
between is replaced. The kinds are those of `MADE`, followed by the id of a part or a claim and the
title of a table where one is meant.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from reports.content.figure import telling
from reports.figures import render
from reports.tables import markdown
from reports.tables.inline import MissingNumberError, fill_numbers
from reports.tables.sentences import readings, sentences
from reports.text import VERDICT_WORDS, line
from validate.results.records import ClaimResult, Figure, Results

RESULTS, PICTURE = Path("docs/results/results.json"), Path("docs/results/picture.svg")
BLOCK = re.compile(r"<!-- generated: ([^\n]*?) -->\n.*?<!-- end -->", re.DOTALL)
WHITE = '<rect width="100%" height="100%" fill="#ffffff"/>'  # pages may be dark


class DocumentationError(ValueError):
    """A text asks for what the results do not have."""


def pages(root: Path) -> list[Path]:
    """The texts in which tables may stand, beneath the folder of the project."""
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]


def fill(text: str, results: Results) -> str:
    """A text with every table in it, and every number of `reports.tables.inline`, made anew.

    Raises:
        DocumentationError: for a kind, a claim or a table that there is not.
    """

    def made(found: re.Match[str]) -> str:
        kind, _, rest = found[1].partition(" ")
        if kind not in MADE:
            raise DocumentationError(f"no kind of table is called {kind!r}")
        inside = MADE[kind](results, rest).rstrip()
        return f"<!-- generated: {found[1]} -->\n\n{inside}\n\n<!-- end -->"

    try:
        return fill_numbers(BLOCK.sub(made, text), results)
    except MissingNumberError as error:
        raise DocumentationError(str(error)) from error


def compact(results: Results) -> Results:
    """Results with what tables need: no derivations, symbols or figures but for the picture."""
    _, shown = _telling(results)
    claims = [
        claim.model_copy(
            update={
                "figures": tuple(one for one in claim.figures if one is shown),
                **dict.fromkeys(("derivation", "symbols", "references"), ()),
            }
        )
        for claim in results.claims
    ]
    return results.model_copy(update={"claims": tuple(claims), "appendices": ()})


def picture(results: Results) -> str:
    """The figure that carries the message of a run, as SVG on white, and what it was drawn from."""
    _, figure = _telling(results)
    head, tag, rest = render(figure).partition("<svg")
    opening, end, inside = rest.partition(">")
    return f"{head}{tag}{opening}{end}\n{WHITE}\n<!-- {drawn_from(figure)} -->{inside}"


def drawn_from(figure: Figure) -> str:
    """A name for the record of a figure."""
    digest = hashlib.sha256(figure.model_dump_json().encode()).hexdigest()
    return f"drawn from {digest[:16]}"


def rebuild(root: Path, results: Results) -> Iterator[tuple[Path, str]]:
    """Every file with tables, and the picture, with what is to stand in it."""
    for path in pages(root):
        yield path, fill(path.read_text(encoding="utf-8"), results)
    yield root / PICTURE, picture(results)


def _telling(results: Results) -> tuple[ClaimResult, Figure]:
    found = telling(results.claims)
    if found is None:
        raise DocumentationError("the results have no figure")
    claim = results.claims[found[0]]
    return claim, claim.figures[found[1]]


def _picture(results: Results, _: str) -> str:
    claim, figure = _telling(results)
    alt = f"{line(figure.title)}. {line(figure.caption)}".replace("[", "(").replace("]", ")")
    words = f"{line(claim.title)} ({VERDICT_WORDS[claim.verdict]})"
    return f"![{alt}]({PICTURE})\n\n**{words}.** {line(figure.caption)}"


def _claim(results: Results, id: str) -> ClaimResult:
    for claim in results.claims:
        if claim.id == id:
            return claim
    raise DocumentationError(f"the results have no claim {id!r}")


def _readings(results: Results, part: str) -> str:
    made = readings(results, part)
    if not made:
        raise DocumentationError(f"the results have no words for {part!r}")
    return made


def _table(results: Results, what: str) -> str:
    id, _, title = what.partition(" ")
    for one in _claim(results, id).tables:
        if one.title == title:
            return markdown.strings(one.header, one.rows)
    raise DocumentationError(f"{id} has no table {title!r}")


MADE: dict[str, Callable[[Results, str], str]] = {
    "picture": _picture,
    "readings": _readings,
    "sentences": lambda results, _: sentences(results),
    "verdicts": lambda results, _: markdown.verdicts(results),
    "cells": lambda results, id: (
        markdown.cells_of(_claim(results, id)) if id else markdown.cells(results)
    ),
    "table": _table,
}
