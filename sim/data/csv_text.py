"""What a text with columns of numbers looks like: its separator, its names, its first fault."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import islice

import numpy as np
from jaxtyping import Float

SEPARATORS = (",", ";", "\t")
INDEX_NAMES = ("", "index", "unnamed: 0")  # what pandas and R write for numbered rows


@dataclass(frozen=True)
class Header:
    """The first line of a table.

    Attributes:
        names: of the columns, in order.
        separator: between them.
        lines: from the top of the file through the header, comments and blank lines included.
    """

    names: tuple[str, ...]
    separator: str
    lines: int


class HeaderError(ValueError):
    """The first line does not name columns; the message says what was found."""


def header_of(text: io.TextIOBase, longest: int) -> Header:
    """The header: the first line that is neither blank nor a comment (#).

    Args:
        text: read from its start.
        longest: characters that a line may have.

    Raises:
        HeaderError: there is none, or it has no names.
    """
    lines = 0
    while True:
        line = text.readline(longest)
        lines += 1
        if not line:
            raise HeaderError("no line with the names of columns, such as x,y, was found")
        kept = line.strip("\r\n")
        if kept.strip() and not kept.lstrip().startswith("#"):
            break
    if kept.strip().lower().startswith("sep="):
        raise HeaderError(f"the first line is {kept.strip()[:20]!r}, as for Excel: leave it out")
    separator = max(SEPARATORS, key=kept.count)
    names = _names(kept, separator)
    shown = kept if len(kept) <= 60 else kept[:60] + "…"
    if len(names) < 2 and "|" in kept:
        raise HeaderError(
            f"separated by '|': commas, semicolons and tabs are read; found {shown!r}"
        )
    if len(names) < 2:
        raise HeaderError(
            f"a first line with the names of two columns or more, such as x,y, is needed; "
            f"found {shown!r}"
        )
    if all(_is_number(name) for name in names):
        raise HeaderError(
            f"the first line must name the columns, such as x1,x2,y; found numbers, {shown!r}"
        )
    if names[-1] == "" and len(names) > 1:
        raise HeaderError(
            f"the line with the names ends with {separator!r}, so that the last column has none"
        )
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise HeaderError(
            f"{names.count(twice)} columns are named {twice[:40]!r}; names must differ"
        )
    return Header(names, separator, lines)


def _names(line: str, separator: str) -> tuple[str, ...]:
    try:
        return tuple(name.strip() for name in next(csv.reader([line], delimiter=separator), []))
    except csv.Error:  # a field that is too long
        return ()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text  # which Python reads, and no one else


def first_fault(text: io.TextIOBase, header: Header) -> str:
    """What is wrong with the first bad row; a second, slower pass. Rows count from 1."""
    columns = len(header.names)
    lines = islice(text, header.lines, None)
    kept = (line for line in lines if line.strip() and not line.lstrip().startswith("#"))
    for number, row in enumerate(csv.reader(kept, delimiter=header.separator), start=1):
        if len(row) != columns:
            end = f"; its line ends with {header.separator!r}" if row[-1:] == [""] else ""
            return f"row {number} has {len(row)} values, not {columns}{end}"
        for name, cell in zip(header.names, row, strict=True):
            if not _is_number(cell):
                where = f"row {number}, column {name[:40]!r}" if name else f"row {number}"
                return f"{where}: {cell[:40]!r} is not a number" + _advice(cell, header.separator)
    return f"not readable as numbers separated by {header.separator!r}"


def _advice(cell: str, separator: str) -> str:
    """What to write instead."""
    if separator != "," and _is_number(cell.replace(",", ".", 1)):
        return "; decimals are written with a point, such as 1.5"
    if "_" in cell and _is_number(cell.replace("_", "")):
        return "; digits are written without underscores, such as 1000"
    if not cell.strip():
        return "; rows with an empty cell must be filled or left out"
    return "; columns of numbers such as -1.5e3 are needed"


def is_unnamed(name: str) -> bool:
    """Whether a first column has no name, as that of pandas and R for the names of the rows."""
    return name.lower() in ("", "unnamed: 0")


def is_index(name: str, values: Float[np.ndarray, " rows"]) -> bool:
    """Whether a first column merely numbers the rows, from 0 or 1 on."""
    if name.lower() not in INDEX_NAMES or values[0] not in (0, 1):
        return False
    return bool((values == values[0] + np.arange(len(values))).all())
