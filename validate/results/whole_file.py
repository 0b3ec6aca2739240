"""Files that are there as a whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, content: bytes) -> None:
    """Write a file as `whole_file` does."""
    with whole_file(path) as file:
        file.write(content)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write beside its place, which is renamed, so that no reader ever sees a part.

    The name beside it is this process's own: others may write the same file meanwhile, the last
    one stays. The folder is made. Files that killed processes left beside it are removed. A link
    stays one, and what is no regular file, such as /dev/stdout, is written to as it is.

    Raises:
        OSError: it cannot be written; what was there before is there still.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    _clear(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a full disk may tell only when it is renamed
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def _clear(path: Path) -> None:
    """Remove what processes that are no more had begun to write."""
    for left in path.parent.glob(f".{_escaped(path.name)}.*.*"):
        number = left.name.split(".")[-2]
        if number.isdigit() and not _runs(int(number)):
            with suppress(OSError):
                left.unlink()


def _escaped(name: str) -> str:
    """A name that a pattern of files takes as it is."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # somebody else's
    return True
