"""Activations whose sides have leading parts of different orders: the lower one governs.

The command's own verdict on "relu + x^2" is compared with coupled networks in
`tests/independent/test_coupled_network.py`.
"""

import pytest
import torch

from sim.condensation.targets import two_sines
from sim.condensation.variants.on_data import OnData
from sim.networks.ensemble import Faded, Weights
from sim.networks.gradients import Slopes
from sim.networks.training import has_faded
from theory.symbolic.activation import activation
from validate import check_activation
from validate.activation import training
from validate.results.records import Verdict

pytestmark = pytest.mark.usefixtures("trained_here")

QUADRATIC = "Piecewise((x, x>0), (x**2, True))"


@pytest.mark.parametrize(
    ("text", "differ"),
    [
        (QUADRATIC, True),
        ("tanh(x**2)+relu(x)", True),
        ("relu(x)", False),  # a side that is zero has no order
        ("x*abs(x)", False),
        ("tanh(x)", False),
    ],
)
def test_whether_orders_differ(text: str, differ: bool):
    assert activation(text).orders_differ is differ
    found = OnData(activation=text, given=two_sines()).faded()
    assert (found is not None and found.growing) is differ


def test_neurons_at_the_side_of_the_higher_order_stay():
    check = check_activation(QUADRATIC, optimizers=("gd",), workers=1)
    assert check.verdicts[0].verdict is Verdict.AGREE, check.verdicts[0].reason
    gd = check.optimizers["gd"]
    assert gd.dead_share == pytest.approx(gd.predicted_dead, abs=0.03)


def test_adam_moves_them_and_is_out_of_scope():
    check = check_activation("where(x<0, 0.25*x**3, 1.5*x**2)", optimizers=("adam",), train=False)
    assert check.verdicts[0].verdict is Verdict.OUT_OF_SCOPE
    assert "the orders of the two sides differ" in check.verdicts[0].reason


def test_a_neuron_at_rest_counts_whether_it_grows_or_shrinks():
    weights = Weights(torch.tensor([[[1.0, 0.0]] * 3]), torch.ones(1, 3))
    forces = torch.tensor([[1e-4, -1e-4, 0.5]])  # two at rest, one that grows; the second shrinks
    slopes = Slopes(forces[..., None] * weights.w, forces, torch.zeros(1, 3, 2), torch.ones(1, 3))
    both = Faded(1, 1e-3, 1e-3, growing=True)
    assert has_faded(both, weights, slopes).tolist() == [[True, True, False]]
    assert has_faded(Faded(1, 1e-3, 1e-3), weights, slopes).tolist() == [[False, True, False]]


@pytest.mark.parametrize(
    "given",
    ["tanh(x**2)+relu(x)", "where(x > 0, -x**3, x)", lambda x: torch.where(x > 0, x, x**2)],
    ids=["sum", "left", "callable"],
)
def test_there_are_the_predicted_orientations_and_no_others(monkeypatch, given):
    """16 networks of a fixed seed: certain."""
    monkeypatch.setattr(training, "BLOCKS", 2)
    check = check_activation(given, optimizers=["gd"], workers=1)
    assert "16 of 16" in check.verdicts[0].reason
    assert any("orders of the sides differ" in note for note in check.notes)


def test_one_order_has_no_such_note():
    assert not any("orders" in note for note in check_activation("relu(x)", train=False).notes)
