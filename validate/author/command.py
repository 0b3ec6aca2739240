"""What the command line has for claims from outside: `--claims FILE`, and `new NAME`."""

import importlib.util
import keyword
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from validate.command.running import Failure, refused

CLAIMS = click.option(
    "--claims", "claims_files", multiple=True, metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Claims of this Python file instead of ours; may be repeated. The file is run: it is code "
    "that you trust. Its claims have a book, and so an α, of their own.",
)  # fmt: skip


def chosen(names: tuple[str, ...], claims_files: tuple[str, ...]) -> tuple[Any, ...]:
    """The claims that a command is about: by id or prefix, of files if there are any.

    Without files those of the register, or, where it has none of the names, of installed packages:
    these have a book of their own. Without names all.
    """
    from validate.registry import UnknownClaimError, select

    try:
        if claims_files:
            there = _of_files(claims_files)
            return select(names, there) if names else there
        return select(names) if not _unknown(names) else select(names, _of_packages_alone(names))
    except UnknownClaimError as error:
        raise Failure(str(error)) from error


def listed(claims_files: tuple[str, ...]) -> tuple[Any, ...]:
    """The claims that `list` is about: of files, or all that there are."""
    from validate.registry import claims

    if claims_files:
        return _of_files(claims_files)
    return (*claims(), *_of_packages())


def _unknown(names: Sequence[str]) -> bool:
    """Whether a name is not of ours, and there is another place to look."""
    from importlib.metadata import entry_points

    from validate.registry import claims

    known = {claim.id for claim in claims()} | {claim.family for claim in claims()}
    return not known.issuperset(names) and bool(entry_points(group="theorycheck.claims"))


def _of_packages_alone(names: Sequence[str]) -> tuple[Any, ...]:
    """The claims of installed packages.

    Raises:
        Failure: some of the names are of theirs, some of ours.
    """
    from validate.registry import claims, is_known

    there = _of_packages()
    ours, theirs = ([n for n in names if is_known(n, among)] for among in (claims(), there))
    if ours and theirs:
        raise Failure(
            f"{', '.join(theirs)} is of a package, {', '.join(ours)} of theorycheck: each has its "
            "own α, so run them one after the other"
        )
    return there


def _of_files(claims_files: Sequence[str]) -> tuple[Any, ...]:
    from validate.author.loading import claims_of_files

    with refused():
        return claims_of_files(claims_files)


def _of_packages() -> tuple[Any, ...]:
    """Those of installed packages; of one that fails a line is told, and the others go on."""
    from importlib.metadata import entry_points

    if not entry_points(group="theorycheck.claims"):
        return ()
    from validate.author.loading import claims_of_packages

    found, faults = claims_of_packages()
    for fault in faults:
        click.echo(f"left out: {fault}", err=True)
    return found


def _is_module(name: str) -> bool:
    """Whether a file of that name would hide a module, or be hidden by it."""
    found = importlib.util.find_spec(name)
    return found is not None and Path(found.origin or "").resolve().parent != Path.cwd()


@click.command()
@click.argument("name", metavar="NAME")
def new(name: str) -> None:
    """Write NAME.py, a theory that runs at once, and test_NAME.py beside it."""
    from validate.author.template import TEST, THEORY

    path = Path(name)
    path = path.with_suffix("") if path.suffix == ".py" else path
    if not path.name.isidentifier() or not path.name.islower() or not path.name.isascii():
        raise Failure(f"{path.name}: a name has small letters, digits and _, as growth_2 does")
    if keyword.iskeyword(path.name) or _is_module(path.name):
        raise Failure(f"{path.name}: a module of that name is there already; take another")
    files = {
        path.with_name(f"{path.name}.py"): THEORY,
        path.with_name(f"test_{path.name}.py"): TEST,
    }
    for file in files:
        if file.exists():
            raise Failure(f"{file} is there already; nothing was written")
    for file, text in files.items():
        try:
            file.write_text(text.replace("NAME", path.name), encoding="utf-8")
        except OSError as error:
            raise Failure(f"cannot write {file}: {error.strerror}") from error
    theory, test = files
    click.echo(f"wrote {theory} and {test}; python -m validate run --claims {theory}")
