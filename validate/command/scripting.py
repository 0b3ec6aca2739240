"""What scripts ask of several commands: a table as a CSV file, and the exit status by verdicts."""

import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

VERDICTS = ("disagree", "inconclusive", "out-of-scope")


def _named(context: click.Context, parameter: click.Parameter, given: Any) -> tuple[str, ...]:
    """The verdicts of ``--fail-on disagree,out-of-scope``, given once or several times.

    Raises:
        click.BadParameter: one is none of `VERDICTS`.
    """
    words = [word.strip().lower() for text in given for word in text.split(",")]
    names = [word.replace("_", "-") for word in words]
    for word, name in zip(words, names, strict=True):
        if name not in VERDICTS:
            raise click.BadParameter(f"{word!r} is none of {', '.join(VERDICTS)}")
    return tuple(dict.fromkeys(name.replace("-", "_") for name in names))


def in_a_folder(context: click.Context, parameter: click.Parameter, path: Any) -> Any:
    """A file that can be written by what its place says.

    Raises:
        click.BadParameter: it is "-" or a folder, or there is no folder for it.
    """
    if str(path) == "-":
        raise click.BadParameter("- is no file; standard output is /dev/stdout")
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        wrong = "is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise click.BadParameter(f"{path}: {wrong}")
    return path


def number(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """A number that is one.

    Raises:
        click.BadParameter: it is NaN, which no range refuses.
    """
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is no number")
    return value


def is_empty(word: Any) -> bool:
    """Whether a word that was typed has nothing but spaces."""
    return isinstance(word, str) and not word.strip()


class Place(click.Path):
    """A file or a folder, which an empty name is not: as a path it is the working directory."""

    what = "the name of a file"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if is_empty(value):
            self.fail(f"{self.what} is needed, not an empty one")
        return super().convert(value, param, ctx)


class _Folder(Place):
    """A folder to write in, which need not be there yet."""

    what = "the name of a folder (. is the working directory)"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        path = super().convert(value, param, ctx)
        with suppress(OSError):  # a name that is too long is told where it is made
            if path.exists() and not path.is_dir():
                self.fail(f"{path} is a file, a folder is needed")
        return path


FILE, FOLDER = Place(path_type=Path), _Folder(path_type=Path)
FAIL_ON = click.option(
    "--fail-on",
    multiple=True,
    callback=_named,
    metavar="VERDICT,…",
    help=f"Verdicts that make the exit status 1: {', '.join(VERDICTS)}.",
)
CSV = click.option(
    "--csv",
    "csv_file",
    type=FILE,
    default=None,
    callback=in_a_folder,
    metavar="FILE",
    help="Write the printed table to this file too, with all digits.",
)


class _UnwritableError(click.ClickException):
    """One line, exit status 2."""

    exit_code = 2


def write_csv(path: Path, text: str) -> None:
    """Write a table as a whole.

    Raises:
        click.ClickException: it cannot be written; status 2.
    """
    from validate.command.folder import keep

    try:
        keep(path, text)
    except OSError as error:
        raise _UnwritableError(f"cannot write {path}: {error.strerror}") from error
