"""Methods: what a run assumes must hold for data of any scale."""

import itertools

import pytest
import torch

from sim.activation.compiled import compile as compile_activation
from sim.condensation.methods import TYPICAL_NORM, Method, method
from sim.networks.ensemble import Data, Weights
from sim.networks.gradients import gradients
from theory.condensation.forms.leading_form import Geometry
from theory.symbolic.activation import activation
from theory.symbolic.leading_part import LeadingPart, leading_part

TEXTS = ["tanh(x)", "x*tanh(x)", "x**2*tanh(x)", "x**5*tanh(x)", "relu(x)", "sigmoid(x)"]


def chosen(text: str, optimizer, norm: float = TYPICAL_NORM, amplitude: float = 0.2) -> Method:
    described = activation(text)
    return method(
        optimizer,
        leading_part(described),
        centered=bool(described.value_at_zero),
        norm=norm,
        amplitude=amplitude,
    )


@pytest.mark.parametrize("text", TEXTS)
def test_rescaled_inputs_with_rescaled_weights_are_the_same_run(text: str):
    # σ sees w·x only: ten times larger inputs need ten times smaller weights, and nothing else.
    # Where Adam moves by its rate, the rate is a length of weights too.
    for optimizer in ("gd", "adam"):
        one, ten = chosen(text, optimizer), chosen(text, optimizer, norm=10 * TYPICAL_NORM)
        assert ten.epsilon == pytest.approx(one.epsilon / 10)
        scale = 10 if optimizer == "adam" else 1
        assert ten.step == pytest.approx(one.step / scale)
        assert (ten.neurons, ten.wide, ten.steps) == (one.neurons, one.wide, one.steps)
        assert ten.amplitude == one.amplitude


@pytest.mark.parametrize(("text", "optimizer"), [*itertools.product(TEXTS, ["gd", "adam"])])
def test_weights_have_room_to_grow_before_the_run_stops(text: str, optimizer):
    for norm, amplitude in itertools.product([0.1, 2.0, 1e4], [0.2, 0.003]):
        settings = chosen(text, optimizer, norm, amplitude)
        # |w·x| ≤ |w| norm starts at about ε norm √D and ends at the amplitude
        assert amplitude / (settings.epsilon * norm) >= 900


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("norm", "size"), [(0.1, 1.0), (2.0, 1.0), (2.0, 1e-8), (100.0, 1.0)])
def test_adams_eps_is_far_below_the_first_gradients(text: str, norm: float, size: float):
    described = activation(text)
    settings = method("adam", leading_part(described), norm=norm, size=size)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1, 40, 3, dtype=torch.float64, generator=generator)
    x *= norm / x.norm(dim=-1).max()
    y = torch.randn(1, 40, dtype=torch.float64, generator=generator) * size
    drawn = torch.randn(1, 200, 4, dtype=torch.float64, generator=generator) * settings.epsilon
    weights = Weights(drawn[..., :3].contiguous(), drawn[..., 3].contiguous())
    sigma = compile_activation(described)
    dw, da, *_ = gradients(sigma, Data(x, y, x), weights, coupled=True)
    assert settings.adam_eps < 1e-3 * float(dw.abs().median())
    assert settings.adam_eps < 1e-3 * float(da.abs().median())


def test_which_networks_are_wide():
    # one rate for all neurons: exponential growth of a smooth order 1, the mean that is fitted
    # together, Adam's equal steps; elsewhere the fastest neuron would win
    wide = {text: chosen(text, "gd").wide for text in TEXTS}
    assert [text for text in TEXTS if wide[text]] == ["tanh(x)", "sigmoid(x)"]
    assert all(chosen(text, "adam").wide for text in TEXTS)
    assert chosen("tanh(x)", "adam").geometry is Geometry.LINF
    assert chosen("tanh(x)", "gd").geometry is Geometry.L2
    assert method("gd", LeadingPart(1, 1.0, -1.0), neurons=7).neurons == 7
