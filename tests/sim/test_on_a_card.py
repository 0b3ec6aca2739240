"""Training on a card is that on the CPU but for rounding: on a real one, and on a pretended one."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from sim.activation.compiled import compile as compile_activation
from sim.activation.torch_callable import resolve
from sim.batchnorm.passage import Passages
from sim.batchnorm.shared import shared_noise
from sim.batchnorm.units import centered, gate_sums, noise_step
from sim.condensation.experiment import Condensation
from sim.condensation.features import features
from sim.experiment import Experiment
from sim.networks.backpropagation import gradients_of
from sim.networks.convolutions import ConvolutionalNetworks, initial_convolutions
from sim.networks.ensemble import Data, Sigma, Stop, Weights
from sim.networks.gradient_flow import Flow, in_parts
from sim.networks.multilayer import Net, Parameters
from sim.networks.multilayer import adam as deep_adam
from sim.networks.optimizers import Optimizers
from sim.networks.perceptrons import Networks, initial
from sim.networks.training import Clock, adam, descend
from theory.symbolic.activation import activation
from theory.symbolic.leading_part import leading_part

SETS, SAMPLES, CLASSES = 4, 16, 3
SIGMAS = ["x*tanh(x)", "relu(x)", "torch.nn:Mish"]


def sigma_of(text: str) -> Sigma:
    return resolve(text) if ":" in text else compile_activation(activation(text))


def drawn(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(sum(shape)))


def problem(text: str, device: str) -> tuple[Sigma, Data, Weights]:
    """Networks of very different sizes, so that they end at different times."""
    x, y = drawn(SETS, SAMPLES, 2).to(device), drawn(SETS, SAMPLES).to(device)
    kinked = "relu" in text
    part = leading_part(activation("relu(x)" if kinked else "x"))
    sizes = 1e-3 * torch.logspace(-1, 1, SETS, dtype=torch.float64)[:, None]
    start = Weights(
        (sizes[..., None] * drawn(SETS, 6, 2)).to(device), (sizes * drawn(SETS, 6)).to(device)
    )
    return sigma_of(text), Data(x, y, features(x, part)), start


def assert_same(
    card, measured: Callable[[str], Sequence[Tensor]], relative: float = 1e-9, least: float = 1e-14
) -> None:
    """What is measured on the card is on the card, and what is measured on the CPU."""
    here = measured("cpu")
    with card:
        there = measured("cuda")
        assert {one.device.type for one in there} == {"cuda"}
        there = [one.cpu() for one in there]
    for one, other in zip(there, here, strict=True):
        torch.testing.assert_close(one, other, rtol=relative, atol=least, equal_nan=True)


@pytest.mark.parametrize("text", SIGMAS)
@pytest.mark.parametrize("coupled", [True, False])
def test_gradient_descent(card, text: str, coupled: bool):
    clock = Clock.NETWORK if coupled else Clock.NEURON

    def measured(device: str) -> list[Tensor]:
        settings = {"step": 0.05, "clock": clock, "coupled": coupled, "snapshots": (15,)}
        found = descend(*problem(text, device), stop=Stop(steps=60), **settings)
        kept = [found.weights.w, found.weights.a, found.snapshots[15].w]
        return [*kept, found.end, found.steps, found.moment_ratio]

    assert_same(card, measured, relative=1e-8)


def test_adam(card):
    def measured(device: str) -> list[Tensor]:
        found = adam(
            *problem("x*tanh(x)", device),
            rate=1e-3,
            eps=1e-20,
            stop=Stop(steps=60),
            snapshots=(15,),
        )
        return [found.weights.w, found.weights.a, found.snapshots[15].a, found.end, found.steps]

    assert_same(card, measured, relative=1e-7)


@pytest.mark.parametrize("coupled", [True, False])
def test_gradient_flow(card, coupled: bool):
    def measured(device: str) -> tuple[Tensor, ...]:
        sigma, data, start = problem("tanh(x)", device)

        def run(part: Data, weights: Weights, at: slice) -> tuple[Tensor, ...]:
            flow = Flow(sigma, part, weights, step=0.1, coupled=coupled)
            for _ in range(5):
                flow.look()
                flow.advance(torch.ones_like(flow.time, dtype=torch.bool))
            return flow.w, flow.a, flow.time

        return in_parts(sigma, data, start, run)

    assert_same(card, measured)


@pytest.mark.parametrize("residual", [False, True])
def test_deep_networks(card, residual: bool):
    net = Net(tuple(sigma_of(text) for text in ("tanh(x)", *SIGMAS[:2])), residual)

    def measured(device: str) -> list[Tensor]:
        shapes = ((SETS, 5, 4), (SETS, 5, 6), (SETS, 5, 6))
        start = Parameters(
            tuple(drawn(*shape).to(device) for shape in shapes), drawn(SETS, 5).to(device)
        )
        x, y = drawn(SETS, SAMPLES, 3).to(device), drawn(SETS, SAMPLES).to(device)
        found = deep_adam(net, start, x, y, rate=1e-2, epochs=(2, 5))
        return [one for at in found.values() for one in (*at.layers, at.output)]

    assert_same(card, measured, relative=1e-7)  # Adam divides by the size of tiny gradients


@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam", "adamw"])
@pytest.mark.parametrize("convolutional", [False, True])
def test_normalized_networks(card, kind, convolutional: bool):
    def measured(device: str) -> list[Tensor]:
        streams = [np.random.default_rng(k) for k in range(SETS)]
        shift = torch.linspace(0, 0.1, SETS)
        networks: Networks | ConvolutionalNetworks
        if convolutional:
            weights, readout = initial_convolutions(streams, (4, 4), CLASSES)
            weights = [one.double().to(device) for one in weights]
            networks = ConvolutionalNetworks(weights, readout.double().to(device), shift.to(device))
        else:
            weights, readout = initial(streams, (64, 6, 5, CLASSES), torch.float64)
            weights = [one.to(device) for one in weights]
            networks = Networks(weights, readout.to(device), shift.to(device), slope=0.1)
        optimizers = Optimizers(kind, networks.parameters(), ((0.1, 1e-3), (0.2, 0.0)))
        gradients = gradients_of(networks, SAMPLES)
        x = drawn(SETS, 64, SAMPLES).to(device)
        labels = (torch.arange(SETS * SAMPLES).view(SETS, SAMPLES) % CLASSES).to(device)
        for _ in range(3):
            optimizers.step(gradients(x, labels))
        with torch.no_grad():
            seen = networks.part(slice(1, 3)).forward(x[1:3])
        return [*(one.detach() for one in networks.parameters()), seen.output, *seen.active]

    assert_same(card, measured, relative=1e-7, least=1e-10)


def test_units(card):
    units, batch = 12, 32

    def measured(device: str) -> list[Tensor]:
        x = drawn(units, batch, dtype=torch.float32).to(device)
        x = (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True, correction=0)
        gamma, beta, normals = (
            drawn(*shape).to(device) for shape in ((units,), (units,), (2, units))
        )
        sums = gate_sums(x, gamma, beta, 0.1)
        both = noise_step(centered(sums, batch), normals, batch, 0.1)
        shared = shared_noise(x[:2], gamma, beta, normals.float(), 1.0)
        return [*(one.float() for one in sums), *(one.float() for one in both), shared.float()]

    assert_same(card, measured, relative=1e-4, least=1e-4)


def test_units_that_have_passed_are_dropped(card):
    """Numbers that are drawn on a card are others than the CPU's: the same of the same seed."""
    experiment = Passages(block=2, units=64, rate=1.0, clocks=(0.5, 1.0))
    with card:
        first, again = (experiment.run(0, 0, "cuda") for _ in range(2))
    assert first == again
    assert all(0 < one["passed"][0] <= one["passed"][1] < 1 for one in first)


def test_an_experiment_finds_the_same_orientations(card):
    experiment = Condensation(block=2, neurons=40)
    here = experiment.run(0, 0)
    with card:
        there = experiment.run(0, 0, "cuda")
    for one, other in zip(there, here, strict=True):
        assert one["data"] == other["data"]
        assert one["signs"] == other["signs"]
        assert np.allclose(one["directions"], other["directions"], atol=2e-5)


class Nothing(Experiment):
    """An experiment that measures nothing."""

    name = "nothing"

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list:
        return []

    def cost(self) -> float:
        return 0.0


def test_runs_on_a_card_keep_all_digits_and_leave_nothing_to_chance(monkeypatch):
    cudnn, before = torch.backends.cudnn, torch.get_float32_matmul_precision()
    for name, value in (("allow_tf32", True), ("deterministic", False), ("benchmark", True)):
        monkeypatch.setattr(cudnn, name, value)
    torch.set_float32_matmul_precision("high")
    try:
        Nothing().run(0, 0)
        assert (cudnn.allow_tf32, torch.get_float32_matmul_precision()) == (True, "high")
        Nothing().run(0, 0, "cuda")
        assert (cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark) == (False, True, False)
        assert torch.get_float32_matmul_precision() == "highest"
    finally:
        torch.set_float32_matmul_precision(before)
