"""Orders that differ between the sides of 0: neurons of the higher order stay where they were.

Trainings are of few networks of a fixed seed; their verdicts are certain.
"""

import pytest
import torch
from torch import Tensor

from sim.condensation.targets import two_sines
from validate import check_activation
from validate.activation import training as activation_training

PIECES = "Piecewise((x,x>0),(x**2,True))"


@pytest.fixture
def few(monkeypatch):
    """Little training: 2 blocks in place of 9."""
    monkeypatch.setattr(activation_training, "BLOCKS", 2)


@pytest.mark.parametrize(
    "given",
    [
        *(PIECES, "tanh(x**2)+relu(x)", "where(x > 0, -x**3, x)"),
        lambda x: torch.where(x > 0, x, x**2),
    ],
    ids=["pieces", "sum", "left", "callable"],
)
def test_there_are_the_predicted_orientations_and_no_others(few, given):
    found = check_activation(given, optimizers=["gd"], workers=1)
    (verdict,) = found.verdicts
    assert "16 of 16" in verdict.reason
    one = found.optimizers["gd"]
    assert len(one.measured) == len(one.predicted)
    assert one.dead_share == pytest.approx(one.predicted_dead, abs=0.06)
    assert any("orders of the sides differ" in note for note in found.notes)


def test_one_order_has_no_such_note():
    assert not any("orders" in note for note in check_activation("relu(x)", train=False).notes)


def test_a_network_of_all_neurons_leaves_them_where_they_were():
    """By autograd, from 1e-8, without code of ours: what the rule above stands for."""
    torch.manual_seed(0)
    data = two_sines()
    x, y = torch.tensor(data.augmented), torch.tensor(data.y)
    start, w, a = _trained(lambda z: torch.where(z > 0, z, z**2), x, y)
    only_left = (x @ start.T <= 0).all(0)
    grown = w.norm(dim=1) / start.norm(dim=1)
    assert only_left.double().mean() > 0.1
    assert (grown[only_left] - 1).abs().max() < 1e-4
    angles = torch.rad2deg(torch.atan2(w[:, 1], w[:, 0])) % 360
    predicted = check_activation(PIECES, optimizers=["gd"], train=False).optimizers["gd"].predicted
    for angle, sign in zip(angles[grown > 100], torch.sign(a[grown > 100]), strict=True):
        off = [abs(float(angle) - p.angle_degrees) for p in predicted if p.sign == int(sign)]
        assert min(off) < 10


def _trained(sigma, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Input weights of 200 neurons at first, both when one reaches |w·x| = 0.2."""
    start, a = (1e-8 * torch.randn(200, n, dtype=torch.float64) for n in (2, 1))
    w, a = start, a[:, 0]
    while float((x @ w.T).abs().max()) < 0.2:
        w, a = w.clone().requires_grad_(), a.requires_grad_()
        loss = ((sigma(x @ w.T) @ a - y) ** 2).mean() / 2
        down, sideways = torch.autograd.grad(loss, (w, a))
        w, a = w.detach(), a.detach()
        both = torch.sqrt((w**2).sum(1) + a**2)
        step = 0.04 / max(float((down.norm(dim=1) / w.norm(dim=1)).max()),
                          float((sideways.abs() / both).max()))  # fmt: skip
        w, a = w - step * down, a - step * sideways
    return start, w, a
