"""Tables as CSV text for scripts: numbers with all digits, an empty cell where there is none."""

import csv
import io
from collections.abc import Iterable, Sequence

from validate.results.words import printable

Cell = str | float | int | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """RFC 4180 with line feeds, UTF-8: a header, then a line a row; text on one line each."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return stream.getvalue()


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    return printable(cell) if isinstance(cell, str) else repr(cell)
