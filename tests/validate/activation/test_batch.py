"""Several expressions at once: one that cannot be answered is a line, the others are answered."""

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from validate.__main__ import cli

CORPUS = json.loads((Path(__file__).parents[2] / "data" / "activations.json").read_text("utf-8"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["activation", "--no-train", *arguments])


def test_what_is_refused_is_a_line_of_the_table_and_the_others_are_answered():
    found = run("tanh(x)", "softmax(x)", "x + sign(x)", "relu(x)")
    assert found.exit_code == 2
    rows = [line for line in found.stdout.splitlines() if line.startswith("│")]
    assert [row.split("│")[1].strip() for row in rows] == [
        *("tanh(x)", "softmax(x)", "x + sign(x)", "relu(x)")
    ]
    assert "refused" in rows[1]
    assert "OUT_OF_SCOPE" in rows[2]
    assert "softmax(x): refused: softmax mixes several inputs" in found.stdout
    assert "discontinuous at 0: 1 from the right, -1 from the left" in found.stdout


def test_json_has_the_reason_in_its_place():
    found = run("tanh(x)", "foo(x)", "--torch", "torch.nn:Missing", "--json")
    assert found.exit_code == 2
    first, second, third = json.loads(found.stdout)
    assert first["multiplicity"] == 1
    assert second == {
        "expression": "foo(x)",
        "error": "the function 'foo' is unknown; write out its formula, such as x*tanh(x)",
    }
    assert third["expression"] == "torch.nn:Missing"


def test_a_name_that_is_no_function_of_torch_is_a_line_too():
    found = run("tanh(x)", "--torch", "torch:bernoulli")
    assert found.exit_code == 2
    assert "torch:bernoulli: refused: " in found.stdout


def test_pages_are_written_for_those_that_are_answered(tmp_path: Path):
    found = run("tanh(x)", "foo(x)", "--pdf", str(tmp_path / "pages.pdf"))
    assert found.exit_code == 2
    assert (tmp_path / "pages.pdf").read_bytes().startswith(b"%PDF")


def test_all_alike_are_refused_together():
    found = run("tanh(x)", "sin(x)", "--data", "missing.csv")
    assert found.exit_code == 2
    assert found.output.count("\n") == 1


@pytest.mark.parametrize("start", [0, 250])
def test_fifty_take_at_most_twenty_seconds(start: int):
    began = time.process_time()
    found = run(*(known["expression"] for known in CORPUS[start : start + 50]), "--json")
    assert found.exit_code == 0, found.output
    checks = json.loads(found.stdout)
    assert len(checks) == 50
    assert time.process_time() - began < 20
    assert max(check["seconds"] for check in checks) < 2 + 8  # on a machine that others use too
