"""Data sets from CSV files."""

import csv
import warnings
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Float

from sim.data.data_set import DataError, DataSet

MAX_ROWS = 2_000_000
MAX_HEADER = 1_000_000  # characters: a file without line ends is not read to its end


def read_csv(path: Path) -> DataSet:
    """A data set from a CSV file with the header ``x1,…,xd,y``; values are used as given.

    UTF-8, comma-separated, blank lines ignored. A constant y is allowed: whether a theory says
    anything about it is for that theory's regime checks. Rows in messages count from 1 after
    the header.

    Raises:
        DataError: no such file, another header, a cell that is no finite number, a row of
            another length, fewer than 2 rows or more than 2·10⁶.
    """
    try:
        _check_regular(path)
        columns = _header_length(path)
        table = _table(path, columns)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not a text file in UTF-8") from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    except csv.Error as error:
        raise DataError(f"{path}: {error}") from error
    if len(table) > MAX_ROWS:
        raise DataError(f"{path}: more than {MAX_ROWS} rows; at most {MAX_ROWS} are read")
    bad = np.flatnonzero(~np.isfinite(table).all(axis=1))
    if len(bad):
        raise DataError(
            f"{path}: row {bad[0] + 1} has a value that is not finite; finite numbers are needed"
        )
    if len(table) < 2:
        raise DataError(f"{path}: at least 2 rows are needed, found {len(table)}")
    return DataSet(np.ascontiguousarray(table[:, :-1]), table[:, -1].copy(), path.name)


def _check_regular(path: Path) -> None:
    """Refuse what may never end or answer when it is read: folders, pipes, devices."""
    if not path.exists():
        raise DataError(f"{path}: no such file")
    if not path.is_file():
        raise DataError(f"{path}: a folder, pipe or device; a regular CSV file is needed")


def _header_length(path: Path) -> int:
    """Number of columns, once the header is known to be x1,…,xd,y."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        line = lines.readline(MAX_HEADER).rstrip("\r\n")
    try:
        names = [name.strip() for name in next(csv.reader([line]), [])]
    except csv.Error:  # a field that is too long
        names = []
    expected = [f"x{k}" for k in range(1, len(names))] + ["y"]
    if len(names) < 2 or names != expected:
        shown = line if len(line) <= 60 else line[:60] + "…"
        raise DataError(f"{path}: the header must be x1,…,xd,y, found {shown!r}")
    return len(names)


def _table(path: Path, columns: int) -> Float[np.ndarray, "rows columns"]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # blank lines, no rows: judged later
            table = np.loadtxt(
                path,
                delimiter=",",
                skiprows=1,
                comments=None,
                quotechar='"',
                encoding="utf-8-sig",
                max_rows=MAX_ROWS + 1,
                ndmin=2,
            )
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        raise DataError(f"{path}: {_first_fault(path, columns)}") from error
    if len(table) and table.shape[1] != columns:
        raise DataError(f"{path}: {_first_fault(path, columns)}")
    return table


def _first_fault(path: Path, columns: int) -> str:
    """What is wrong with the first bad row; a second, slower pass over the file."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = islice((row for row in csv.reader(lines) if row), 1, None)
        for number, row in enumerate(rows, start=1):
            if len(row) != columns:
                return f"row {number} has {len(row)} values, not {columns}"
            for cell in row:
                try:
                    float(cell)
                except ValueError:
                    shown = f"row {number} has {cell[:40]!r}, which is not a number"
                    return f"{shown}; finite numbers such as -1.5e3 are needed"
    return "not readable as numbers separated by commas"
