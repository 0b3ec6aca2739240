"""The activation checker: what it predicts, what it refuses, and one training in full."""

import json
import time
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from sim.data.data_set import DataError
from theory.symbolic.functions import ActivationError
from validate import check_activation
from validate.__main__ import cli
from validate.activation.check import CheckError
from validate.results.records import Verdict

X = np.linspace(-1, 1.5, 40)
KEYS = {
    *("expression", "value_at_zero", "right", "left", "multiplicity", "bound", "reason"),
    *("optimizers", "verdicts"),
}


def out_of_scope(expression: str, data=None, **options) -> list[str]:
    """Reasons of the verdicts, all of which are OUT_OF_SCOPE."""
    check = check_activation(expression, data, train=False, **options)
    assert check.verdicts
    assert {v.verdict for v in check.verdicts} == {Verdict.OUT_OF_SCOPE}
    return [v.reason for v in check.verdicts]


def test_the_contract_in_json():
    data = json.loads(check_activation("x**2*tanh(x)", train=False).to_json())
    assert set(data) >= KEYS
    assert (data["multiplicity"], data["bound"], data["reason"]) == (3, 6, None)
    assert data["right"] == {"order": 3, "coefficient": 1.0}
    for optimizer in ("gd", "adam"):
        (first, *_) = data["optimizers"][optimizer]["predicted"]
        assert np.hypot(*first["direction"]) == pytest.approx(1)
        angle = np.degrees(np.arctan2(first["direction"][1], first["direction"][0])) % 360
        assert first["angle_degrees"] == pytest.approx(angle, abs=1e-5)


def test_no_verdict_where_the_leading_form_vanishes():
    even, labels = np.linspace(-1, 1, 21), np.cos(np.linspace(-3, 3, 21))
    for reason in out_of_scope("tanh(x)", (even, labels - labels.mean())):
        assert "own output" in reason
        assert "order 3 is the next" in reason


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("log(abs(x))", "no leading part"),
        ("sqrt(abs(x))", "1/2"),
        ("3", "constant"),
        ("exp(-1/x**2)", "flat at 0"),
        ("1/x", "infinite at 0"),
    ],
)
def test_no_verdict_without_a_leading_part(expression: str, reason: str):
    for found in out_of_scope(expression):
        assert reason in found


def test_a_constant_target_prefers_no_direction_for_sigmoid():
    assert "y is constant" in out_of_scope("sigmoid(x)", (X, np.ones(40)))[0]


@pytest.mark.parametrize("rows", [40, 41, 47, 1000])
def test_rounding_of_the_mean_is_no_target(rows: int):
    # (y − mean of y) is 1e-17 in some of these and 0 in others
    x, y = np.linspace(-1, 1.5, rows), np.full(rows, 0.1)
    for reason in out_of_scope("sigmoid(x)", (x, y)):
        assert "y is constant" in reason


def test_a_constant_target_has_an_orientation_for_tanh():
    # v = (1/n) Σ yᵢ(xᵢ, 1) = 2 (0.25, 1): one line, at arctan(1/0.25) and beyond
    check = check_activation("tanh(x)", (X, np.full(40, 2.0)), train=False)
    assert not check.verdicts
    angles = {d.sign: d.angle_degrees for d in check.optimizers["gd"].predicted}
    mean = np.degrees(np.arctan2(1, X.mean()))
    assert angles == pytest.approx({1: mean, -1: mean + 180}, abs=1e-5)


@pytest.mark.parametrize(("x", "y"), [(1e200, 1.0), (1.0, 1e-300), (1.0, 1e300)])
def test_sizes_beyond_double_precision_are_refused(x: float, y: float):
    with pytest.raises(DataError, match="rescale"):
        check_activation("x**2*tanh(x)", (x * X, y * np.sin(3 * X)), train=False)


def test_a_million_rows(tmp_path):
    path = tmp_path / "million.csv"
    path.write_text("x1,y\n" + "0.5,2\n-1,3\n1.25,-1\n0.1,2\n" * 250_000)
    start = time.process_time()
    check = check_activation("tanh(x)", path, train=False)
    assert time.process_time() - start < 8  # 0.3 s when this was written
    assert "2000 rows drawn at random from 1000000" in check.notes[0]


def test_adam_with_an_offset_is_out_of_scope():
    (reason,) = out_of_scope("sigmoid(x)", optimizers=["adam"])
    assert "degenerate" in reason


def test_what_is_no_input():
    with pytest.raises(ActivationError):
        check_activation("__import__('os')", train=False)
    with pytest.raises(DataError, match="not finite"):
        check_activation("tanh(x)", (X, np.full(40, np.nan)), train=False)
    with pytest.raises(DataError, match="shape"):
        check_activation("tanh(x)", (X, X[:3]), train=False)
    with pytest.raises(CheckError, match="sgd"):
        check_activation("tanh(x)", optimizers=["sgd"], train=False)


@pytest.mark.parametrize("name", ["alpha", "limit", "epsilon"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -1.0])
def test_numbers_out_of_range_are_refused(name: str, value: float):
    options: dict[str, Any] = {name: value}
    with pytest.raises(CheckError, match=f"{name} is a number "):
        check_activation("tanh(x)", train=False, **options)
    given = f"--{name}={value}"
    asked = ["activation", "--no-train", "tanh(x)"], ["run", "condensation.bound-1d", "--dry-run"]
    for command in asked if name == "alpha" else asked[:1]:
        result = CliRunner().invoke(cli, [*command, given])
        assert result.exit_code == 2
        assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [["x.__class__"], ["tanh(x)", "--data", "missing.csv"], ["tanh(x)", "--pdf", "no/such/f.pdf"]],
)
def test_bad_input_is_one_line_and_status_2(arguments: list[str]):
    result = CliRunner().invoke(cli, ["activation", "--no-train", *arguments])
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", ["[bold]a[/].csv", "two\nlines.csv", "\x1b[31mred.csv"])
def test_bad_data_is_one_printable_line_whatever_its_name(tmp_path, monkeypatch, name: str):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("x1,y\n1,one\n")
    result = CliRunner().invoke(cli, ["activation", "tanh(x)", "--no-train", "--data", name])
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert "row 1, column 'y': 'one' is not a number" in result.output
    assert result.output.strip().isprintable()
    if "[bold]" in name:
        assert name in result.output
