"""Data from CSV files, and clear refusals of bad ones."""

import gzip
import io
import os
import time
from pathlib import Path

import numpy as np
import pytest

from sim.data import csv_file
from sim.data.csv_file import read_csv, read_table
from sim.data.data_set import DataError


def zipped(content: bytes) -> bytes:
    """The same bytes at any time."""
    return gzip.compress(content, mtime=0)


DATA = Path(__file__).parents[2] / "data"


def test_read_csv():
    dataset = read_csv(DATA / "small.csv")
    assert dataset.x.tolist() == [[0.5, -1.0], [1e-3, 0.25], [-3.0, 4.0]]
    assert dataset.y.tolist() == [2.0, -0.1, 5.0]
    assert dataset.x.dtype == dataset.y.dtype == np.float64
    assert dataset.name == "small.csv"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y,y\n1,2,3\n2,3,4\n", "2 columns are named 'y'"),
        ("x,x,y\n1,2,3\n2,3,4\n", "2 columns are named 'x'"),
        ("x|y\n1|2\n2|3\n", r"separated by '\|'"),
        ("sep=;\nx;y\n1;2\n2;3\n", "'sep=;', as for Excel: leave it out"),
        ("x,y\n1_000,2\n2,3\n", "'1_000' is not a number; digits .* without underscores"),
        ("x,y,\n1,2,\n2,3,\n", "the line with the names ends with ','"),
        ("x,y\n1,2,\n2,3,\n", "row 1 has 3 values, not 2; its line ends with ','"),
    ],
)
def test_the_cause_is_named(tmp_path: Path, text: str, message: str):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        read_csv(path)
    assert "\n" not in str(caught.value)


def test_a_first_column_without_a_name_is_no_input(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text(",x,y\n5,1,2\n7,2,3\n2,3,1\n")
    table = read_table(path)
    assert table.inputs == ("x",)
    assert "has no name" in table.notes[0]


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
    ("text", "inputs", "target", "notes"),
    [
        ("x1,y\n1,2\n3,4\n", ("x1",), "y", 0),
        ("x,y\n1,2\n3,4\n", ("x",), "y", 1),
        ("X1,Y\n1,2\n3,4\n", ("X1",), "Y", 1),
        ("x1;y\n1;2\n3;4\n", ("x1",), "y", 0),
        ("x1\ty\n1\t2\n3\t4\n", ("x1",), "y", 0),
        ("# made by hand\n\nx1,y\n# first\n1,2\n3,4 # last\n", ("x1",), "y", 0),
        ("height,age,price\n1,0,2\n3,0,4\n", ("height", "age"), "price", 1),
        ("y,x1\n2,1\n4,3\n", ("x1",), "y", 0),
        (",x1,y\n0,1,2\n1,3,4\n", ("x1",), "y", 1),
        ("Unnamed: 0,x1,y\n1,1,2\n2,3,4\n", ("x1",), "y", 1),
        ('"index";"x1";"y"\n0;1;2\n1;3;4\n', ("x1",), "y", 1),
    ],
)
def test_columns_as_people_name_them(tmp_path: Path, text: str, inputs, target: str, notes: int):
    path = tmp_path / "data.csv"
    path.write_text(text)
    table = read_table(path)
    assert (table.inputs, table.target, len(table.notes)) == (inputs, target, notes)
    assert table.data.x[:, 0].tolist() == [1.0, 3.0]
    assert table.data.y.tolist() == [2.0, 4.0]


def test_an_index_is_left_out_only_where_it_numbers_the_rows(tmp_path: Path):
    path = tmp_path / "data.csv"
    path.write_text("index,x1,y\n0,1,2\n2,3,4\n")
    assert read_table(path).inputs == ("index", "x1")
    path.write_text("index,y\n0,1\n1,3\n")  # nothing else is left
    assert read_table(path).inputs == ("index",)


def test_the_column_of_targets_can_be_named(tmp_path: Path):
    path = tmp_path / "data.csv"
    path.write_text("a,b,c,y\n1,2,3,4\n5,6,7,8\n")
    assert read_table(path, "a").data.y.tolist() == [1.0, 5.0]
    with pytest.raises(DataError, match="no column is named 'A'"):
        read_table(path, "A")


def test_standard_input_and_gzip_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = b"x1,y\n1,2\n3,4\n"
    (tmp_path / "data.csv.gz").write_bytes(zipped(text))
    assert read_csv(tmp_path / "data.csv.gz").y.tolist() == [2.0, 4.0]
    for content in (text, zipped(text)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        table = read_table(Path("-"))
        assert table.data.y.tolist() == [2.0, 4.0]
        assert table.source == "-"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", zipped(b"x1,y\n"), "name it .gz"),
        ("a.csv.gz", b"x1,y\n1,2\n3,4\n", "named .gz, but not compressed so"),
        ("a.csv.xz", b"x1,y\n1,2\n3,4\n", "named .xz, but not compressed so"),
        ("a.csv.xz", b"\xfd7zXZ\0rest", "compressed (xz); plain text and .gz are read"),
        ("a.csv", b"PK\3\4rest", "compressed (zip)"),
        ("a.csv.gz", zipped(b"x1,y\n1,2\n3,4\n")[:-9], "damaged gzip data"),
        ("a.csv.gz", zipped(b"x1,y\n1,2\n")[:12] + b"x" * 40, "damaged gzip data"),
    ],
)
def test_what_is_not_compressed_as_it_is_named_is_refused(
    tmp_path: Path, name: str, content: bytes, message: str
):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as error:
        read_csv(path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_size_is_checked_before_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(csv_file, "MAX_BYTES", 1 << 20)
    zeros = zipped(b"x1,y\n" + b"0,0\n" * 300_000)
    (tmp_path / "bomb.csv.gz").write_bytes(zeros)
    with pytest.raises(DataError, match="more than 1 MiB of text"):
        read_csv(tmp_path / "bomb.csv.gz")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x1,y\n" + b"0,0\n" * 300_000)))
    with pytest.raises(DataError, match="standard input: more than 1 MiB"):
        read_csv(Path("-"))


def test_a_wide_table_needs_no_more_than_its_numbers(tmp_path: Path):
    """785 columns, such as MNIST has: room was made for 2·10⁶ rows of them."""
    path = tmp_path / "wide.csv"
    names = ",".join([*(f"x{k}" for k in range(1, 785)), "y"])
    path.write_text(names + "\n" + (",".join(["1"] * 785) + "\n") * 20)
    assert read_csv(path).x.shape == (20, 784)


NAMES = "a first line with the names of two columns or more"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no line with the names of columns"),
        ("\n# nothing\n", "no line with the names of columns"),
        ("1,2\n3,4\n", "the first line must name the columns, such as x1,x2,y; found numbers"),
        ("y\n1\n2\n", NAMES),
        ("x1" * 500 + "\n1\n", "…'"),
        ("x1,y\n", "at least 2 rows are needed, found 0"),
        ("x1,y\n1,2\n", "at least 2 rows are needed, found 1"),
        ("x1,y\n1,2\n\n3,nan\n", "row 2 has a value that is not finite"),
        ("x1,y\n1,2\n3,4\n-inf,2\n", "row 3 has a value that is not finite"),
        ("x1,y\n1,2\n1e999,2\n", "row 2 has a value that is not finite"),
        ("x1,y\n1,2\n\n3,four\n", "row 2, column 'y': 'four' is not a number"),
        ("x1,y\n1,2\n3,\n", "row 2, column 'y': '' is not a number; rows with an empty cell"),
        ("x1;y\n1,5;2\n3;4\n", "'1,5' is not a number; decimals are written with a point"),
        ("x1,y\n1,2\n3,4\n5\n", "row 3 has 1 values, not 2"),
        ("x1,y\n1,2\n3,4,5\n", "row 2 has 3 values, not 2"),
        ("x1,y\n1,2,3\n3,4,5\n", "row 1 has 3 values, not 2"),
        ("x1,y\n1,2\n1_0,2\n", "without underscores"),
        ("x1,y\n1,2\n3,#4\n", "row 2, column 'y': '"),
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


def test_read_csv_does_not_read_what_is_too_large(tmp_path: Path):
    path = tmp_path / "sparse.csv"
    with path.open("wb") as file:
        file.truncate(10**11)  # takes no room on the disk
    start = time.process_time()
    with pytest.raises(DataError, match="larger than 512 MiB") as error:
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
