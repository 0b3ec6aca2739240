"""Inputs that once got a wrong or misleading answer, by the command: each is an example of a kind.

Their leading parts are in `tests/theory/symbolic/test_odd_places.py` and
`tests/sim/activation/test_numerical.py`, trained ones in `test_differing_orders.py`.
"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from validate.__main__ import cli

ROOT = Path(__file__).parents[2]
FUNCTIONS = """
import torch
def first(x): return torch.exp(x) - 1 - x
def second(x): return 1 - torch.cos(x) + x**4
"""


def checked(*arguments: str) -> dict:
    found = CliRunner().invoke(cli, ["activation", "--no-train", "--json", *arguments])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def refused(*arguments: str) -> str:
    found = CliRunner().invoke(cli, ["activation", "--no-train", *arguments])
    assert found.exit_code == 2
    assert found.stderr.count("\n") == 1
    return found.stderr


@pytest.mark.parametrize("name", ["first", "second"])
def test_callables_that_cancel_have_the_order_that_is_seen_beyond(
    name: str, tmp_path: Path, monkeypatch
):
    (tmp_path / "case_functions.py").write_text(FUNCTIONS)
    monkeypatch.syspath_prepend(str(tmp_path))
    data = checked("--torch", f"case_functions:{name}")
    assert (data["multiplicity"], data["right"]["coefficient"]) == (2, 0.5)
    assert any("lost in rounding" in note for note in data["notes"])


@pytest.mark.parametrize("text", ["x*log(abs(x))", "x*sin(1/x)"])
def test_a_limit_without_a_power(text: str):
    data = checked(text)
    assert data["value_at_zero"] == 0
    assert data["multiplicity"] is None


def test_what_has_no_limit_says_so_or_that_it_is_not_determined():
    shown = CliRunner().invoke(cli, ["activation", "--no-train", "sin(1/x)"]).stdout
    assert "σ(0) = not determined" in shown or "σ(0) = no limit" in shown


def test_the_same_function_as_expression_and_as_callable():
    data = checked("x*atan(1/x)")
    for side in ("right", "left"):
        assert data[side]["coefficient"] == pytest.approx(1.5707963267948966, rel=1e-12)


def test_a_tiny_linear_term_governs():
    data = checked("1e-6*x + x**2")
    assert (data["multiplicity"], data["right"]["coefficient"]) == (1, 1e-6)


def test_literals_are_exact():
    data = checked("1.00000000000000000001*x - tanh(x)")
    assert (data["multiplicity"], data["right"]["coefficient"]) == (1, pytest.approx(1e-20))


def test_gelu_where_its_leading_form_vanishes():
    """On y = x² − mean order 2 governs under gradient descent: 0° and 180°, both +."""
    path = ROOT / "data" / "centered_square.csv"
    data = checked("gelu(x)", "--optimizer", "gd", "--data", str(path))
    assert data["effective_order"] == 2
    assert data["verdicts"] == []
    found = {
        (round(d["angle_degrees"], 6), d["sign"]) for d in data["optimizers"]["gd"]["predicted"]
    }
    assert found == {(0.0, 1), (180.0, 1)}


def test_division_by_a_parameter_that_is_zero():
    assert "divides by its alpha" in refused("celu(x,0)")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("torch.special:bessel_j0", "is not differentiable by autograd"),
        ("torch.nn:Dropout", "is random in training"),
        ("torch.nn:RReLU", "is random in training"),
        ("torch.nn:Linear(3, 1)", "is a network or a layer of one"),
        ("torch.nn:Sequential", "is a network without layers"),
    ],
)
def test_callables_that_are_no_activations(name: str, reason: str):
    assert reason in refused("--torch", name)


def test_a_learnable_parameter_is_told():
    data = checked("--torch", "torch.nn:PReLU")
    assert "the parameter is not trained but kept fixed: weight = 0.25" in data["notes"]
