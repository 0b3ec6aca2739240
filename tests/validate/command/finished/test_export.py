"""The command `export`: tables of decisions and of units, as CSV and JSON."""

import csv
import io
import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.reports.synthetic import results
from tests.validate.run import test_stored_units as toys
from validate.__main__ import cli
from validate.command.finished.tables import csv_pieces, json_pieces


def invoke(*arguments: object):
    return CliRunner().invoke(cli, ["export", *(str(one) for one in arguments)])


def table(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text))]


@pytest.fixture
def synthetic(tmp_path: Path) -> Path:
    (tmp_path / "results.json").write_text(results().to_json())
    return tmp_path


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A folder with a run and its store."""
    (tmp_path / "results.json").write_text(toys.run(tmp_path).to_json())
    return tmp_path


def test_every_decision_and_control_is_a_line(synthetic: Path):
    found = table(invoke(synthetic).stdout)
    named = [
        (claim.id, one.name)
        for claim in results().claims
        for one in (*claim.observations, *claim.controls)
    ]
    assert [row["claim"] for row in found] == [id for id, _ in named]
    assert len(named) > 5
    first = found[0]
    assert (first["role"], first["verdict"], first["as_required"]) == ("claim", "AGREE", "")
    numbers = [float(first[name]) for name in ("measured", "low", "high", "margin")]
    assert numbers == [0.974, 0.9312, 0.9951, 0.9]
    controls = [row for row in found if row["role"] != "claim"]
    assert {row["as_required"] for row in controls} <= {"0", "1"}
    assert controls


def test_json_holds_the_same(synthetic: Path):
    found = json.loads(invoke(synthetic, "--format", "json").stdout)
    lines = table(invoke(synthetic).stdout)
    assert len(found) == len(lines)
    assert [one.keys() for one in found] == [line.keys() for line in lines]
    for one, line in zip(found, lines, strict=True):
        assert one["measured"] == (float(line["measured"]) if line["measured"] else None)
        assert one["n"] == int(line["n"])


def test_of_some_claims_alone(synthetic: Path):
    found = table(invoke(synthetic, "condensation.orientations").stdout)
    assert {row["claim"] for row in found} == {"condensation.orientations"}
    every = table(invoke(synthetic).stdout)
    family = table(invoke(synthetic, "condensation").stdout)
    assert family == [row for row in every if row["claim"].startswith("condensation.")]


def test_units_are_written_to_a_file(toy: Path):
    done = invoke(toy, "--what", "units", "--out", toy / "units.csv")
    assert (done.exit_code, done.output) == (0, "")
    found = table((toy / "units.csv").read_text())
    assert len(found) == 600
    assert {row["setting.rate"]: row["value"] for row in found} == {"0.0": "0", "1.0": "1"}
    as_json = json.loads(invoke(toy, "--what", "units", "--format", "json").stdout)
    assert [str(one["replicate"]) for one in as_json] == [row["replicate"] for row in found]


def test_a_seed_of_several_has_its_store_above(toy: Path):
    below = toy / "seed-0"
    below.mkdir()
    (toy / "results.json").rename(below / "results.json")
    assert len(table(invoke(below, "--what", "units").stdout)) == 600


def test_the_store_is_left_as_it_is(toy: Path):
    before = {path.name: path.read_bytes() for path in toy.iterdir()}
    assert invoke(toy, "--what", "units").exit_code == 0
    assert {path.name: path.read_bytes() for path in toy.iterdir()} == before


def test_what_is_missing_is_told(toy: Path):
    """One claim more, which the store does not know, and a block that is gone."""
    made = toys.run(toy)
    other = made.claims[0].model_copy(update={"id": "toy.other"})
    both = made.model_copy(update={"claims": (*made.claims, other)})
    (toy / "results.json").write_text(both.to_json())
    with toys.Store(toy / "results.sqlite") as store:
        lost = toys.key(toys.BAD, 0, 1, "cpu")
        store._database.execute("DELETE FROM results WHERE key = ?", (lost,))
    done = invoke(toy, "--what", "units")
    assert done.exit_code == 0
    assert len(table(done.stdout)) == 550
    assert "no units of toy.other" in done.stderr
    assert "1 of 12 blocks are no longer stored" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["FOLDER", "no.such"], "unknown claim 'no.such'"),
        (["/dev/null/x"], "cannot read"),
        (["nope"], "'nope' is neither a folder nor a claim"),
        (["FOLDER", "--what", "units"], "has no results.sqlite"),
        (["FOLDER", "--nested"], "--what units"),
        (["FOLDER", "--out", "/dev/null/x/table.csv"], "there is no folder"),
        (["FOLDER", "--format", "xlsx"], "'csv', 'json'"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(synthetic: Path, arguments, said):
    done = invoke(*(str(synthetic) if one == "FOLDER" else one for one in arguments))
    assert done.exit_code == 2
    assert done.stdout == ""
    assert said in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("content", "said"), [(b"no database", "not a database"), (b"", "no such table")]
)
def test_a_store_that_tells_nothing_is_one_line_and_status_2(synthetic: Path, content, said):
    (synthetic / "results.sqlite").write_bytes(content)
    done = invoke(synthetic, "--what", "units")
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_where_no_claim_has_units_it_is_one_line_and_status_2(toy: Path):
    (toy / "results.json").write_text(results().to_json())
    done = invoke(toy, "--what", "units")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "does not tell the units of condensation.orientations" in done.stderr


def test_a_former_file_stays_where_writing_fails(toy: Path, monkeypatch: pytest.MonkeyPatch):
    out = toy / "units.csv"
    out.write_text("former")

    def full(*_: object):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("validate.results.whole_file.os.fsync", full)
    done = invoke(toy, "--what", "units", "--out", out)
    assert done.exit_code == 2
    assert "No space left on device" in done.stderr
    assert out.read_text() == "former"


def test_tables_are_made_row_by_row():
    """An endless table begins at once."""

    def endless():
        while True:
            yield ("a", 0.1)

    for pieces in (csv_pieces, json_pieces):
        made = pieces(("name", "value"), endless())
        begun = "".join(next(made) for _ in range(3))
        assert begun.count("0.1") >= 2


def test_no_text_is_a_formula_of_a_spreadsheet():
    """And numbers are as they were, below 0 too."""
    texts = ("=1+1", "+a", "-cmd|' /C calc'!A0", "@SUM(A1)", " =1", "\t=1", "a=1", "−x", "-2.5e-3")
    (header, *rows) = csv.reader(
        "".join(csv_pieces(("=a", "b"), [(t, -0.5) for t in texts])).splitlines()
    )
    assert header == ["'=a", "b"]
    assert [row[1] for row in rows] == ["-0.5"] * len(texts)
    cells = [row[0] for row in rows]
    assert all(cell[0] == "'" for cell in cells[:6])
    assert cells[:2] == ["'=1+1", "'+a"]
    assert cells[6:] == list(texts[6:])
    made = json.loads("".join(json_pieces(("a",), [(texts[0],)])))
    assert made == [{"a": "=1+1"}]


def test_text_of_a_record_that_begins_like_a_formula_is_guarded(synthetic: Path):
    made = results()
    first, *others = made.claims
    one = first.observations[0].model_copy(update={"name": "=HYPERLINK(1)", "measured": -0.25})
    first = first.model_copy(update={"observations": (one,)})
    made = made.model_copy(update={"claims": (first, *others)})
    (synthetic / "results.json").write_text(made.to_json())
    row = table(invoke(synthetic).stdout)[0]
    assert (row["decision"], row["measured"]) == ("'=HYPERLINK(1)", "-0.25")


def test_numbers_without_a_value_and_nested_ones_are_written():
    header, rows = ("a", "b"), [(math.inf, [1, math.nan]), (None, {"x": "σ, “=1”"})]
    assert "".join(csv_pieces(header, rows)).splitlines() == [
        "a,b",
        'inf,"[1, null]"',
        ',"{""x"": ""σ, “=1”""}"',
    ]
    assert json.loads("".join(json_pieces(header, rows))) == [
        {"a": None, "b": [1, None]},
        {"a": None, "b": {"x": "σ, “=1”"}},
    ]
    assert json.loads("".join(json_pieces(header, []))) == []
