"""How many data sets go together on a card, and that one needs no more memory than is said."""

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from sim.activation.compiled import compile as compile_activation
from sim.activation.torch_callable import resolve
from sim.batchnorm.collapse import Collapse
from sim.native import EAGER
from sim.networks import chunks, training
from sim.networks.chunks import CARD_SHARE, layers, together, two_layers
from sim.networks.ensemble import Data, Sigma, Stop, Weights, monomials
from sim.networks.gradient_flow import Flow
from sim.networks.multilayer import Net, Parameters
from sim.networks.multilayer import adam as deep_adam
from sim.networks.training import Clock, adam, descend
from tests.sim.living_memory import LivingMemory
from tests.sim.pretended_card import PretendedCard
from theory.symbolic.activation import activation

CARD = torch.device("cuda")
SETS = 5


def sigma_of(text: str) -> Sigma:
    return resolve(text) if ":" in text else compile_activation(activation(text))


def problem(neurons: int = 6, samples: int = 12, inputs: int = 2) -> tuple[Data, Weights]:
    draw = torch.Generator().manual_seed(neurons + samples + inputs)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    x = normal(SETS, samples, inputs)
    weights = Weights(1e-3 * normal(SETS, neurons, inputs), 1e-3 * normal(SETS, neurons))
    return Data(x, normal(SETS, samples), monomials(x, 2)), weights


def needed(sigma: Sigma, data: Data, weights: Weights) -> int:
    _, neurons, inputs = weights.w.shape
    _, samples, features = data.features.shape
    sizes = {"neurons": neurons, "samples": samples, "weights": inputs, "features": features}
    return two_layers(sigma, **sizes, dtype=torch.float64)


@pytest.fixture
def free(monkeypatch) -> Callable[[float], None]:
    """Pretend that a card has so many bytes free."""

    def pretend(size: float) -> None:
        monkeypatch.setattr(chunks, "free_memory", lambda device: int(size))

    return pretend


@pytest.mark.parametrize(("room", "expected"), [(0, 1), (0.99, 1), (2.9, 2), (3.1, 3), (1e6, SETS)])
def test_as_many_as_fit_the_share_of_a_cards_memory(free, room: float, expected: int):
    free(room * 1000 / CARD_SHARE)
    assert together(SETS, CARD, cached=2, needed=1000) == expected


@pytest.mark.parametrize(("cached", "expected"), [(0, 1), (3, 3), (100, 100)])
def test_a_cpu_is_not_asked_for_its_memory(monkeypatch, cached: int, expected: int):
    monkeypatch.delattr(chunks, "free_memory")
    assert together(SETS, torch.device("cpu"), cached=cached, needed=1000) == expected


def test_memory_that_torch_keeps_without_using_it_is_free(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (1000, 9000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 500)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 200)
    assert chunks.free_memory(CARD) == 1300


@pytest.mark.parametrize(("fit", "sizes"), [(2, [2, 2, 1]), (100, [SETS])])
@pytest.mark.parametrize("coupled", [True, False])
def test_parts_that_fit_a_card_train_as_all_at_once(
    free, monkeypatch, coupled: bool, fit: int, sizes: list[int]
):
    monkeypatch.setenv(EAGER, "1")
    sigma, (data, start) = sigma_of("tanh(x)"), problem()
    clock = Clock.NETWORK if coupled else Clock.NEURON

    def train(device: str) -> list[Tensor]:
        there = Data(*(one.to(device) for one in (data.x, data.y, data.features)))
        weights = Weights(start.w.to(device), start.a.to(device))
        stop = Stop(steps=15)
        down = descend(
            sigma, there, weights, step=0.1, clock=clock, coupled=coupled, stop=stop
        ).weights
        adams = adam(sigma, there, weights, rate=1e-3, eps=1e-20, stop=stop).weights
        return [one.cpu() for one in (down.w, down.a, adams.w, adams.a)]

    whole, met, run = train("cpu"), [], training.in_chunks
    free((fit + 0.5) * needed(sigma, data, start) / CARD_SHARE)

    def watched(data, weights, train, chunk):
        def part(data, weights):
            met.append(len(weights.w))
            return train(data, weights)

        return run(data, weights, part, chunk)

    monkeypatch.setattr(training, "in_chunks", watched)
    with PretendedCard():
        parts = train("cuda")
    assert met == 2 * sizes
    for one, other in zip(parts, whole, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("text", ["tanh(x)", "gelu(x)", "torch.nn:Mish"])
@pytest.mark.parametrize("sizes", [(60, 30, 2), (60, 3, 9), (8, 120, 3)])
def test_two_layers_need_no_more_than_is_said(monkeypatch, text: str, sizes: tuple[int, int, int]):
    """And no less than a sixth of it, where σ says how many arrays it makes."""
    monkeypatch.setenv(EAGER, "1")
    monkeypatch.setattr("sim.networks.ensemble.CHUNK_ELEMENTS", 10**9)
    sigma, (data, start) = sigma_of(text), problem(*sizes)
    said, most = SETS * needed(sigma, data, start), 0
    for coupled, clock in ((True, Clock.NETWORK), (False, Clock.NEURON)):
        with LivingMemory() as memory:
            stop = Stop(steps=20)
            descend(sigma, data, start, step=0.1, clock=clock, coupled=coupled, stop=stop)
        most = max(most, memory.most)
        with LivingMemory() as memory:
            flow = Flow(sigma, data, start, step=0.1, coupled=coupled)
            for _ in range(2):
                flow.look()
                flow.advance(torch.ones_like(flow.time).bool())
        most = max(most, memory.most)
    with LivingMemory() as memory:
        adam(sigma, data, start, rate=1e-3, eps=1e-20, stop=Stop(steps=20))
    most = max(most, memory.most)
    assert most <= said
    assert most >= said / 6 or ":" in text


@pytest.mark.parametrize("widths", [(5, 30, 30, 30), (300, 20, 30), (1, 100)])
@pytest.mark.parametrize("samples", [4, 60])
def test_deep_networks_need_no_more_than_is_said(
    monkeypatch, widths: tuple[int, ...], samples: int
):
    monkeypatch.setenv(EAGER, "1")
    sigmas = tuple(map(sigma_of, ["tanh(x)", "gelu(x)", "x*tanh(x)"][: len(widths) - 1]))
    fans = pairwise(widths)
    start = Parameters(
        tuple(torch.randn(SETS, out, into + 1) for into, out in fans), torch.randn(SETS, widths[-1])
    )
    x, y = torch.randn(SETS, samples, widths[0]), torch.randn(SETS, samples)
    with LivingMemory() as memory:
        deep_adam(Net(sigmas, residual=True), start, x, y, rate=1e-3, epochs=(2, 4))
    said = SETS * layers(sigmas, widths, samples=samples, kept=2, dtype=torch.float32)
    assert said / 3 <= memory.most <= said


@pytest.mark.parametrize("changed", [{}, {"channels": (8, 16)}, {"batch": 512}, {"train": 400}])
def test_normalized_networks_need_no_more_than_is_said(monkeypatch, changed: dict):
    monkeypatch.setenv(EAGER, "1")
    experiment = Collapse(steps=2, **changed)
    with LivingMemory() as memory:
        experiment.simulate(0, [0, 1], "cpu")
    said = 2 * experiment.needed()
    assert said / 6 <= memory.most <= said
