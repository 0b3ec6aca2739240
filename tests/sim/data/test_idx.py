"""idx files: right ones are read, and every fault is one clear line."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from sim.data import idx
from sim.data.data_set import DataError

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def encoded(array: np.ndarray, kind: int = 8, axes: int | None = None) -> bytes:
    head = bytes((0, 0, kind, array.ndim if axes is None else axes))
    return head + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()


def made(count: int = 5, side: int = 28) -> tuple[np.ndarray, np.ndarray]:
    pixels = np.arange(count * side * side).reshape(count, side, side) % 251
    return pixels.astype(np.uint8), (np.arange(count) % 10).astype(np.uint8)


def written(folder: Path, images: np.ndarray, labels: np.ndarray, packed: bool = False) -> Path:
    for name, array in ((IMAGES, images), (LABELS, labels)):
        content = encoded(array)
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_written_is_read(tmp_path, packed):
    images, labels = idx.load(written(tmp_path, *made(), packed))
    np.testing.assert_array_equal(images, made()[0])
    np.testing.assert_array_equal(labels, made()[1])
    assert images.dtype == np.uint8


def test_the_test_part_has_files_of_its_own(tmp_path):
    images, labels = made(3)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(encoded(images))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(encoded(labels))
    assert len(idx.load(tmp_path, "test")[1]) == 3
    with pytest.raises(DataError, match="no such file, neither plain"):
        idx.load(tmp_path, "train")


def one_line(content: bytes, path: Path, axes: int = 3) -> str:
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        idx.read_idx(path, axes)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message


GOOD = encoded(made()[0])
FAULTS = {
    "empty": (b"", "0 bytes are too few"),
    "short header": (GOOD[:15], "15 bytes are too few"),
    "type of values": (encoded(made()[0], kind=13), "starts with 00000d03"),
    "number of axes": (encoded(made()[1], axes=1) + bytes(8), "starts with 00000801"),
    "truncated": (GOOD[:-1], "promises 3920 bytes, there are 3919"),
    "too long": (GOOD + b"\0", "promises 3920 bytes, there are 3921"),
    "huge header": (GOOD[:4] + b"\xff" * 12 + GOOD[16:], "there are 3920"),
    "text": (b"<html>404 not found</html>", "starts with 3c68746d"),
    "cut gzip": (gzip.compress(GOOD)[:-9], "damaged gzip file"),
    "spoilt gzip": (gzip.compress(GOOD)[:20] + bytes(40), "damaged gzip file"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_file_is_one_clear_line(tmp_path, fault):
    content, expected = FAULTS[fault]
    assert expected in one_line(content, tmp_path / IMAGES)


def test_a_plain_file_named_gz_is_refused(tmp_path):
    assert "damaged gzip file" in one_line(GOOD, tmp_path / f"{IMAGES}.gz")


def test_a_file_that_grows_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(idx, "MOST_BYTES", 1000)
    assert "more than 1000 bytes" in one_line(gzip.compress(bytes(10**6)), tmp_path / "big.gz")


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / IMAGES).mkdir()
    with pytest.raises(DataError, match="Is a directory"):
        idx.read_idx(tmp_path / IMAGES, 3)


@pytest.mark.parametrize(
    ("images", "labels", "expected"),
    [
        (made(5)[0], made(4)[1], "5 images but 4 labels"),
        (made(2, 27)[0], made(2)[1], "27 × 27 pixels, not 28"),
        (made(2)[0], np.array([3, 10]), "label 10 is not one of 0 to 9"),
        (made(0)[0], made(0)[1], "no images"),
    ],
)
def test_images_and_labels_must_fit(tmp_path, images, labels, expected):
    with pytest.raises(DataError, match=expected):
        idx.load(written(tmp_path, images, labels))


def test_the_folder_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv(idx.FOLDER, "/somewhere")
    assert idx.mnist_folder() == Path("/somewhere/mnist")
    monkeypatch.delenv(idx.FOLDER)
    assert idx.mnist_folder() == Path("data/mnist")


def test_the_fingerprint_tells_files_apart(tmp_path):
    assert idx.fingerprint(tmp_path) is None
    first = idx.fingerprint(written(tmp_path, *made()))
    assert first == idx.fingerprint(written(tmp_path, *made()))
    images, labels = made()
    assert first != idx.fingerprint(written(tmp_path, images, labels[::-1]))


REAL = idx.mnist_folder()


@pytest.mark.skipif(
    idx.fingerprint(REAL) is None or idx.fingerprint(REAL, "test") is None,
    reason=f"no MNIST files in {REAL}; ${idx.FOLDER} names the folder that contains mnist/",
)
def test_real_files():
    images, labels = idx.load(REAL)
    assert images.shape == (60_000, 28, 28)
    assert set(labels.tolist()) == set(range(10))
    assert len(idx.load(REAL, "test")[1]) == 10_000
    # written on: not blank, and darker in the middle than at the border
    assert images[:, 10:18, 10:18].mean() > 50 > 5 > images[:, 0].mean()
