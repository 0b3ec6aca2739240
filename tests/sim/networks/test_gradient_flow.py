"""The flow in true time, against scipy's integrators and plain gradient descent."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate

from sim.activation.compiled import compile as compile_activation
from sim.condensation.targets import random_labels
from sim.data.data_set import DataSet
from sim.networks.ensemble import Data, Weights
from sim.networks.gradient_flow import Flow, Passages, in_parts
from sim.networks.gradients import gradients
from theory.symbolic.activation import activation

LEVEL = 0.1
ACTIVATIONS = {1: "tanh(x)", 2: "x*tanh(x)", 3: "x**2*tanh(x)"}


def drawn(seed: int = 0) -> DataSet:
    return random_labels(np.random.default_rng(seed), 12)


def tensors(data: DataSet) -> Data:
    x = torch.tensor(data.augmented)[None]
    return Data(x, torch.tensor(data.y)[None], x)


def weights(start: np.ndarray) -> Weights:
    both = torch.tensor(start)[None]
    return Weights(both[..., :-1].contiguous(), both[..., -1].contiguous())


def escape(name: str, data: DataSet, start: np.ndarray, step: float, coupled: bool) -> np.ndarray:
    """Time at which max |w·x| first reaches LEVEL, for each network; shape (networks,)."""
    sigma = compile_activation(activation(name))
    flow = Flow(sigma, tensors(data), weights(start), step=step, coupled=coupled)
    passages = Passages((LEVEL,), flow.time, rising=True)
    for _ in range(3000):
        largest = flow.look().amplitude
        passages.record(flow.time, largest.amax(1, keepdim=True) if coupled else largest)
        if not bool(passages.open.any()):
            break
        flow.advance(passages.open)
    return passages.at[0, :, 0].numpy()


def growing(data: DataSet, p: int, count: int) -> np.ndarray:
    """Starts (w, b, a) with sign(a)·H > 0, which grow from the start."""
    drawn = np.random.default_rng(1).standard_normal((200, 3))
    height = np.mean(data.y * (drawn[:, :2] @ data.augmented.T) ** p, axis=1)
    return drawn[height * drawn[:, 2] > 0][:count]


def integrated(slope, data: DataSet, start: np.ndarray, end: float) -> float:
    """Time at which max |w·x| reaches LEVEL, by scipy."""

    def escaped(_: float, state: np.ndarray) -> float:
        return float(np.abs(data.augmented @ state[:2]).max()) - LEVEL

    escaped.terminal = True  # type: ignore[attr-defined]
    solved = integrate.solve_ivp(
        slope, (0, end), start, method="DOP853", events=escaped, rtol=1e-10, atol=1e-18
    )
    return float(solved.t_events[0][0])


@pytest.mark.parametrize("p", ACTIVATIONS)
def test_single_neurons_escape_when_the_exact_and_the_leading_flow_do(p: int):
    data, epsilon = drawn(), 1e-3
    x, y = data.augmented, data.y
    start = epsilon * growing(data, p, 4)
    times = escape(ACTIVATIONS[p], data, start, 0.05, coupled=False)
    sigma = compile_activation(activation(ACTIVATIONS[p]))

    def exact(_: float, state: np.ndarray) -> np.ndarray:
        value, slope = (v.numpy() for v in sigma(torch.tensor(x @ state[:2])))
        residual = state[2] * value - y
        return -np.append(state[2] * (residual * slope) @ x, residual @ value) / len(y)

    def leading(_: float, state: np.ndarray) -> np.ndarray:
        z = x @ state[:2]
        return np.append(state[2] * p * (y * z ** (p - 1)) @ x, y @ z**p) / len(y)

    for time, one in zip(times, start, strict=True):
        assert time == pytest.approx(integrated(exact, data, one, 3 * time), rel=3e-4)
        # the reduced theory leaves out f and the next order, which matter at the end only
        assert time == pytest.approx(integrated(leading, data, one, 3 * time), rel=0.02)


@pytest.mark.parametrize("name", [*ACTIVATIONS.values(), "relu(x)"])
def test_halving_the_step_changes_times_little(name: str):
    """At the step of the experiments. For p ≥ 2 the error is the same share at every ε, since the
    flow is invariant under scaling; for ReLU steps across a kink cost the order of the method."""
    start = 1e-4 * np.random.default_rng(2).standard_normal((20, 3))
    for seed in range(3):
        coarse, fine = (escape(name, drawn(seed), start, step, True)[0] for step in (0.3, 0.15))
        assert coarse == pytest.approx(fine, rel=0.03 if name == "relu(x)" else 0.01)


@pytest.mark.parametrize("p", [2, 3])
def test_the_method_is_of_fourth_order(p: int):
    start = 1e-4 * np.random.default_rng(2).standard_normal((20, 3))
    for seed in range(3):
        times = [
            escape(ACTIVATIONS[p], drawn(seed), start, step, True)[0] for step in (0.2, 0.1, 0.05)
        ]
        first, second = np.abs(np.diff(times))
        assert first > 8 * second  # 16 for small steps
        assert second < 1e-4 * times[-1]


@pytest.mark.parametrize("p", ACTIVATIONS)
def test_scaling_the_initial_weights_scales_the_time(p: int):
    """The law pairwise, on the same normalized weights of a wide network: no chance in it."""
    start = np.random.default_rng(3).standard_normal((20, 3))
    data = drawn()
    first, second = (escape(ACTIVATIONS[p], data, e * start, 0.25, True)[0] for e in (1e-8, 1e-5))
    if p == 1:
        rate = math.log(1e3) / (first - second)
        v = data.y @ data.augmented / len(data.y)
        assert rate == pytest.approx(float(np.linalg.norm(v)), rel=2e-3)
    else:
        assert math.log(first / second) / math.log(1e-3) == pytest.approx(1 - p, abs=2e-3)


def test_plain_gradient_descent_takes_the_same_time():
    data, start = drawn(), 1e-3 * np.random.default_rng(4).standard_normal((10, 3))
    expected = escape("tanh(x)", data, start, 0.1, True)[0]
    sigma, both, tensor = compile_activation(activation("tanh(x)")), weights(start), tensors(data)
    w, a, rate, steps = both.w.clone(), both.a.clone(), 1e-3 * float(expected), 0
    while True:
        dw, da, _, amplitude = gradients(sigma, tensor, Weights(w, a), True)
        if float(amplitude.max()) >= LEVEL:
            break
        w, a, steps = w + rate * dw, a + rate * da, steps + 1
    # Euler's growth (1 + ηH)^n lags behind exp(ηHn) by ηH/2 ≈ 0.3 %
    assert rate * steps == pytest.approx(expected, rel=0.01)


def test_closed_networks_stay_where_they_are():
    sigma, data = compile_activation(activation("tanh(x)")), tensors(drawn())
    start = weights(0.01 * np.random.default_rng(5).standard_normal((3, 3)))
    flow = Flow(sigma, data, start, step=0.1, coupled=False)
    flow.look()
    flow.advance(torch.tensor([[True, False, True]]))
    moved = (flow.w != start.w).any(-1)[0].tolist()
    assert moved == [True, False, True]
    assert (flow.time > 0)[0].tolist() == moved
    assert bool((flow.a[0, 1] == start.a[0, 1]).all())


def test_passages_interpolate_in_logs():
    like = torch.zeros(1, 2, dtype=torch.float64)
    passages = Passages((1e-2, 1e-4), like, rising=False)
    for k in range(8):  # 10^(−k) and 10^(−2k)
        passages.record(
            torch.full_like(like, float(k)), torch.tensor([[0.1**k, 0.01**k]], dtype=like.dtype)
        )
    assert passages.at[0, 0].tolist() == pytest.approx([2, 4])
    assert passages.at[0, 1].tolist() == pytest.approx([1, 2])
    assert not bool(passages.open.any())


def test_a_passage_within_a_step_is_found():
    like = torch.zeros(1, 1, dtype=torch.float64)
    passages = Passages((1.0,), like, rising=True)
    passages.record(like, like + 0.1)
    assert bool(passages.open.all())
    passages.record(like + 3, like + 100.0)
    assert float(passages.at) == pytest.approx(1.0)  # a third of three decades
    passages.record(like + 4, like + 0.1)
    passages.record(like + 5, like + 100.0)
    assert float(passages.at) == pytest.approx(1.0)  # only the first one counts


@pytest.mark.parametrize(("neurons", "expected"), [(600, [2, 2, 2, 1]), (10**6, [1] * 7)])
def test_parts_are_joined_in_order(neurons: int, expected: list[int]):
    sizes = []
    data = Data(
        torch.zeros(7, 10, 2), torch.arange(7.0)[:, None].expand(7, 10), torch.zeros(7, 10, 2)
    )
    start = Weights(
        torch.zeros(1, 1, 2).expand(7, neurons, 2), torch.zeros(1, 1).expand(7, neurons)
    )

    def run(part: Data, weights: Weights, at: slice) -> tuple[torch.Tensor, torch.Tensor]:
        assert len(weights.w) == len(weights.a) == len(part.x)
        sizes.append(len(part.y))
        return part.y[:, 0], torch.arange(7)[at]

    first, second = in_parts(lambda z: (z, z), data, start, run)
    assert first.tolist() == second.tolist() == list(range(7))
    assert sizes == expected
