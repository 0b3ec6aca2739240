"""MNIST and Fashion-MNIST in their standard idx files, plain or gzip-compressed.

The format: two zero bytes, the type (8: unsigned bytes), the number of axes, each axis as a
big-endian 32-bit integer, then the values. Nothing is downloaded; without the files the project
works on scikit-learn's digits.
"""

import gzip
import hashlib
import math
import os
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import BinaryIO, Literal, cast

import numpy as np
from jaxtyping import UInt8

from sim.data.data_set import DataError

FOLDER = "THEORYCHECK_DATA"  # environment variable: the folder that contains mnist/
UNSIGNED_BYTE = 8
SIDE = 28  # pixels
CLASSES = 10
MOST_BYTES = 1 << 28  # larger files are no MNIST, whatever their header says
FILES = {"train": "train", "test": "t10k"}

Part = Literal["train", "test"]


def mnist_folder() -> Path:
    """Where the files are looked for: ``mnist`` in $THEORYCHECK_DATA, else in ``data``."""
    return Path(os.environ.get(FOLDER) or "data") / "mnist"


def fingerprint(folder: Path, part: Part = "train") -> str | None:
    """16 hex digits that name the content of a part's two files; None where one is missing.

    Raises:
        DataError: a file cannot be read.
    """
    digest = hashlib.sha256()
    for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        path = _found(folder, part, kind)
        if path is None:
            return None
        try:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError as error:
            raise DataError(f"{path}: {error.strerror or error}") from error
    return digest.hexdigest()[:16]


@cache
def load(
    folder: Path, part: Part = "train", expected: str | None = None
) -> tuple[UInt8[np.ndarray, "images 28 28"], UInt8[np.ndarray, " images"]]:
    """Images and labels of one part, read once; ``expected`` is the fingerprint they must have.

    Raises:
        DataError: a file is missing, faulty or not the expected one, the numbers of images and
            labels differ, images are not 28 × 28 pixels, or a label is above 9.
    """
    if expected is not None and fingerprint(folder, part) != expected:
        raise DataError(f"{folder}: its files have changed since this run was planned")
    images, labels = (
        read_idx(_required(folder, part, kind), axes)
        for kind, axes in (("images-idx3-ubyte", 3), ("labels-idx1-ubyte", 1))
    )
    where = folder / FILES[part]
    if images.shape[1:] != (SIDE, SIDE):
        raise DataError(f"{where}: images of {images.shape[1]} × {images.shape[2]} pixels, not 28")
    if len(images) != len(labels):
        raise DataError(f"{where}: {len(images)} images but {len(labels)} labels")
    if len(labels) == 0:
        raise DataError(f"{where}: no images")
    if labels.max() >= CLASSES:
        raise DataError(f"{where}: label {labels.max()} is not one of 0 to 9")
    return images, labels


def read_idx(path: Path, axes: int) -> UInt8[np.ndarray, "..."]:
    """The array of unsigned bytes in an idx file with ``axes`` axes.

    Raises:
        DataError: no such file, not readable, not gzip though named so, another type or number of
            axes, or a length that is not what the header says.
    """
    try:
        content = _bytes(path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: damaged gzip file ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    if len(content) > MOST_BYTES:
        raise DataError(f"{path}: more than {MOST_BYTES} bytes")
    start = 4 + 4 * axes
    if len(content) < start:
        raise DataError(f"{path}: {len(content)} bytes are too few for an idx header")
    if content[:4] != bytes((0, 0, UNSIGNED_BYTE, axes)):
        raise DataError(
            f"{path}: starts with {content[:4].hex()}, an idx file of bytes for {axes} axes must "
            f"with 0000{UNSIGNED_BYTE:02x}{axes:02x}"
        )
    shape = struct.unpack(f">{axes}I", content[4:start])
    expected = math.prod(shape)
    if len(content) - start != expected:
        raise DataError(
            f"{path}: the header promises {expected} bytes, there are {len(content) - start}"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def _bytes(path: Path) -> bytes:
    """The content of a file, decompressed, up to just above the limit."""
    with path.open("rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
        if not compressed and path.suffix == ".gz":
            raise gzip.BadGzipFile("it does not start like one")
        file.seek(0)
        if not compressed:
            return file.read(MOST_BYTES + 1)
        with gzip.open(file) as inner:
            return cast(BinaryIO, inner).read(MOST_BYTES + 1)


def _found(folder: Path, part: Part, kind: str) -> Path | None:
    plain = folder / f"{FILES[part]}-{kind}"
    return next((path for path in (plain, Path(f"{plain}.gz")) if path.exists()), None)


def _required(folder: Path, part: Part, kind: str) -> Path:
    path = _found(folder, part, kind)
    if path is None:
        raise DataError(f"{folder / FILES[part]}-{kind}: no such file, neither plain nor with .gz")
    return path


def mnist_files() -> str | None:
    """What tells the MNIST files that there are from others; None without them."""
    try:
        return fingerprint(mnist_folder())
    except DataError:
        return "unreadable"  # said by the run, for the claim that needs them alone
