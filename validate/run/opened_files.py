"""Which files are opened while something runs: what it may follow from besides its code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.engine.fingerprint import is_library

SYSTEM = ("/dev/", "/proc/", "/sys/")

_watching: list[set[str]] = []
_hooked: list[bool] = []


@contextmanager
def opened_files(into: set[str]) -> Iterator[None]:
    """Note the files that are opened meanwhile, but for source and what libraries brought."""
    if not _hooked:
        sys.addaudithook(_noted)
        _hooked.append(True)
    _watching.append(into)
    try:
        yield
    finally:
        _watching.pop()


def _noted(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not _watching:
        return
    path = arguments[0]
    if isinstance(path, str | bytes | Path) and _is_input(str(path)):
        _watching[-1].add(str(path))


def _is_input(path: str) -> bool:
    """Whether a file could decide what a claim says: not source, libraries or the system's."""
    if path.endswith((".py", ".pyc")) or path in sys.path:  # an archive of modules
        return False
    if Path(path).parent.name == "__pycache__":  # a compiled file, while it is being written
        return False
    if ".egg-info/" in path or ".dist-info/" in path:  # what an installer wrote
        return False
    return not (path.startswith(SYSTEM) or is_library(path))
