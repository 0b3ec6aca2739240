"""Data sets from tables of text: CSV files as people have them, plain or compressed by gzip."""

import csv
import gzip
import io
import sys
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from sim.data.csv_text import Header, HeaderError, first_fault, header_of, is_index, is_unnamed
from sim.data.data_set import DataError, DataSet

STANDARD_INPUT = "-"
MAX_BYTES = 2**29  # of text: 512 MiB, whose numbers need at most 2 GiB
MAX_ROWS = 2_000_000
MAX_HEADER = 1_000_000  # characters: a file without line ends is not read to its end
# how files begin that hold no text
COMPRESSED = {b"\x1f\x8b": "gz", b"\xfd7zXZ\0": "xz", b"BZh": "bz2", b"PK\3\4": "zip",
              b"\x28\xb5\x2f\xfd": "zst"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Table:
    """A data set with the names of its columns.

    Attributes:
        data: inputs and target.
        inputs, target: names of their columns, where they have some.
        source: the file as it was named, "-" for standard input; None if there was none.
        notes: how the table was read, where it could have been otherwise.
    """

    data: DataSet
    inputs: tuple[str, ...] = ()
    target: str = ""
    source: str | None = None
    notes: tuple[str, ...] = ()


def read_csv(path: Path, target: str | None = None) -> DataSet:
    """The data set of `read_table`."""
    return read_table(path, target).data


def read_table(path: Path, target: str | None = None) -> Table:
    """A data set from a text file with named columns of numbers; values are used as given.

    UTF-8, plain or .gz; separated by commas, semicolons or tabs; blank lines and those that begin
    with # are passed over. The first line names the columns. The target is the column ``target``,
    else the one named y, else the last; a first column without a name, or named index that
    just numbers the rows, is left out. A constant target is allowed: whether a theory says anything
    about it is for that theory's regime checks. Rows in messages count from 1 after the header.

    Args:
        path: of the file; "-" for standard input.
        target: name of the column of targets.

    Raises:
        DataError: no such file, no names, a cell that is no finite number, a row of another
            length, fewer than 2 rows or more than 2·10⁶, more than 512 MiB.
    """
    name = "standard input" if str(path) == STANDARD_INPUT else str(path)
    try:
        content = _content(path)
        header = header_of(_text(content), MAX_HEADER)
        values = _values(content, header)
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: not a text file in UTF-8") from error
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{name}: damaged gzip data: {error}") from error
    except OSError as error:
        raise DataError(f"{name}: {error.strerror or error}") from error
    except (csv.Error, HeaderError, _RefusedError) as error:
        raise DataError(f"{name}: {error}") from error
    return _table(values, header, target, path, name)


class _RefusedError(ValueError):
    """A file cannot be used; the message does not name it."""


def _content(path: Path) -> bytes:
    """The text of a file or of standard input, decompressed."""
    if str(path) == STANDARD_INPUT:
        return _decompressed(sys.stdin.buffer.read(MAX_BYTES + 1), None)
    if not path.exists():
        raise _RefusedError("no such file")
    if not path.is_file():  # what may never end or answer when it is read
        raise _RefusedError("a folder, pipe or device; a regular CSV file is needed")
    if path.stat().st_size > MAX_BYTES:
        raise _RefusedError(f"larger than {MAX_BYTES >> 20} MiB, which is the most that is read")
    return _decompressed(path.read_bytes(), path.suffix.removeprefix(".").lower())


def _decompressed(content: bytes, suffix: str | None) -> bytes:
    """Text as it is, or out of gzip; ``suffix`` of the file, None for standard input."""
    found = next((kind for start, kind in COMPRESSED.items() if content.startswith(start)), None)
    if suffix in COMPRESSED.values() and found != suffix:
        raise _RefusedError(f"named .{suffix}, but not compressed so; rename it")
    if found is None:
        plain = content
    elif found != "gz":
        raise _RefusedError(f"compressed ({found}); plain text and .gz are read")
    elif suffix not in ("gz", None):
        raise _RefusedError("compressed by gzip; name it .gz to have it read")
    else:
        with gzip.open(io.BytesIO(content)) as stream:
            plain = stream.read(MAX_BYTES + 1)
    if len(plain) > MAX_BYTES:
        raise _RefusedError(f"more than {MAX_BYTES >> 20} MiB of text, which is the most read")
    return plain


def _text(content: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")


def _values(content: bytes, header: Header) -> Float[np.ndarray, "rows columns"]:
    columns = len(header.names)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # blank lines, no rows: judged later
            table = np.loadtxt(
                _text(content),
                delimiter=header.separator,
                skiprows=header.lines,
                comments="#",
                quotechar='"',
                ndmin=2,
            )
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        raise _RefusedError(first_fault(_text(content), header)) from error
    if len(table) and table.shape[1] != columns:
        raise _RefusedError(first_fault(_text(content), header))
    return table.reshape(-1, columns)


def _table(
    values: Float[np.ndarray, "rows columns"],
    header: Header,
    target: str | None,
    path: Path,
    name: str,
) -> Table:
    """The columns told apart."""
    if len(values) > MAX_ROWS:
        raise DataError(f"{name}: more than {MAX_ROWS} rows; at most {MAX_ROWS} are read")
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(bad):
        raise DataError(
            f"{name}: row {bad[0] + 1} has a value that is not finite; finite numbers are needed"
        )
    if len(values) < 2:
        raise DataError(f"{name}: at least 2 rows are needed, found {len(values)}")
    try:
        at = _target(header.names, target)
    except _RefusedError as error:
        raise DataError(f"{name}: {error}") from error
    inputs = [k for k in range(len(header.names)) if k != at]
    notes = []
    if len(inputs) > 1 and inputs[0] == 0:
        left_out = _left_out(header.names[0], values[:, 0])
        if left_out:
            inputs = inputs[1:]
            notes.append(left_out)
    names = tuple(header.names[k] for k in inputs)
    standard = tuple(f"x{k}" for k in range(1, len(names) + 1))
    if names != standard or header.names[at] != "y":
        notes.append(f"the target is {header.names[at]!r}, of inputs {_listed(names)}")
    label = name if str(path) == STANDARD_INPUT else path.name
    data = DataSet(np.ascontiguousarray(values[:, inputs]), values[:, at].copy(), label)
    return Table(data, names, header.names[at], str(path), tuple(notes))


def _left_out(name: str, values: Float[np.ndarray, " rows"]) -> str | None:
    """Why a first column is no input, None if it is one."""
    if is_index(name, values):
        return "the first column numbers the rows and is left out"
    if is_unnamed(name):
        return "the first column has no name, as an index, and is left out; name it to have it used"
    return None


def _target(names: tuple[str, ...], target: str | None) -> int:
    """Which column has the targets."""
    if target is None:
        own = [k for k, name in enumerate(names) if name.lower() == "y"]
        return own[0] if len(own) == 1 else len(names) - 1
    found = [k for k, name in enumerate(names) if name == target]
    if len(found) != 1:
        wrong = "no column is" if not found else f"{len(found)} columns are"
        raise _RefusedError(f"{wrong} named {target[:40]!r}; there are {_listed(names)}")
    return found[0]


def _listed(names: tuple[str, ...], most: int = 6) -> str:
    shown = [repr(name[:40]) for name in names[:most]]
    more = f", … ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(shown) + more
