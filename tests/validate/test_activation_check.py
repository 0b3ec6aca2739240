"""The activation checker: what it predicts, what it refuses, and one training in full."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from sim.data import DataError
from theory.functions import ActivationError
from validate import check_activation
from validate.__main__ import cli
from validate.activation_check import CheckError
from validate.results import Verdict

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
        assert "next order governs" in reason
        assert "order 3" in reason


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


@pytest.mark.parametrize(
    "arguments",
    [["x.__class__"], ["tanh(x)", "--data", "missing.csv"], ["tanh(x)", "--pdf", "no/such/f.pdf"]],
)
def test_bad_input_is_one_line_and_status_2(arguments: list[str]):
    result = CliRunner().invoke(cli, ["activation", "--no-train", *arguments])
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert "Traceback" not in result.output
