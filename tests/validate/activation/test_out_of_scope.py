"""What is out of scope: trained and shown without a verdict, with the reason and what to do."""

import io
import json
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console
from sklearn.datasets import load_diabetes

from sim.engine.executor import BlockResult
from tests.validate.activation.synthetic_checks import smooth
from validate import check_activation
from validate.__main__ import cli
from validate.activation import training
from validate.activation.telling.text import print_checks
from validate.results.activation import ActivationCheck, NamedVerdict
from validate.results.records import Verdict

pytestmark = pytest.mark.usefixtures("trained_here")

X = np.linspace(-1, 1.5, 20)
DATA = (X, np.sin(3 * X) + 0.3)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Little training: one block."""
    monkeypatch.setattr(training, "BLOCKS_SHOWN", 1)


def check(expression: str, data=DATA, optimizer: str = "gd", **options) -> ActivationCheck:
    return check_activation(expression, data, optimizers=(optimizer,), workers=1, **options)


def test_it_is_trained_and_shown_without_shares_of_a_prediction():
    found = check("exp(-x**2)", optimizer="adam")
    (verdict,) = found.verdicts
    assert verdict.verdict is Verdict.OUT_OF_SCOPE
    assert "trained all the same and shown without a verdict: 8 networks" in verdict.remarks[0]
    one = found.optimizers["adam"]
    assert one.trained
    assert one.measured
    assert all(at.share is None for at in one.predicted)
    assert one.predicted_dead is None


def test_the_terminal_and_json_say_so():
    arguments = ["activation", "sigmoid(x)", "--optimizer", "adam", "--workers", "1", "--json"]
    shown = CliRunner().invoke(cli, arguments)
    assert shown.exit_code == 0, shown.output
    data = json.loads(shown.stdout)
    (remark,) = data["verdicts"][0]["remarks"]
    assert data["optimizers"]["adam"]["measured"]
    stream = io.StringIO()
    verdict = NamedVerdict(
        name="n", verdict=Verdict.OUT_OF_SCOPE, reason="r", optimizer="adam", remarks=(remark,)
    )
    print_checks(
        [smooth().model_copy(update={"verdicts": (verdict,)})], Console(file=stream, width=300)
    )
    assert remark in stream.getvalue()


def test_no_train_trains_nothing():
    found = check("sigmoid(x)", optimizer="adam", train=False)
    assert found.verdicts[0].remarks == ()
    assert not found.optimizers["adam"].trained


def test_beyond_the_limit_it_is_not_trained_and_said_so():
    found = check("sigmoid(x)", optimizer="adam", limit=0.0)
    assert "not trained: it would take about" in found.verdicts[0].remarks[0]
    assert not found.optimizers["adam"].trained


def test_where_nothing_small_grows_nothing_is_trained():
    found = check("sqrt(abs(x))")
    assert found.verdicts[0].verdict is Verdict.OUT_OF_SCOPE
    assert not found.optimizers["gd"].trained


def test_training_that_fails_leaves_the_reason(monkeypatch):
    monkeypatch.setattr(
        training, "_blocks", lambda *_: iter([("adam", 0, BlockResult(b"", 0.0, "ValueError: no"))])
    )
    found = check("sigmoid(x)", optimizer="adam")
    assert found.verdicts[0].remarks == ("not trained: training failed: ValueError: no",)


@pytest.mark.parametrize("expression", ["relu(x)", "tanh(x)", "sigmoid(x)"])
def test_y_is_zero(expression: str):
    found = check(expression, (X, np.zeros(20)), train=False)
    assert found.verdicts[0].reason == "y is zero: no direction is preferred"


def test_inputs_are_zero():
    found = check("tanh(x)", (np.zeros(20), X), train=False, bias=False)
    assert "all inputs are zero" in found.verdicts[0].reason


def diabetes() -> tuple[np.ndarray, np.ndarray]:
    """442 rows with 10 inputs of size 1/21."""
    loaded: Any = load_diabetes()
    return np.asarray(loaded.data), np.asarray(loaded.target)


def test_a_line_that_is_the_bias_is_said_to_be_one():
    found = check("tanh(x)", diabetes(), train=False)
    note = "y is not centered: the line is the bias; subtract the mean (152.1)"
    assert any(note in one for one in found.notes)
    x, y = diabetes()
    centered = check("tanh(x)", (x, y - y.mean()), train=False)
    assert not any("the line is the bias" in one for one in centered.notes)


def test_adam_is_told_what_helps():
    """Inputs of size 1/21, y of mean 152: the bias outdoes them, or nothing drives it."""
    x, y = diabetes()
    for target in (y, y - y.mean()):
        (verdict,) = check("tanh(x)", (x, target), optimizer="adam", train=False).verdicts
        assert verdict.reason.startswith(
            "leave the bias out (--no-bias): Adam's square is degenerate on these data"
        )
    assert not check("tanh(x)", (x, y), "adam", bias=False, train=False).verdicts


def test_adam_is_told_to_standardize():
    x, y = two_scales()
    (verdict,) = check("tanh(x)", (x, y), optimizer="adam", train=False).verdicts
    assert verdict.reason.startswith("standardize the inputs: Adam's square is degenerate")
    scaled = (x - x.mean(0)) / x.std(0)
    assert not check("tanh(x)", (scaled, y), optimizer="adam", train=False).verdicts


def two_scales() -> tuple[np.ndarray, np.ndarray]:
    """Inputs of sizes 1 and 1/100, both of which y follows."""
    x = np.random.default_rng(0).standard_normal((60, 2))
    return x * [1, 0.01], x[:, 0] + x[:, 1] + 1
