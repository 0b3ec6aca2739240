"""Data from CSV files, and clear refusals of bad ones."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from sim.data import csv_file
from sim.data.csv_file import read_csv
from sim.data.data_set import DataError

DATA = Path(__file__).parents[2] / "data"


def test_read_csv():
    dataset = read_csv(DATA / "small.csv")
    assert dataset.x.tolist() == [[0.5, -1.0], [1e-3, 0.25], [-3.0, 4.0]]
    assert dataset.y.tolist() == [2.0, -0.1, 5.0]
    assert dataset.x.dtype == dataset.y.dtype == np.float64
    assert dataset.name == "small.csv"


@pytest.mark.parametrize(
    "text", ["x1,y\r\n1,2\r\n3,2\r\n", "\ufeffx1, y\n 1, 2\n3 ,2", "x1,y\n1,2\n\n3,2\n\n"]
)
def test_read_csv_forgives_line_ends_spaces_and_a_constant_target(tmp_path: Path, text: str):
    path = tmp_path / "data.csv"
    path.write_bytes(text.encode())
    dataset = read_csv(path)
    assert dataset.x.tolist() == [[1.0], [3.0]]
    assert dataset.y.tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the header must be"),
        ("\n", "the header must be"),
        ("1,2\n3,4\n", "the header must be x1,…,xd,y, found '1,2'"),
        ("y\n1\n2\n", "the header must be"),
        ("x,y\n1,2\n3,4\n", "the header must be"),
        ("x1,x3,y\n1,2,3\n4,5,6\n", "the header must be"),
        ("x2,x1,y\n1,2,3\n4,5,6\n", "the header must be"),
        ("y,x1\n1,2\n3,4\n", "the header must be"),
        ("x1;y\n1;2\n3;4\n", "the header must be"),
        ("x1,x2\n1,2\n3,4\n", "the header must be"),
        ("x1" * 500 + "\n1\n", "…'"),
        ("x1,y\n", "at least 2 rows are needed, found 0"),
        ("x1,y\n1,2\n", "at least 2 rows are needed, found 1"),
        ("x1,y\n1,2\n\n3,nan\n", "row 2 has a value that is not finite"),
        ("x1,y\n1,2\n3,4\n-inf,2\n", "row 3 has a value that is not finite"),
        ("x1,y\n1,2\n1e999,2\n", "row 2 has a value that is not finite"),
        ("x1,y\n1,2\n\n3,four\n", "row 2 has 'four', which is not a number"),
        ("x1,y\n1,2\n3,\n", "row 2 has '', which is not a number"),
        ("x1,y\n1,2\n3,4\n5\n", "row 3 has 1 values, not 2"),
        ("x1,y\n1,2\n3,4,5\n", "row 2 has 3 values, not 2"),
        ("x1,y\n1,2,3\n3,4,5\n", "row 1 has 3 values, not 2"),
        ("x1,y\n1,2\n1_0,2\n", "not readable"),
        ("x1,y\n1,2\n3,#4\n", "row 2 has '#4'"),
        ("x1,y\n1,2\n3," + "4" * 200_000 + "x\n", "field larger"),
    ],
)
def test_read_csv_refuses_in_one_line(tmp_path: Path, text: str, message: str):
    path = tmp_path / "data.csv"
    path.write_bytes(text.encode())
    with pytest.raises(DataError) as error:
        read_csv(path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < len(str(path)) + 150


@pytest.mark.parametrize("content", [b"\xff\xfe\x00x", b"x1,y\n1,2\n3,\xff\n"])
def test_read_csv_refuses_other_encodings(tmp_path: Path, content: bytes):
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match="UTF-8"):
        read_csv(path)


def test_read_csv_refuses_missing_files_and_folders(tmp_path: Path):
    for path in (tmp_path / "none.csv", tmp_path / "small.csv" / "x"):
        with pytest.raises(DataError, match="no such file"):
            read_csv(path)
    with pytest.raises(DataError, match="too long"):
        read_csv(tmp_path / ("a" * 5000))


def test_read_csv_opens_nothing_that_may_never_end(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in (tmp_path, tmp_path / "fifo", tmp_path / "link", Path("/dev/null")):
        with pytest.raises(DataError, match="a regular CSV file is needed"):
            read_csv(path)


def test_read_csv_does_not_read_a_file_without_line_ends(tmp_path: Path):
    path = tmp_path / "sparse.csv"
    with path.open("wb") as file:
        file.truncate(10**11)  # takes no room on the disk
    start = time.process_time()
    with pytest.raises(DataError, match="the header must be") as error:
        read_csv(path)
    assert time.process_time() - start < 1
    assert len(str(error.value)) < len(str(path)) + 350


def test_read_csv_refuses_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(csv_file, "MAX_ROWS", 3)
    path = tmp_path / "data.csv"
    path.write_text("x1,y\n" + "1,2\n" * 3)
    assert len(read_csv(path).y) == 3
    path.write_text("x1,y\n" + "1,2\n" * 4)
    with pytest.raises(DataError, match="more than 3 rows"):
        read_csv(path)


def test_read_csv_is_fast(tmp_path: Path):
    path = tmp_path / "data.csv"
    path.write_text("x1,x2,y\n" + "0.123456789,-1.5,2.25\n" * 300_000)
    start = time.process_time()
    read_csv(path)
    assert time.process_time() - start < 1.5  # 10⁶ rows in under 5 s
