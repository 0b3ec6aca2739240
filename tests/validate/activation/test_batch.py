"""Several expressions at once: one that cannot be answered is a line, the others are answered."""

import json
import resource
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from validate.__main__ import cli

ROOT = Path(__file__).parents[3]
CORPUS = json.loads((ROOT / "tests" / "data" / "activations.json").read_text("utf-8"))


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


def test_fifty_take_at_most_twenty_seconds_of_processor_time():
    """In a process of its own, without the checks of shapes that tests run with."""
    texts = [known["expression"] for known in CORPUS[::10]][:50]
    command = [sys.executable, "-m", "validate", "activation", "--no-train", "--json", "--", *texts]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == 50
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 20


# sympy builds it and raises when it is written down or translated
UNWRITTEN = (
    "tan(airyai(+(((1/3*E)-swish(((selu((celu((sinh(expm1(x))*Min(((j1(sinc((((softsign(-1/2)+x)"
    "+leaky_relu((7-31), 1/3))/12345)))*j1(hardshrink(x)))-(1/3*sign(x))), Min(x), "
    "Piecewise((x, True))))))**(x)))**(log1p(-1/2)))**(0.5))))))"
)


def test_what_sympy_cannot_write_down_is_one_line():
    done = run(UNWRITTEN, "tanh(x)")
    assert done.exit_code == 2, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "refused: sympy cannot evaluate a part of it" in done.output
    assert "tanh(x)" in done.output
