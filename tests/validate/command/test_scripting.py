"""What scripts ask of commands: verdicts that make them fail, and tables as CSV."""

import csv
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.reports.synthetic import results
from validate.__main__ import cli
from validate.command import scripting
from validate.results.csv_table import csv_text


@click.command()
@scripting.FAIL_ON
@scripting.CSV
def command(fail_on: tuple[str, ...], csv_file: Path | None) -> None:
    click.echo(f"{fail_on} {csv_file}")


def run(*arguments: str):
    return CliRunner().invoke(command, arguments)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([], ()),
        (["--fail-on", "disagree"], ("disagree",)),
        (["--fail-on", "disagree, Out-of-Scope"], ("disagree", "out_of_scope")),
        (["--fail-on", "out_of_scope", "--fail-on", "inconclusive,out-of-scope"],
         ("out_of_scope", "inconclusive")),
    ],
)  # fmt: skip
def test_verdicts_are_named_with_commas_or_several_times(given, found):
    assert run(*given).output == f"{found} None\n"


@pytest.mark.parametrize("given", ["", "agree", "disagree;inconclusive", "disagree,"])
def test_other_words_are_refused(given: str):
    found = run("--fail-on", given)
    assert found.exit_code == 2
    assert "is none of disagree, inconclusive, out-of-scope" in found.output


def test_a_table_needs_a_folder_before_anything_runs(tmp_path: Path):
    assert run("--csv", str(tmp_path / "a.csv")).exit_code == 0
    for path, reason in ((tmp_path, "is a folder"), (tmp_path / "b" / "a.csv", "no folder")):
        found = run("--csv", str(path))
        assert found.exit_code == 2
        assert reason in found.output.replace("\n", " ")


@pytest.mark.parametrize(
    "words",
    [
        ["report", ""],
        ["report", "condensation", " "],
        ["report", "--against", ""],
        ["diff", "", "x"],
        ["diff", "x", ""],
        ["export", ""],
        ["export", ".", ""],
        ["export", "--out", ""],
        ["run", "condensation.offset", "--dry-run", "--out", ""],
        ["run", "condensation.offset", "--dry-run", "--csv", ""],
        ["list", "--csv", ""],
        ["activation", "tanh(x)", "--no-train", "--data", ""],
        ["activation", "tanh(x)", "--no-train", "--pdf", ""],
        ["bench", ""],
    ],
    ids=" ".join,
)
def test_an_empty_name_is_not_the_working_directory(tmp_path: Path, monkeypatch, words: list[str]):
    (tmp_path / "results.json").write_text(results().to_json())
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, words)
    assert (done.exit_code, done.stdout) == (2, "")
    *_, said = done.stderr.strip().splitlines()
    assert "empty" in said or "''" in said
    assert [one.name for one in tmp_path.iterdir()] == ["results.json"]


def test_what_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch):
    def full(path, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("validate.command.folder.keep", full)
    with pytest.raises(click.ClickException, match="No space left") as caught:
        scripting.write_csv(tmp_path / "a.csv", "a\n")
    assert caught.value.exit_code == 2


def test_cells_keep_all_digits_and_stay_on_one_line():
    text = csv_text(("a", "b"), [(1 / 3, None), ('two\nlines, "quoted"', -0.0), ("", 7)])
    assert text == 'a,b\n0.3333333333333333,\n"two lines, ""quoted""",-0.0\n,7\n'


def test_claims_as_a_table(tmp_path: Path):
    found = CliRunner().invoke(cli, ["list", "--csv", str(tmp_path / "claims.csv")])
    assert found.exit_code == 0
    with (tmp_path / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"claim", "title", "tier", "source", "statement"} == set(rows[0])
    assert "condensation.bound-1d" in {row["claim"] for row in rows}


def test_a_dry_run_has_no_table(tmp_path: Path):
    options = ["--dry-run", "--out", str(tmp_path), "--csv", str(tmp_path / "a.csv")]
    found = CliRunner().invoke(cli, ["run", "condensation.bound-1d", *options])
    assert found.exit_code == 2
    assert "--dry-run has none" in found.output
