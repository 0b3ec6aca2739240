"""Outputs that would take the place of an input, of another output or of a run's own files."""

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import click

KEPT = ("results.json", "report.pdf", "report.html", "extract.pdf", "extract.html", "brief.pdf",
        "extract-brief.pdf", "seeds.json", "mutation.json", "calibration.json", "results.sqlite",
        "results.sqlite-wal", "results.sqlite-shm", "results.sqlite-journal",
        "figures.drawn")  # fmt: skip
WRITTEN = ("results.json", "report.pdf", "report.html", "results.sqlite")  # by every run


class OverwritingError(click.ClickException):
    """One line, exit status 2."""

    exit_code = 2


def refuse_one_file(
    outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None] | None = None
) -> None:
    """Refuse outputs that are one file, or the file of an input.

    Args:
        outputs: by option; devices such as /dev/stdout may be several of them.
        inputs: by option; "-" is what standard input comes from.

    Raises:
        OverwritingError: which two options name the same file.
    """
    earlier = {name: path for name, path in (inputs or {}).items() if path is not None}
    for name, path in outputs.items():
        if path is None:
            continue
        for other, its in earlier.items():
            if _same(path, its):
                raise OverwritingError(f"{name} {path} is the file of {other} too; name another")
        earlier[name] = path


def refuse_own_files(table: Path | None, folders: Iterable[Path], option: str = "--csv") -> None:
    """Refuse a table in the place of what runs keep in their folders.

    Raises:
        OverwritingError: which file of a run it would replace.
    """
    if table is None:
        return
    for folder in (*folders, table.parent):
        for name in KEPT:
            if _same(table, folder / name):
                raise OverwritingError(f"{option} {table}: a run keeps its {name} there")


def refuse_no_files(out: Path) -> None:
    """Refuse a folder for results in which what is no regular file has the name of one.

    Raises:
        OverwritingError: which one.
    """
    for name in WRITTEN:
        path = out / name
        with suppress(OSError):  # a name that is too long is told where it is written
            if not path.exists() or path.is_file():
                continue
            what = "a folder" if path.is_dir() else "a pipe or device"
            raise OverwritingError(f"{path} is {what}; a regular file is to be written there")


def _same(path: Path, other: Path) -> bool:
    """Whether two paths are one regular file, or will be."""
    if str(other) == "-":
        with suppress(OSError):
            given, here = os.fstat(0), path.stat()
            return stat.S_ISREG(given.st_mode) and os.path.samestat(given, here)
        return False
    try:
        if path.exists():
            return path.is_file() and other.exists() and path.samefile(other)
        return path.resolve() == other.resolve()
    except OSError:
        return False
