"""Exceptions in one line, with the place in the code that people would look at."""

import sysconfig
import traceback
from pathlib import Path

MESSAGE_LENGTH = 300  # characters of an exception's text that are kept
# what torch says, whose exceptions are of no class of their own on a CPU
NO_MEMORY = ("can't allocate memory", "out of memory")


class PlacedError(ValueError):
    """An error whose one line of text begins with its ``place``, as in "theory.py:12: …"."""

    def __init__(self, message: str, place: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place


def text_of(error: object) -> str:
    """Its text on one line; that of an exception whose text cannot be made is empty."""
    try:
        return " ".join(str(error).split())
    except Exception:  # whatever the __str__ of a user's class does
        return ""


def described(error: BaseException) -> str:
    """One line, "Type: message (file:line)", of the innermost line that is not a library's.

    That memory is short is said first. A `PlacedError` says its place itself.
    """
    message = text_of(error)
    if len(message) > MESSAGE_LENGTH:
        message = message[:MESSAGE_LENGTH] + "…"
    if isinstance(error, PlacedError):
        return message
    frames = traceback.extract_tb(error.__traceback__)
    libraries = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))
    own = [f for f in frames if not f.filename.startswith((*libraries, "<"))]
    frame = (own or frames)[-1]
    place = "/".join(Path(frame.filename).parts[-2:])
    short = isinstance(error, MemoryError) or any(words in message for words in NO_MEMORY)
    kind = "out of memory" if short else type(error).__name__
    return f"{kind}: {message} ({place}:{frame.lineno})"
