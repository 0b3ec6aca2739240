"""Gradients of ensembles in machine code against those in torch calls."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sim.native import EAGER
from sim.native.training import NativeTraining
from sim.networks import gradients as choosing
from sim.networks.ensemble import Data, Sigma, Stop, Weights, monomials
from sim.networks.gradients import gradients, gradients_of, runs_natively
from sim.networks.training import Clock, adam, descend
from tests.sim.activation.test_compiled import FUNCTIONS, build
from theory.symbolic.activation import activation

COUPLED = pytest.mark.parametrize("coupled", [True, False])


def problem(
    sets: int, samples: int, inputs: int, neurons: int, dtype: torch.dtype, size: float = 0.3
) -> tuple[Data, Weights]:
    generator = torch.Generator().manual_seed(samples + 100 * neurons)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, dtype=dtype, generator=generator)

    x, y = drawn(sets, samples, inputs), drawn(sets, samples)
    weights = Weights(size * drawn(sets, neurons, inputs), size * drawn(sets, neurons))
    return Data(x, y, monomials(x, 1)), weights


@COUPLED
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@settings(max_examples=40, deadline=None)
@given(
    sets=st.integers(1, 4),
    samples=st.integers(1, 19),
    inputs=st.integers(1, 9),
    neurons=st.integers(1, 37),
    text=st.sampled_from(["x*tanh(x)+0.3*exp(x)", "0.5*(1+x/abs(x))*x"]),
)
def test_any_size(coupled, dtype, text, sets, samples, inputs, neurons):
    """What only fills up must not count: not where σ(0) ≠ 0, nor where it is not a number."""
    data, weights = problem(sets, samples, inputs, neurons, dtype)
    sigma = build(text)
    expected = gradients(sigma, data, weights, coupled)
    found = NativeTraining(sigma, data.x, data.y, coupled).gradients(weights.w, weights.a, True)
    close = (1e-12, 1e-13) if dtype == torch.float64 else (1e-4, 1e-5)
    for mine, torchs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, torchs, rtol=close[0], atol=close[1])


@COUPLED
def test_a_network_does_not_see_the_others(coupled: bool):
    data, weights = problem(5, 11, 3, 21, torch.float64)
    sigma = build("gelu(x)")
    whole = NativeTraining(sigma, data.x, data.y, coupled).gradients(weights.w, weights.a, True)
    for i in range(5):
        here = slice(i, i + 1)
        part = NativeTraining(sigma, data.x[here], data.y[here], coupled).gradients
        for one, every in zip(part(weights.w[here], weights.a[here], True), whole, strict=True):
            assert one is not None
            assert every is not None
            assert torch.equal(one, every[here])
    if not coupled:  # nor a neuron its place among them
        order = torch.randperm(21, generator=torch.Generator().manual_seed(0))
        moved = NativeTraining(sigma, data.x, data.y, False).gradients
        dw, da, _, _ = moved(weights.w[:, order], weights.a[:, order], False)
        assert torch.equal(dw, whole[0][:, order])
        assert torch.equal(da, whole[1][:, order])


def trained(sigma: Sigma, how: str, turned: bool = False) -> Tensor:
    """Weights after a hundred steps from small ones, with the samples in order or turned around."""
    data, start = problem(3, 41, 2, 30, torch.float64, size=1e-3)
    if turned:
        data = Data(data.x.flip(1), data.y.flip(1), data.features.flip(1))
    stop = Stop(moment_ratio=1e9, amplitude=1e9, steps=100)
    if how == "adam":
        end = adam(sigma, data, start, rate=1e-5, eps=1e-20, stop=stop)
    else:
        wide = how == "wide"
        clock = Clock.NETWORK if wide else Clock.NEURON
        protocol = {"step": 0.04, "clock": clock, "coupled": wide, "stop": stop, "longest": 0.02}
        end = descend(sigma, data, start, **protocol)
    return torch.cat([end.weights.w, end.weights.a[..., None]], -1)


def distance(one: Tensor, other: Tensor) -> float:
    """Largest difference of a neuron's weights, over their norm."""
    return float(((one - other).norm(dim=-1) / other.norm(dim=-1)).max())


# just outside the series near 0 its formula has so many digits, by torch and by us
DIGITS = {"tanhshrink(x)": 1e-11}
IN_SCOPE = [text for text in FUNCTIONS if activation(text).multiplicity is not None]


@pytest.mark.parametrize("how", ["wide", "single", "adam"])
@pytest.mark.parametrize("text", IN_SCOPE)
def test_a_hundred_steps_end_in_the_same_place(text: str, how: str, monkeypatch):
    """Adam divides by a gradient's size: where samples cancel, their order matters to torch too."""
    sigma = build(text)
    native = trained(sigma, how)
    monkeypatch.setenv(EAGER, "1")
    eager = trained(sigma, how)
    rounding = distance(trained(sigma, how, turned=True), eager) if how == "adam" else 0.0
    assert distance(native, eager) <= max(DIGITS.get(text, 1e-12), 3 * rounding)


def test_what_runs_is_decided_by_activation_device_and_type(monkeypatch: pytest.MonkeyPatch):
    x, sigma = torch.zeros(1, 4, 2, dtype=torch.float64), build("tanh(x)")
    assert runs_natively(sigma, x)
    assert runs_natively(sigma, x.float())
    assert not runs_natively(sigma, x.half())
    assert not runs_natively(sigma, x.to("meta"))
    assert not runs_natively(lambda z: (z, z), x)
    monkeypatch.setattr(choosing, "compiler", lambda: None)
    assert not runs_natively(sigma, x)
    data = Data(x + 1, x[..., 0], x)
    weights = Weights(torch.ones(1, 3, 2).double(), torch.ones(1, 3).double())
    assert gradients_of(sigma, data, True)(weights, True).outputs.shape == (1, 1, 4)
