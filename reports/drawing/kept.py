"""Figures that were drawn before, kept in one file beside the report.

A figure is found again by its record, the code that draws and the versions of the libraries that
draw, so that whatever changes is drawn anew. The file is a convenience: it may be damaged or
deleted at any time.
"""

import base64
import binascii
import hashlib
import importlib.metadata
import platform
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reports.drawing import Draw
from validate.results.records import Figure
from validate.results.whole_file import write_whole

LIBRARIES = (
    *("matplotlib", "contourpy", "kiwisolver", "pillow"),
    *("seaborn", "pandas", "numpy", "scipy"),
)
MOST = 8_000_000  # bytes of a file: some 500 figures, those of the last report first


@dataclass(frozen=True)
class DrawingCode:
    """The source code that draws.

    Attributes:
        digest: of it, as it is now.
        unchanged: whether it is still the same: what was drawn while it was edited is not kept.
    """

    digest: str
    unchanged: Callable[[], bool]


def reusing(path: Path, code: DrawingCode, draw: Draw) -> Draw:
    """``draw`` for the figures that the file at ``path`` does not hold; it is updated then."""

    def drawn(figures: Iterable[Figure]) -> Iterator[str]:
        asked = [(_key(figure, code.digest), figure) for figure in figures]
        known = _read(path)
        missing = {name: figure for name, figure in asked if name not in known}
        # at once, so that it may go on elsewhere before the first text is asked for
        fresh = draw(missing.values()) if missing else iter(())
        return given([name for name, _ in asked], known, fresh)

    def given(names: Sequence[str], known: dict[str, str], fresh: Iterator[str]) -> Iterator[str]:
        had = len(known)
        for name in names:
            if name not in known:
                known[name] = next(fresh)
            yield known[name]
        if len(known) > had and code.unchanged():
            _write(path, {name: known[name] for name in (*names, *known)})

    return drawn


def _key(figure: Figure, code: str) -> str:
    parts = (figure.model_dump_json(), code, *_versions())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _versions() -> tuple[str, ...]:
    """Of what draws."""
    libraries = (f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return (platform.platform(), platform.python_version(), *libraries)


def _read(path: Path) -> dict[str, str]:
    """SVG texts by key; without the lines that are damaged."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return {}
    return {entry[0]: entry[1] for entry in map(_entry, lines) if entry is not None}


def _write(path: Path, texts: Mapping[str, str]) -> None:
    """The first of these texts."""
    lines, size = [], 0
    for line in (_line(name, text) for name, text in texts.items()):
        size += len(line)
        if size > MOST:
            break
        lines.append(line)
    write_whole(path, b"".join(lines))


def _line(name: str, text: str) -> bytes:
    """Key, checksum of both and compressed text."""
    content = base64.b64encode(zlib.compress(text.encode()))
    return b" ".join([name.encode(), _checksum(name, content), content]) + b"\n"


def _entry(line: bytes) -> tuple[str, str] | None:
    """What `_line` was made from; None where it is anything else."""
    try:
        name, checksum, content = line.split(b" ")
        if checksum != _checksum(name.decode(), content):
            return None
        return name.decode(), zlib.decompress(base64.b64decode(content, validate=True)).decode()
    except (ValueError, binascii.Error, zlib.error):
        return None


def _checksum(name: str, content: bytes) -> bytes:
    return hashlib.sha256(name.encode() + content).hexdigest().encode()
