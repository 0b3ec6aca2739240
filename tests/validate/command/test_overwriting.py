"""Outputs that would destroy an input or what a run keeps: one line, before anything is done."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from validate.__main__ import cli
from validate.command.before.overwriting import refuse_one_file

TABLE = "x,y\n0,1\n1,3\n2,2\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    made = tmp_path / "data.csv"
    made.write_text(TABLE)
    (tmp_path / "linked.csv").symlink_to(made)
    os.link(made, tmp_path / "hard.csv")
    (tmp_path / "folder").mkdir()
    return made


def refused(arguments: list[str], *words: str) -> None:
    found = CliRunner().invoke(cli, arguments)
    assert found.exit_code == 2, found.output
    for word in words:
        assert word in found.stderr


@pytest.mark.parametrize("other", ["data.csv", "folder/../data.csv", "linked.csv", "hard.csv"])
@pytest.mark.parametrize("option", ["--csv", "--pdf"])
def test_an_output_in_the_place_of_the_data(data: Path, option: str, other: str):
    asked = ["activation", "--no-train", "tanh(x)", "--data", str(data)]
    refused([*asked, option, str(data.parent / other)], option, "is the file of --data too")
    assert data.read_text() == TABLE


def test_standard_input_that_comes_from_the_file(data: Path):
    command = [sys.executable, "-m", "validate", "activation", "--no-train", "tanh(x)"]
    with data.open() as given:
        options = ["--data", "-", "--csv", str(data)]
        done = subprocess.run([*command, *options], stdin=given, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert data.read_text() == TABLE


def test_two_outputs_in_one_place(tmp_path: Path):
    one = str(tmp_path / "one")
    refused(["activation", "--no-train", "x", "--csv", one, "--pdf", one], "the file of --csv too")
    assert not Path(one).exists()


def test_devices_may_take_several_outputs():
    null = Path(os.devnull)
    refuse_one_file({"--csv": null, "--pdf": null}, {"--data": Path("-")})


@pytest.mark.parametrize("name", ["results.json", "results.sqlite", "report.pdf"])
@pytest.mark.parametrize("there", [True, False])
def test_a_table_in_the_place_of_what_runs_keep(tmp_path: Path, name: str, there: bool):
    if there:
        (tmp_path / name).write_text("kept")
    csv = ["--csv", str(tmp_path / "." / name)]
    run = ["run", "condensation.paper-figure-4", "--out", str(tmp_path)]
    for asked in (["list"], run, ["activation", "--no-train", "x"]):
        refused([*asked, *csv], f"a run keeps its {name} there")
    assert (tmp_path / name).exists() is there


def test_the_store_of_a_run_by_another_name(tmp_path: Path):
    (tmp_path / "results.sqlite").write_text("kept")
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "results.sqlite")
    out = ["--out", str(tmp_path), "--csv", str(link)]
    refused(["run", "condensation.paper-figure-4", *out], "keeps its results.sqlite there")


@pytest.mark.parametrize(
    "arguments",
    [["list", "--csv", "-"], ["activation", "x", "--csv", "-"], ["activation", "x", "--pdf", "-"]],
    ids=" ".join,
)
def test_a_minus_sign_names_no_file(arguments: list[str], tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(arguments, "standard output is /dev/stdout")
    assert not list(tmp_path.iterdir())
