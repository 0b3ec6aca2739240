"""Without training: seconds for an expression, also on data of the size of scikit-learn's diabetes.

In processes of their own, without the checks of shapes that tests run with. Limits are on processor
time, in units of what tanh(x), which has nothing to search for, takes on the same machine.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from theory.symbolic.functions import ActivationError
from validate import check_activation
from validate.__main__ import cli
from validate.activation import check

ROOT = Path(__file__).parents[3]
TIMES = 8.0  # the most that an expression may take, in times of tanh(x): 5.3 was measured


def run(*arguments: str) -> float:
    """Seconds of processor time of the command."""
    command = [sys.executable, "-m", "validate", "activation", "--no-train", "--json", *arguments]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    """442 rows of 10 inputs, and a target that is far from centered."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((442, 10))
    y = 150 + x @ rng.standard_normal(10) + 5 * rng.standard_normal(442)
    path = tmp_path_factory.mktemp("tables") / "large.csv"
    names = ",".join([*(f"x{k}" for k in range(1, 11)), "y"])
    np.savetxt(path, np.column_stack([x, y]), delimiter=",", header=names, comments="")
    return path


@pytest.fixture(scope="module")
def limit(table: Path) -> float:
    """Seconds that an expression may take."""
    return TIMES * min(run("tanh(x)", "--data", str(table)) for _ in range(2))


@pytest.mark.parametrize("text", ["relu(x)", "abs(x)", "relu(x)**2", "x**3*tanh(x)"])
def test_many_inputs(table: Path, text: str, limit: float):
    assert run(text, "--data", str(table)) < limit


@pytest.mark.parametrize("text", ["max(0,x)**3", "where(x<0, 0.25*x**3, 1.5*x**2)", "airyai(x)"])
def test_the_slowest_of_the_published_ones(text: str, limit: float):
    assert run(text) < limit


def test_a_prediction_has_a_limit_and_says_so(table: Path, monkeypatch):
    monkeypatch.setattr(check, "MAX_SECONDS", 0.2)
    found = CliRunner().invoke(
        cli, ["activation", "--no-train", "abs(x) + x**3", "--data", str(table)]
    )
    assert found.exit_code == 2
    assert "the prediction on these data, without training, took longer than" in found.stderr
    assert found.stderr.count("\n") == 1


def test_torch_is_not_imported_for_an_expression():
    code = (
        "import sys; from validate import check_activation; "
        "check_activation('relu(x)', train=False); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


_RNG = np.random.default_rng(0)
WIDE = _RNG.normal(size=(20, 10_000)), _RNG.normal(size=20)


def test_order_1_is_answered_at_once():
    began = time.process_time()
    check = check_activation("tanh(x)", WIDE, train=False, optimizers=["gd"])
    assert time.process_time() - began < 20  # 2 s when this was written, minutes before
    assert not check.verdicts
    mean = WIDE[1] @ np.column_stack([WIDE[0], np.ones(20)])
    found = np.array([at.direction for at in check.optimizers["gd"].predicted])
    np.testing.assert_allclose(np.abs(found @ mean) / np.linalg.norm(mean), 1.0)


@pytest.mark.parametrize("expression", ["x*tanh(x)", "x**2*tanh(x)", "relu(x)**2"])
@pytest.mark.parametrize("optimizer", ["gd", "adam"])
def test_higher_orders_say_how_many_are_accepted(expression: str, optimizer: str):
    began = time.process_time()
    with pytest.raises(ActivationError, match=r"10001 weights .* at most \d+ are accepted"):
        check_activation(expression, WIDE, train=False, optimizers=[optimizer])
    assert time.process_time() - began < 10
