"""Modules that are no activation: random in training, networks; parameters that are kept fixed."""

import pytest
import torch
from torch import nn

from sim.activation.torch_callable import in_hand, resolve
from theory.symbolic.functions import ActivationError


class Noisy(nn.Module):
    """Random in training, by no module that torch has."""

    def forward(self, x):
        return torch.tanh(x) + (1e-3 * torch.randn_like(x) if self.training else 0)


class Annealed(nn.Module):
    """Another function in training."""

    def forward(self, x):
        return torch.tanh(x) if self.training else torch.tanh(2 * x)


class Elementwise(nn.Module):
    """A learned function of one number, by layers that see one number at a time."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1))

    def forward(self, x):
        return self.layers(x.unsqueeze(-1)).squeeze(-1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("torch.nn:Dropout", "Dropout"),
        ("torch.nn:Dropout(0.001)", "Dropout"),
        ("torch.nn:AlphaDropout", "AlphaDropout"),
        ("torch.nn:RReLU", "RReLU"),
    ],
)
def test_random_modules_are_refused_by_name(text: str, kind: str):
    with pytest.raises(ActivationError, match=rf"is random in training \({kind}\)"):
        resolve(text)


def test_modules_that_draw_nothing_are_not_random():
    assert float(resolve("torch.nn:RReLU(0.5, 0.5)").value_only(-torch.ones(1))) == -0.5
    assert float(resolve("torch.nn:Dropout(p=0)").value_only(-torch.ones(1))) == -1


def test_what_training_mode_does_is_tried_and_the_random_state_kept():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    with pytest.raises(ActivationError, match="random in training: it gives different values"):
        in_hand(Noisy())
    assert torch.equal(torch.rand(1), expected)
    with pytest.raises(ActivationError, match="another function in training mode"):
        in_hand(Annealed())
    with pytest.raises(ActivationError, match=r"random in training \(Dropout\)"):
        in_hand(nn.Sequential(nn.Tanh(), nn.Dropout(0.1)))


@pytest.mark.parametrize(
    "text",
    [
        *("torch.nn:Linear", "torch.nn:Linear(1, 1)", "torch.nn:LSTM", "torch.nn:Transformer"),
        *("torch.nn:BatchNorm1d", "torch.nn:Conv1d(1, 1, 1)", "torch.nn:LayerNorm(5)"),
    ],
)
def test_layers_of_networks_are_said_to_be_such(text: str):
    with pytest.raises(ActivationError, match="is a network or a layer of one"):
        resolve(text)


def test_networks_are_said_to_be_such():
    with pytest.raises(ActivationError, match=r"is a network or a layer of one \(Linear\)"):
        in_hand(nn.Sequential(nn.Linear(5, 3), nn.Tanh(), nn.Linear(3, 1)))
    with pytest.raises(ActivationError, match="a network without layers"):
        resolve("torch.nn:Sequential")


def test_activations_one_after_the_other_and_functions_of_one_number_are_accepted():
    assert float(in_hand(nn.Sequential(nn.Tanh(), nn.ReLU())).value_only(-torch.ones(1))) == 0
    assert len(in_hand(Elementwise()).parameters) == 4


def test_parameters_are_told_with_their_values():
    assert resolve("torch.nn:PReLU").parameters == (("weight", "0.25"),)
    assert resolve("torch.nn:Mish").parameters == ()
    assert in_hand(torch.tanh).parameters == ()
    name, shown = in_hand(Elementwise()).parameters[0]
    assert name == "layers.0.weight"
    assert shown.startswith("[")
    assert shown.count(",") == 3
