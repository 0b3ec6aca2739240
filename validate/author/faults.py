"""What is wrong in an author's file: one line, with the file and the line."""

import sys
from pathlib import Path
from typing import NoReturn

from sim.engine.errors import PlacedError
from sim.engine.fingerprint import is_library

OWN = str(Path(__file__).parent)  # frames in it are ours, the author's are outside
GENERATED = "<"  # of file names of code that was generated, as by dataclasses


class AuthorError(PlacedError):
    """A fault of an author's file: one line with what is wrong, and file and line of it."""


class UnusableError(ValueError):
    """The same before it is known whose line it is."""


def refuse(message: str) -> NoReturn:
    """Raise an `AuthorError` at the line of the author that runs now."""
    raise AuthorError(message, here())


def here() -> str:
    """File and line of the innermost frame that is the author's."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith((OWN, GENERATED)) and not is_library(file):
            return at(file, frame.f_lineno)
        frame = frame.f_back
    return "an unknown file:0"


def at(file: str | Path, line: int) -> str:
    """A place as people read it: the file as seen from the current folder."""
    return f"{shown(file)}:{line}"


def shown(file: str | Path) -> str:
    """A file as seen from the current folder, or in full where it is elsewhere."""
    path = Path(file)
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
