"""Data on the command line: files as people have them, and lines that reproduce a check."""

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from validate.__main__ import cli
from validate.activation.check import check_activation
from validate.activation.errors import CheckError

TABLE = ";age;price\n0;1;2\n1;2;3.5\n2;3;1\n"


def activation(*arguments: str, given: str | None = None):
    return CliRunner().invoke(cli, ["activation", "--no-train", *arguments], input=given)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "my data.csv"
    made.write_text(TABLE)
    return made


def test_how_a_table_was_read_is_said(path: Path):
    done = activation("tanh(x)", "--data", str(path))
    assert done.exit_code == 0, done.output
    assert "the first column numbers the rows and is left out" in done.output
    assert "the target is 'price', of inputs 'age'" in done.output


def test_standard_input_is_read_once_for_all_expressions():
    done = activation("tanh(x)", "relu(x)", "--data", "-", given=TABLE)
    assert done.exit_code == 0, done.output
    assert done.output.count("the target is 'price'") == 2


def test_the_target_is_chosen_by_name(path: Path):
    done = activation("tanh(x)", "--data", str(path), "--target", "age")
    assert "the target is 'age'" in done.output
    assert f"--data {shlex.quote(str(path))} --target age" in done.output.replace("\n", "")
    for wrong in ("AGE", "sex"):
        done = activation("tanh(x)", "--data", str(path), "--target", wrong)
        assert done.exit_code == 2
        assert f"no column is named '{wrong}'; there are '', 'age', 'price'" in done.output


def test_a_target_without_data_is_refused():
    done = activation("tanh(x)", "--target", "y")
    assert done.exit_code == 2
    assert "--target names a column of --data FILE" in done.output
    with pytest.raises(CheckError, match="no file is given"):
        check_activation("tanh(x)", target="y", train=False)


@pytest.mark.parametrize("text", ["-tanh(x)", "-x", "-h(x)", "-1*x"])
def test_expressions_may_begin_with_a_minus_sign(text: str):
    for arguments in ((text,), ("--", text)):
        done = activation(*arguments)
        assert "No such option" not in done.output
        assert ("reproduce" in done.output) is (text != "-h(x)"), done.output  # no such function


def test_the_line_that_reproduces_several_checks_runs_when_pasted():
    asked = ["-tanh(x)", "foo('x y')", "relu(x)", "--torch", "torch.nn:PReLU(init=0.5)"]
    done = activation(*asked, "--optimizer", "gd", "--seed", "3")
    (line,) = [line for line in done.output.splitlines() if line.startswith("reproduce: ")]
    again = shlex.split(line.removeprefix("reproduce: "))
    assert again[:4] == ["python", "-m", "validate", "activation"]
    assert again[-4:] == ["--", "-tanh(x)", "foo('x y')", "relu(x)"]
    repeated = CliRunner().invoke(cli, again[3:])
    assert sorted(repeated.output.splitlines()) == sorted(done.output.splitlines())


@pytest.mark.parametrize("expressions", [["tanh(x)"], ["tanh(x)", "relu(x)"]])
def test_that_data_came_from_standard_input_is_said(expressions: list[str]):
    done = activation(*expressions, "--data", "-", given=TABLE)
    (line,) = [line for line in done.output.splitlines() if line.startswith("reproduce: ")]
    assert "--data -" in line
    assert line.endswith("# with the same data on standard input: < FILE")


def test_constant_columns_are_a_note(tmp_path: Path):
    (tmp_path / "a.csv").write_text("a,b,y\n1,7,2\n2,7,2\n3,7,2\n")
    done = activation("tanh(x)", "--data", str(tmp_path / "a.csv"))
    assert done.exit_code == 0, done.output
    assert "note: the input b is constant" in done.output
    assert "note: the target is constant" in done.output


def test_the_line_that_reproduces_a_check_runs_when_pasted():
    found = check_activation("-tanh(x)", train=False).reproduce
    again = shlex.split(found)
    assert again[:4] == ["python", "-m", "validate", "activation"]
    done = CliRunner().invoke(cli, again[3:])
    assert done.exit_code == 0
    assert found in done.output.replace("\n", " ")
