"""Claims from outside: of files, and of packages that register the entry points `GROUP`.

Files are code that the user asked to run. Whatever is wrong with one is an `AuthorError`: one line
with the file and the line.
"""

import dataclasses
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.engine.fingerprint import PACKAGES, closure_from, is_library, package_folder
from sim.engine.loaded import first_import, record_imports
from validate.author import files
from validate.author.faults import AuthorError, at, shown
from validate.author.theory import Theory
from validate.book import SHARES, BookError, reserve
from validate.registry import Claim, claims

GROUP = "theorycheck.claims"
LONGEST = 300  # characters of a message


def claims_of_files(paths: Sequence[str]) -> tuple[Claim, ...]:
    """The claims of some files, in their order; they share a book of their own.

    Raises:
        AuthorError: a file cannot be loaded or says something that cannot be checked.
    """
    _record()
    found: list[Claim] = []
    for path in dict.fromkeys(paths):
        made = _of_file(path)
        found += [dataclasses.replace(claim, file=path) for claim in _claims(made)]
    _check_book(found, [theory for path in paths for theory in _of_file(path)])
    return tuple(found)


def claims_of_packages() -> tuple[tuple[Claim, ...], tuple[str, ...]]:
    """The claims of installed packages, and in one line each what could not be loaded."""
    _record()
    found: list[Claim] = []
    faults = []
    for point in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        try:
            theories = _of_package(point)
            _check_book([*found, *_claims(theories)], theories)
        except AuthorError as error:
            faults.append(f"{GROUP}, {point.name}: {error}")
            continue
        found += _claims(theories)
    return tuple(found), tuple(faults)


def _record() -> None:
    """Hash what is loaded from now on, so that it can be told from what workers load."""
    record_imports(first_import(), trust_compiled=True)


def _of_file(path: str) -> list[Theory]:
    file = Path(path).resolve()
    name = files.module_name(file)
    if files.file_of(name) == file:
        module = sys.modules[name]
    else:
        with _faults_of(path, file):
            if not file.is_file():
                raise FileNotFoundError(f"{path} is no file")
            module = files.load(name, file)
    _check_helpers(name, file)
    return _theories(module, f"{shown(file)}:1")


def _of_package(point: EntryPoint) -> list[Theory]:
    with _faults_of(point.value, None), redirect_stdout(sys.stderr):
        found = point.load()
    return _theories(found, point.value)


def _theories(found: Any, place: str) -> list[Theory]:
    """A theory, several, or those that are in a module."""
    every = vars(found).values() if isinstance(found, ModuleType) else found
    every = [every] if isinstance(every, Theory) else every
    made = [one for one in every if isinstance(one, Theory)]
    made = list({id(one): one for one in made}.values())
    if not made:
        raise AuthorError("there is no Theory in it", place)
    for one in made:
        if not one.claims:
            raise AuthorError(f"the theory '{one.family.id}' checks nothing", one.place)
    return made


def _claims(theories: Sequence[Theory]) -> list[Claim]:
    return [claim for theory in theories for claim in theory.claims]


def _check_book(found: Sequence[Claim], theories: Sequence[Theory]) -> None:
    """Ids of their own, and no more shares of α than a book has."""
    ours = {claim.family for claim in claims()}
    seen: dict[str, Theory] = {}
    for theory in theories:
        word = theory.family.id
        if word in ours:
            raise AuthorError(f"the id '{word}' is taken by theorycheck itself", theory.place)
        if seen.setdefault(word, theory) is not theory:
            raise AuthorError(f"the id '{word}' is taken, at {seen[word].place}", theory.place)
    by_id: dict[str, Claim] = {}
    taken = 0
    for claim in found:
        place = next((t.place for t in theories if t.family == claim.about), claim.id)
        if claim.id in by_id:
            raise AuthorError(f"the claim {claim.id} is there twice", place)
        by_id[claim.id] = claim
        try:
            reserve(f"claim {claim.id}", claim.shares, taken)
        except BookError as error:
            raise AuthorError(f"{error} in a book ({SHARES:,})", place) from error
        taken += claim.shares


def _check_helpers(module: str, file: Path) -> None:
    """What it imports from beside it is what is beside it, and no namesake from elsewhere."""
    for name, source in closure_from(module, file).items():
        there = getattr(sys.modules.get(name), "__file__", None)
        if there is not None and Path(there).resolve() != source.path.resolve():
            raise AuthorError(
                f"it imports {name}, and got {there} instead of {source.path}: rename one",
                f"{shown(file)}:1",
            )


@contextmanager
def _faults_of(said: str, file: Path | None) -> Iterator[None]:
    """Turn whatever is raised inside into an `AuthorError` with the line that is at fault.

    Args:
        said: the file or entry point, as it was asked for.
        file: the same resolved, if it is a file.
    """
    try:
        yield
    except AuthorError:
        raise
    except SystemExit as error:
        raise AuthorError(
            "it ends the program while it is loaded", _place(error, said, file)
        ) from error
    except Exception as error:  # whatever a file may raise
        message = " ".join(str(error).split()) or "no message"
        if isinstance(error, OSError) and error.strerror:
            message = f"{error.strerror}: {error.filename}"
        text = f"{type(error).__name__}: {message[:LONGEST]}"
        raise AuthorError(text, _place(error, said, file)) from error


def _place(error: BaseException, said: str, file: Path | None) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return at(error.filename, error.lineno or 1)
    lines = [*_lines(error, file)]
    return lines[-1] if lines else f"{said}:1"


def _lines(error: BaseException, file: Path | None) -> Iterator[str]:
    """Those of the file and of what is beside it, from the outermost to the innermost."""
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        theirs = file is None or file.parent in path.resolve().parents
        if theirs and not _is_ours(path) and not is_library(path):
            yield at(path, frame.lineno or 1)


def _is_ours(path: Path) -> bool:
    folders = [package_folder(one) for one in PACKAGES]
    return any(folder in path.parents for folder in folders if folder is not None) or (
        str(path).startswith("<")
    )
