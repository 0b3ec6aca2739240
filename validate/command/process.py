"""How the process of a command is set up, before anything heavy is imported."""

import atexit
import gc
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from sim.engine.threads import ONE_THREAD
from validate.command.plain import write_plainly

# sympy's own 1000 are fewer than the formulas of all claims, which push each other out
SYMPY_CACHE = {"SYMPY_CACHE_SIZE": "20000"}  # results of each function
UNREAD = 141  # exit status where nobody reads on: what a shell says of a program ended by SIGPIPE
YOUNG_OBJECTS = 50_000  # Python's 700 mean thousands of searches for garbage among lasting objects


def set_up() -> None:
    """One thread, since workers have the cores; a cache for formulas; fewer searches for garbage.

    What the user's environment says stays. Standard streams that are closed become open ones, and
    characters that the others do not take are written plainly.
    """
    _open_closed_streams()
    write_plainly()
    for name, value in (ONE_THREAD | SYMPY_CACHE).items():
        os.environ.setdefault(name, value)
    gc.set_threshold(YOUNG_OBJECTS)
    # at its end Python looks for garbage among all objects, torch's and sympy's, for a second
    atexit.register(gc.freeze)


def _open_closed_streams() -> None:
    """What is written to them goes nowhere: a file that is opened later must not get their number,
    for all that is printed would be written into it."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115


@contextmanager
def diverted(stream: TextIO, to: TextIO) -> Iterator[None]:
    """While the block runs, what anything writes to a stream's file goes to another one.

    That of user's code, which may write past Python's streams, and of processes that start here.
    """
    try:
        stream.flush()
        number, other = stream.fileno(), to.fileno()
    except io.UnsupportedOperation:  # a stream in memory
        yield
        return
    kept = os.dup(number)
    os.dup2(other, number)
    try:
        yield
    finally:
        stream.flush()
        os.dup2(kept, number)
        os.close(kept)


def silence(stream: TextIO) -> None:
    """Whatever a stream holds still goes nowhere, where it could not be written."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
