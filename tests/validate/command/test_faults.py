"""Whatever lies in a folder or takes the output: one line, an exit status, no traceback."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.reports.synthetic import results
from validate.__main__ import cli

NESTED = "[" * 100_000


def validate(*arguments: str, **options):
    command = [sys.executable, "-m", "validate", *arguments]
    return subprocess.run(command, text=True, timeout=120, stderr=subprocess.PIPE, **options)


def one_line(done, status: int, *words: str) -> None:
    assert done.returncode == status, done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr


def without_series() -> str:
    data = json.loads(results().to_json())
    figure = next(figure for claim in data["claims"] for figure in claim["figures"])
    figure["series"] = {}
    return json.dumps(data)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (NESTED.encode(), "nested too deep"),
        (b'{"schema": 1, "run": ' + NESTED.encode(), "nested too deep"),
        (b'{"schema": 1, "x": "\xff"}', "is not JSON"),
        (b"", "is not JSON"),
        (b'{"schema": 2}', "schema 1"),
        (b'{"schema": 1, "run": 1, "claims": []}', "run"),
    ],
    ids=["brackets", "brackets inside", "no UTF-8", "empty", "other schema", "wrong type"],
)
def test_damaged_results(tmp_path: Path, content: bytes, word: str):
    (tmp_path / "results.json").write_bytes(content)
    one_line(validate("report", str(tmp_path)), 2, "results.json", word)


def test_a_figure_that_cannot_be_drawn(tmp_path: Path):
    (tmp_path / "results.json").write_text(without_series())
    (tmp_path / "report.pdf").write_bytes(b"former")
    one_line(validate("report", str(tmp_path)), 2, "cannot be shown", "needs the series")
    assert (tmp_path / "report.pdf").read_bytes() == b"former"


@pytest.mark.parametrize("content", [b"just text", b"", b"SQLite format 3\0" + b"x" * 5000])
def test_a_damaged_store(tmp_path: Path, content: bytes):
    """An empty file is a store to be filled."""
    (tmp_path / "results.sqlite").write_bytes(content)
    done = validate("run", "condensation.paper-figure-4", "--dry-run", "--out", str(tmp_path),
                    stdout=subprocess.DEVNULL)  # fmt: skip
    if content:
        one_line(done, 2, "results.sqlite")
    else:
        assert done.returncode == 0, done.stderr


def test_a_name_that_is_too_long(tmp_path: Path):
    out = str(tmp_path / ("a" * 300))
    for options in (["--dry-run"], []):
        done = validate("run", "condensation.paper-figure-4", *options, "--out", out)
        one_line(done, 2, "File name too long")


@pytest.mark.parametrize("arguments", [["list"], ["show", "condensation.offset"]], ids=" ".join)
def test_full_output(arguments: list[str]):
    with Path("/dev/full").open("w") as full:
        one_line(validate(*arguments, stdout=full), 2, "cannot write to standard output")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_closed_standard_stream(number: int, tmp_path: Path):
    """And what is opened afterwards does not take its place."""
    csv = tmp_path / "table.csv"
    command = [sys.executable, "-m", "validate", "list", "--csv", str(csv)]
    close = partial(os.close, number)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, preexec_fn=close)
    assert done.returncode == 0
    assert done.stderr == ""
    assert bool(done.stdout) is (number != 1)
    assert csv.read_text().startswith("claim,")


def test_full_standard_error():
    """Nothing can be told, but the exit status is that of what was refused."""
    command = [sys.executable, "-m", "validate", "activation", "bad("]
    with Path("/dev/full").open("w") as full:
        assert subprocess.run(command, stderr=full, timeout=60).returncode == 2


@pytest.mark.parametrize("given", ["", "file.txt"])
@pytest.mark.parametrize(
    "command",
    [["run", "condensation.offset"], ["show", "condensation.offset"], ["mutate"], ["calibrate"]],
    ids=" ".join,
)
def test_what_is_no_folder(tmp_path: Path, monkeypatch, command: list[str], given: str):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").touch()
    found = CliRunner().invoke(cli, [*command, "--out", given])
    assert found.exit_code == 2
    said = "a folder is needed" if given else "the name of a folder (. is the working directory)"
    assert said in " ".join(found.output.split())
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


@pytest.mark.parametrize("name", ["results.json", "report.pdf", "report.html"])
def test_folders_in_the_place_of_files(tmp_path: Path, name: str):
    """Of a run before it trains; of the report the file is named."""
    (tmp_path / name).mkdir()
    run = ["run", "condensation.paper-figure-4", "--out", str(tmp_path)]
    commands = [run] if name == "report.html" else [run, ["report", str(tmp_path)]]
    if name != "results.json":
        (tmp_path / "results.json").write_text(results().to_json())
    for command in commands:
        found = CliRunner().invoke(cli, command)
        assert found.exit_code == 2, found.output
        assert str(tmp_path / name) in found.output


@pytest.mark.parametrize(
    "command",
    [["report", "DIR"], ["diff", "DIR", "DIR"], ["export", "DIR"],
     ["run", "condensation.paper-figure-4", "--out", "DIR"],
     ["mutate", "condensation.paper-figure-4", "--out", "DIR"],
     ["show", "condensation.paper-figure-4", "--out", "DIR"]],
    ids=lambda command: command[0],
)  # fmt: skip
def test_results_that_are_a_pipe(tmp_path: Path, command: list[str]):
    """They are not waited for."""
    os.mkfifo(tmp_path / "results.json")
    asked = [str(tmp_path) if word == "DIR" else word for word in command]
    found = CliRunner().invoke(cli, asked)
    assert found.exit_code == 2, found.output
    assert "results.json" in found.output
    assert "regular file" in found.output


def test_a_reader_that_has_read_enough(tmp_path: Path):
    """As head -1 does; what shells say of a program that SIGPIPE ended."""
    command = [sys.executable, "-m", "validate", "list"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(60) == 141
    assert process.stderr.read() == b""
