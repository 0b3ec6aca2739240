"""Activation checks on data where the leading form vanishes: which order governs, and training."""

from pathlib import Path

import numpy as np
import pytest

from sim.condensation.variants.on_data import OnData
from validate import check_activation
from validate.results.activation import ActivationCheck
from validate.results.records import Verdict

pytestmark = pytest.mark.usefixtures("trained_here")

SQUARE = Path(__file__).parents[2] / "data" / "centered_square.csv"  # y = x² − mean, x symmetric
AXIS = np.linspace(-1, 1, 9)
GRID = np.array(np.meshgrid(AXIS, AXIS)).reshape(2, -1).T
XOR = (GRID, GRID[:, 0] * GRID[:, 1])


def verdicts(check: ActivationCheck) -> dict[str, Verdict]:
    return {one.name: one.verdict for one in check.verdicts}


@pytest.mark.parametrize("expression", ["gelu(x)", "silu(x)"])
def test_order_two_governs_on_a_centered_square(expression: str):
    """Of 72 networks nearly all agree, or the verdict would be another: no chance in the start."""
    check = check_activation(expression, SQUARE, optimizers=["gd"])
    (gd,) = check.optimizers.values()
    assert {(round(one.angle_degrees), one.sign) for one in gd.predicted} == {(0, 1), (180, 1)}
    assert len(gd.measured) == 2
    assert set(verdicts(check).values()) == {Verdict.AGREE}
    assert (check.multiplicity, check.effective_order) == (1, 2)
    # w' = 2caw, a' = cw² leaves w² − 2a² and b as they are: the dead start with w² < 2a², a < 0
    assert gd.predicted_dead == pytest.approx(np.arctan(np.sqrt(2)) / np.pi, abs=1e-3)
    # 14,400 neurons: 0.02 is 5 standard errors, below 1e-6
    assert gd.dead_share == pytest.approx(gd.predicted_dead, abs=0.02)


def test_adam_is_not_told_where_order_two_governs_with_a_bias():
    """Σ yᵢ (w·x̃ᵢ) = 0 is the slope of H along the bias: the square has a flat side."""
    check = check_activation("gelu(x)", SQUARE, optimizers=["adam"])
    (verdict,) = check.verdicts
    assert verdict.verdict is Verdict.OUT_OF_SCOPE
    assert "order 2 governs on these data" in verdict.reason
    assert "edge of the square" in verdict.reason


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("tanh(x)", "order 3 is the next that does not"),
        ("tanh(x)", "of degree 2p + 1 = 3 in the weights, the same as the data's"),
        ("x+x**4", "acts before the data"),
        ("x", "acts before the data"),
        ("x+abs(x)**(5/2)", "the next order is not known"),
        ("softplus(x)", "fixed by σ(0) ≠ 0, the same as the data's"),
    ],
)
def test_where_the_own_output_is_felt_nothing_is_predicted(expression: str, reason: str):
    check = check_activation(expression, SQUARE, train=False, optimizers=["gd"])
    (verdict,) = check.verdicts
    assert verdict.verdict is Verdict.OUT_OF_SCOPE
    assert reason in verdict.reason
    assert check.effective_order is None


def test_a_later_order_with_two_sides_is_not_told_under_adam():
    check = check_activation("x+x*abs(x)", SQUARE, train=False, optimizers=["adam"])
    assert "differs between the sides" in check.verdicts[0].reason


def test_the_bound_is_that_of_the_order_that_governs():
    """y = x₁x₂ and GELU: H₁ = 0, H₂ ∝ w₁w₂ has four orientations; 2p = 2 would assume H₁ ≠ 0."""
    found = verdicts(check_activation("gelu(x)", XOR, bias=False, optimizers=["gd"]))
    assert set(found) == {
        "orientations, gradient descent",
        "at most 2q = 4, for order q = 2 governs, gradient descent",
    }
    assert set(found.values()) == {Verdict.AGREE}


def test_the_pages_say_which_order_governs():
    check = check_activation("gelu(x)", SQUARE, train=False, optimizers=["gd"], pages=True)
    assert any("order q = 2 is the first to drive" in step.text for step in check.derivation)
    assert check.to_data()["effective_order"] == 2


def test_settings_are_as_before_where_the_leading_form_governs():
    assert "governing" not in OnData().settings()
    assert OnData(governing=2).settings()["governing"] == 2
    assert OnData(activation="silu(x)").part.order == 1
    assert OnData(activation="silu(x)", governing=2).part.order == 2
