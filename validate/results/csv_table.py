"""Tables as CSV text for scripts: numbers with all digits, an empty cell where there is none."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from validate.results.words import printable

Cell = str | float | int | None
FORMULA = ("=", "+", "-", "@")  # what a spreadsheet takes for the beginning of one
TEXT = "'"  # what says to it that text follows


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """RFC 4180 with line feeds, UTF-8: a header, then a line a row; text on one line each.

    Text that a spreadsheet would run as a formula begins with an apostrophe; numbers do not.
    """
    return "".join(csv_lines(header, rows))


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The same line by line, for tables that are larger than memory."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([_cell(cell) for cell in header])
    yield _taken(stream)
    for row in rows:
        writer.writerow([_cell(cell) for cell in row])
        yield _taken(stream)


def _taken(stream: io.StringIO) -> str:
    text = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    return text


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    return _guarded(printable(cell)) if isinstance(cell, str) else repr(cell)


def _guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula; a number written as text is none."""
    if not text.lstrip().startswith(FORMULA):
        return text
    with suppress(ValueError):
        float(text)
        return text
    return TEXT + text
