"""The activation checker in scripts: exit status by verdicts, tables as CSV, several widths.

Trainings are of few networks of a fixed seed; their verdicts are certain.
"""

import csv
import io
import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.validate.activation.synthetic_checks import every, smooth
from validate.__main__ import cli
from validate.activation import training as activation_training
from validate.activation.errors import CheckError
from validate.activation.telling import tables
from validate.activation.widths import check_widths
from validate.results.activation import Unanswered
from validate.results.records import Verdict
from validate.results.widths import WidthCheck, WidthVerdict

pytestmark = pytest.mark.usefixtures("trained_here")

GD = ("--optimizer", "gd")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["activation", *arguments])


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def few(monkeypatch):
    """Little training: 1 block in place of 9."""
    monkeypatch.setattr(activation_training, "BLOCKS", 1)


@pytest.mark.parametrize(
    ("fail_on", "status"),
    [((), 0), (("--fail-on", "disagree,inconclusive"), 0), (("--fail-on", "out-of-scope"), 1)],
)
def test_verdicts_that_make_it_fail(fail_on: tuple[str, ...], status: int):
    found = run("--no-train", "x + sign(x)", "tanh(x)", *fail_on)
    assert found.exit_code == status
    assert "Traceback" not in found.output


def test_what_is_refused_counts_more():
    assert run("--no-train", "foo(x)", "sign(x)", "--fail-on", "out-of-scope").exit_code == 2


def test_orientations_of_one_expression_as_a_table(tmp_path: Path):
    path = tmp_path / "found.csv"
    assert run("--no-train", "tanh(x)", *GD, "--csv", str(path), "--json").exit_code == 0
    rows = read(path.read_text("utf-8"))
    assert len(rows) == 2
    assert {(row["optimizer"], row["sign"]) for row in rows} == {("gd", "1"), ("gd", "-1")}
    for row in rows:
        length = float(row["predicted x1"]) ** 2 + float(row["predicted bias"]) ** 2
        assert length == pytest.approx(1, abs=1e-12)
        assert row["measured x1"] == row["off_by_degrees"] == ""


def test_measured_ones_stand_beside_those_they_belong_to():
    rows = read(tables.orientations(smooth().model_copy(update={"components": ("x1", "bias")})))
    alone = [row for row in rows if not row["measured x1"]]
    assert len(rows) == 12
    assert len(alone) == 1 + 1  # gd and Adam lack one each
    assert all(float(row["off_by_degrees"]) < 1 for row in rows if row not in alone)


def test_several_expressions_are_a_line_for_each_optimizer():
    lost = Unanswered(expression="foo(x)", error="unknown, says the parser", refused=True)
    rows = read(tables.table_of_checks([*every(), lost]))
    assert set(rows[0]) == {
        *("expression", "multiplicity", "bound", "optimizer", "predicted", "measured"),
        *("verdict", "reason"),
    }
    assert rows[-1]["verdict"] == "refused"
    assert rows[-1]["reason"] == "unknown, says the parser"
    assert "INCONCLUSIVE" in {row["verdict"] for row in rows}


def test_components_by_the_names_of_the_columns(tmp_path: Path):
    table = tmp_path / "data.csv"
    lines = [f"{i},{-i},{i * i % 5},{i % 3},{i % 7 - 2}" for i in range(12)]
    table.write_text("\n".join(["age,sex,bmi,bp,y", *lines]) + "\n")
    cut = run("--no-train", "tanh(x)", *GD, "--data", str(table))
    everything = run("--no-train", "tanh(x)", *GD, "--data", str(table), "--components", "all")
    assert "…" in cut.stdout
    for name in ("age", "sex", "bmi", "bp", "bias"):
        assert f"{name} " in everything.stdout
    assert json.loads(run("--no-train", "tanh(x)", "--data", str(table), "--json").stdout)[
        "components"
    ] == ["age", "sex", "bmi", "bp", "bias"]


def test_several_widths(few, tmp_path: Path):
    path = tmp_path / "widths.csv"
    asked = ("--widths", "64,100", *GD, "--workers", "1", "--csv", str(path), "--alpha", "0.02")
    found = run("tanh(x)", *asked, "--json")
    assert found.exit_code == 0, found.output
    data = json.loads(found.stdout)
    assert [(row["width"], row["networks"], row["share"]) for row in data["widths"]] == [
        *((64, 8, 1.0), (100, 8, 1.0))
    ]
    rows = read(path.read_text("utf-8"))
    assert [row["width"] for row in rows] == ["64", "100"]
    # Clopper–Pearson of 8 of 8 at α/(2 widths · 2 verdicts), two-sided
    level = 0.02 / 2 / 2
    assert float(rows[0]["low"]) == pytest.approx((level / 2) ** (1 / 8), rel=1e-9)
    again = shlex.split(data["reproduce"])[3:]
    assert again[again.index("--widths") + 1] == "64,100"
    assert json.loads(CliRunner().invoke(cli, [*again, "--json"]).stdout) == data
    shown = run("tanh(x)", *asked)
    assert "100.0%" in shown.stdout
    assert "α = 0.02 is shared by all verdicts" in shown.stdout


def test_a_verdict_at_one_width_makes_it_fail(few):
    asked = ("--widths", "64", *GD, "--workers", "1", "--fail-on", "inconclusive")
    assert run("tanh(x)", *asked).exit_code == 1  # 8 networks decide nothing


@pytest.mark.parametrize(
    "arguments",
    [
        ["--widths", "32,x"],
        ["--widths", "-5"],
        ["--widths", "5"],
        ["--widths", "32,32"],
        ["--widths", "32,1000000"],
        ["--widths", ",".join(map(str, range(10, 40)))],
        ["--widths", "32", "--no-train"],
        ["--widths", "32", "--width", "64"],
        ["--widths", "32", "--pdf", "a.pdf"],
    ],
)
def test_widths_that_make_no_sense_are_one_line(arguments: list[str]):
    found = run("tanh(x)", *arguments)
    assert found.exit_code == 2
    assert "Traceback" not in found.output
    assert found.stdout == ""


def test_widths_in_python():
    with pytest.raises(CheckError, match="1 to 20 widths"):
        check_widths("tanh(x)", widths=())


def test_the_table_of_widths_has_what_is_refused():
    lost = Unanswered(expression="foo(x)", error="unknown", refused=False)
    row = WidthVerdict(
        width=32,
        optimizer="gd",
        networks=72,
        share=0.5,
        interval=(0.25, 0.75),
        verdict=Verdict.INCONCLUSIVE,
        reason="few",
    )
    made = WidthCheck(
        expression="tanh(x)", data="", widths=(row,), seed=0, alpha=0.01, reproduce=""
    )
    first, second = read(tables.widths([made, lost]))
    assert (first["share"], first["low"], first["high"]) == ("0.5", "0.25", "0.75")
    assert (second["expression"], second["verdict"]) == ("foo(x)", "failed")


@pytest.mark.parametrize("optimizer", ["gd", "adam"])
def test_the_size_of_the_initial_weights(few, monkeypatch, optimizer: str):
    trained = []
    before = activation_training.train

    def train(prepared, *rest):
        trained.extend(one.experiment for one in prepared.values())
        return before(prepared, *rest)

    monkeypatch.setattr("validate.activation.trained.train", train)
    found = run(
        "tanh(x)", "--epsilon", "3e-05", "--optimizer", optimizer, "--workers", "1", "--json"
    )
    assert found.exit_code == 0, found.output
    data = json.loads(found.stdout)
    assert [one.epsilon for one in trained] == [3e-05]
    assert "--epsilon 3e-05 " in data["reproduce"]
    assert "--epsilon" not in run("tanh(x)", "--no-train").stdout


@pytest.mark.parametrize("size", ["0", "-1", "1", "nan", "x"])
def test_sizes_that_make_no_sense_are_refused(size: str):
    found = run("tanh(x)", "--no-train", "--epsilon", size)
    assert found.exit_code == 2
    assert "Traceback" not in found.output


def test_large_weights_cannot_tell_orientations():
    """From 0.05 they grow by a factor of four until tanh bends: out of scope."""
    data = json.loads(run("tanh(x)", "--no-train", *GD, "--epsilon", "0.05", "--json").stdout)
    assert [one["verdict"] for one in data["verdicts"]] == ["OUT_OF_SCOPE"]
