"""results.json: what is written is read back, what is wrong is named in one line."""

import json
from pathlib import Path

import pytest

from tests.validate import toy
from tests.validate.run.test_runner import run
from validate.results.records import ResultsError, Table, load_results


@pytest.fixture
def written(tmp_path):
    results = run(tmp_path, toy.claim())
    path = tmp_path / "results.json"
    path.write_text(results.to_json())
    return results, path


def test_round_trip(written):
    results, path = written
    assert load_results(path) == results


def test_contract(written):
    """The fields that the JSON contract promises."""
    data = json.loads(written[1].read_text())
    assert data["schema"] == 1
    run_fields = {"started", "seconds", "seed", "alpha", "budget", "device", "versions", "code"}
    assert run_fields <= data["run"].keys()
    (claim,) = data["claims"]
    assert {"id", "title", "source", "statement", "verdict", "reason", "seconds"} <= claim.keys()
    observed = {"name", "predicted", "measured", "interval", "margin", "n", "verdict"}
    assert observed <= claim["observations"][0].keys()
    control = {"name", "role", "verdict", "rejected", "as_required"}
    assert control <= claim["controls"][0].keys()
    assert {"name", "value", "required", "ok"} <= claim["regime"][0].keys()
    assert {"text", "formula"} <= claim["derivation"][0].keys()
    assert claim["reproduce"].startswith("python -m validate run toy.coins")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ('{"schema": 1, "run": NaN}', "is not JSON: NaN is no number of JSON"),
        ("{", "is not JSON"),
        ("[]", "schema"),
        ('{"schema": 2}', "schema"),
        ('{"schema": 1, "claims": []}', "run"),
    ],
)
def test_faulty_files_are_one_clear_line(tmp_path, content, match):
    path = tmp_path / "results.json"
    path.write_text(content)
    with pytest.raises(ResultsError, match=match) as caught:
        load_results(path)
    assert "\n" not in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(ResultsError, match="cannot read"):
        load_results(tmp_path / "results.json")


@pytest.mark.parametrize(
    ("header", "rows", "match"),
    [
        ((), (), "no columns"),
        (("a", "b"), (("1", "2"), ("1",)), "row 2 has 1 cells, the header 2"),
    ],
)
def test_a_table_is_rectangular(header, rows, match):
    with pytest.raises(ValueError, match=match):
        Table(title="odd", header=header, rows=rows)


def test_a_claim_that_is_there_twice_is_refused(tmp_path: Path):
    text = json.loads(run(tmp_path, toy.claim()).to_json())
    text["claims"].append(text["claims"][0])
    file = tmp_path / "results.json"
    file.write_text(json.dumps(text))
    with pytest.raises(ResultsError, match="is there 2 times"):
        load_results(file)
