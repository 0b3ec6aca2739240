"""The activation checker for torch callables: as for an expression, by name or in hand.

Trainings are of few single networks for every seed. Verdicts of a fixed seed and code are certain.
"""

import json
import sys

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from theory.symbolic.functions import ActivationError
from validate import check_activation
from validate.__main__ import cli
from validate.activation import training as activation_training
from validate.activation.errors import TrainingError
from validate.results.activation import ActivationCheck
from validate.results.records import Verdict

USER = """
import multiprocessing, os, sys, torch
if "json" in os.environ.get("AT_SHOUT", ""):
    print("printed at import")
def cubic(x): return x**2 * torch.tanh(x)
def quartic_that_loses_digits(x): return torch.exp(x) - 1 - x - x**2 / 2 - x**3 / 6
def elsewhere(x):
    if multiprocessing.parent_process() is not None: raise RuntimeError("not in this process")
    return torch.tanh(x)
def ends_workers(x):
    if multiprocessing.parent_process() is not None: os._exit(7)
    return torch.tanh(x)
calls = []
def leaves_workers(x):
    calls.append(1)
    if multiprocessing.parent_process() is not None and len(calls) > 500: sys.exit(0)
    return torch.tanh(x)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with a module of the user's, which is not on the path before."""
    (tmp_path / "at_user.py").write_text(USER)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # for workers
    return tmp_path


@pytest.fixture
def few(monkeypatch):
    """Little training: 3 blocks in place of 9."""
    monkeypatch.setattr(activation_training, "BLOCKS", 3)


def run(*arguments: str):
    return CliRunner().invoke(cli, ["activation", *arguments])


def known(check: ActivationCheck) -> dict:
    """What does not depend on how the activation was given: values may have lost digits."""
    data = check.to_data()
    data["notes"] = [note for note in data["notes"] if "lost in rounding" not in note]
    return {key: data[key] for key in data if key not in ("expression", "reproduce", "seconds")}


@pytest.mark.parametrize(
    ("function", "expression"),
    [
        (torch.nn.Mish, "mish(x)"),
        (torch.nn.functional.gelu, "gelu(x)"),
        (torch.nn.Softplus(), "softplus(x)"),
        (torch.relu, "relu(x)"),
        (lambda x: x**2 * torch.tanh(x), "x**2*tanh(x)"),
    ],
)
def test_without_training_all_is_as_for_the_expression(function, expression: str):
    found = check_activation(function, train=False)
    assert known(found) == known(check_activation(expression, train=False))


def test_several_inputs_use_the_next_order_as_for_the_expression():
    rng = np.random.default_rng(3)
    data = rng.normal(size=(30, 3)), rng.normal(size=30)
    found = check_activation(torch.tanh, data, train=False)
    assert known(found) == known(check_activation("tanh(x)", data, train=False))


def test_what_is_not_known_is_said():
    x = np.linspace(-1, 1, 21)
    lower = np.stack([np.ones(21), x, x**2, x**3], 1)
    y = x**4 - lower @ np.linalg.lstsq(lower, x**4)[0]  # leading forms up to order 3 vanish
    (reason,) = {v.reason for v in check_activation(torch.tanh, (x, y), train=False).verdicts}
    assert "acts before the data" in reason
    found = check_activation(torch.nn.Tanhshrink(), (x, y), train=False)
    assert ["the next order is not known" in v.reason for v in found.verdicts] == [True, True]
    assert any("is not known in float64" in note for note in found.notes)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: x.abs().sqrt(), "1/2"),
        (torch.sign, "discontinuous at 0"),
        (torch.zeros_like, "constant"),
    ],
)
def test_out_of_scope_with_the_reason(function, reason: str):
    found = check_activation(function, train=False)
    assert [v.verdict for v in found.verdicts] == [Verdict.OUT_OF_SCOPE] * 2
    assert all(reason in v.reason for v in found.verdicts)


def test_a_string_is_an_expression_and_never_imported():
    with pytest.raises(ActivationError):
        check_activation("torch.nn:Mish", train=False)


def test_callables_in_hand_are_trained_in_this_process(few):
    scale = 1.0
    found = check_activation(lambda x: scale * torch.sin(x), optimizers=["gd"])
    named = [v for v in found.verdicts if v.name.startswith("orientations")]
    assert [v.verdict for v in named] == [Verdict.INCONCLUSIVE]  # 24 seeds decide nothing …
    assert "24 of 24" in named[0].reason  # … but all are as predicted
    assert "check_activation" in found.reproduce


@pytest.mark.parametrize("optimizer", ["gd", "adam"])
def test_training_in_other_processes_is_that_of_the_expression(folder, few, optimizer: str):
    result = run(
        *("--torch", "at_user:cubic", "--optimizer", optimizer, "--workers", "1"),
        *("--json", "--pdf", str(folder / "a.pdf")),
    )
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert data["expression"] == "at_user:cubic"
    assert (data["multiplicity"], data["right"]["coefficient"]) == (3, 1.0)
    (first, bound) = data["verdicts"]
    assert "24 of 24" in first["reason"]
    assert "0 of 24" in bound["reason"]
    assert "--torch at_user:cubic" in data["reproduce"]
    assert (folder / "a.pdf").read_bytes().startswith(b"%PDF")


def test_lost_digits_are_out_of_scope(folder):
    found = run("--torch", "at_user:quartic_that_loses_digits", "--optimizer", "gd", "--json")
    assert found.exit_code == 0, found.output
    verdicts = json.loads(found.stdout)["verdicts"]
    assert {v["verdict"] for v in verdicts} == {"OUT_OF_SCOPE"}
    assert "lost" in verdicts[0]["reason"]


def test_names_and_expressions_in_one_table(folder, monkeypatch):
    monkeypatch.setenv("AT_SHOUT", "json")
    sys.modules.pop("at_user", None)
    several = ("tanh(x)", "--torch", "torch.nn:Mish", "--torch", "at_user:cubic", "--no-train")
    result = run(*several, "--json")
    names = [one["expression"] for one in json.loads(result.stdout)]
    assert names == ["tanh(x)", "torch.nn:Mish", "at_user:cubic"]
    shown = run(*several)
    assert shown.exit_code == 0
    assert all(name in shown.stdout for name in names)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--torch", "torch.nn:Missing"],
        ["--torch", "nowhere_at_all:f"],
        ["--torch", "tanh(x)"],
        ["--torch", "torch.nn:Softmax"],
        ["--torch", "torch.nn:Linear"],
    ],
)
def test_bad_names_are_one_line_and_status_2(arguments: list[str]):
    result = run("--no-train", *arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert result.stdout == ""
    if arguments:
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("elsewhere", "not in this process"),
        ("ends_workers", "a worker process ended"),
        ("leaves_workers", "training failed: SystemExit: 0"),
    ],
)
def test_what_fails_in_training_only_is_one_line(folder, name: str, message: str):
    result = run("--torch", f"at_user:{name}", "--optimizer", "gd", "--workers", "1")
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


class _SilentError(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")


@pytest.mark.parametrize("error", [SystemExit(0), RuntimeError("late"), _SilentError()])
def test_what_fails_at_any_later_call_in_this_process_is_one_error(few, error: BaseException):
    for calls in (72, 85, 500):  # of the derivative, before training, in training
        left = [calls]

        def late(x: torch.Tensor, left: list[int] = left) -> torch.Tensor:
            left[0] -= 1
            if left[0] < 0:
                raise error
            return torch.tanh(x)

        with pytest.raises((ActivationError, TrainingError), match=type(error).__name__):
            check_activation(late, optimizers=["gd"])


def test_parameters_of_a_module_are_a_note():
    found = run("--torch", "torch.nn:PReLU(init=0.5)", "--no-train", "--json")
    assert found.exit_code == 0, found.output
    data = json.loads(found.stdout)
    assert "the parameter is not trained but kept fixed: weight = 0.5" in data["notes"]
    assert data["left"] == {"order": 1, "coefficient": -0.5}
    assert "--torch 'torch.nn:PReLU(init=0.5)'" in data["reproduce"]
    assert not any("kept fixed" in note for note in check_activation("x", train=False).notes)
