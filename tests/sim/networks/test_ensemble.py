"""Training many networks at once: exact gradients, and the same result as one by one."""

import math
from functools import reduce

import numpy as np
import pytest
import torch

from sim.networks import ensemble, steps
from sim.networks.ensemble import End, Stop, Trained, Weights, monomials
from sim.networks.gradients import gradients
from sim.networks.training import Clock, adam
from tests.sim.networks.problems import (
    COUPLED,
    alone,
    assert_same,
    problem,
    quadratic,
    small_steps,
    tanh,
    unequal,
)

# -- gradients and moments --------------------------------------------------------------------


@COUPLED
@pytest.mark.parametrize("sigma", [tanh, quadratic])
def test_gradients_are_those_of_autograd(coupled: bool, sigma):
    data, start = problem(epsilon=0.7, dimension=3)
    w, a = start.w.clone().requires_grad_(), start.a.clone().requires_grad_()
    each = a[..., None] * sigma(w @ data.x.mT)[0]  # (sets, neurons, samples)
    f = each.sum(1, keepdim=True) if coupled else each
    loss = ((f - data.y[:, None]) ** 2).mean(-1).sum() / 2
    loss.backward()
    dw, da, outputs, amplitude = gradients(sigma, data, start, coupled)
    assert w.grad is not None
    assert a.grad is not None
    torch.testing.assert_close(dw, -w.grad, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(da, -a.grad, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(outputs, f.detach(), rtol=1e-12, atol=1e-14)
    largest = (start.w @ data.x.mT).abs().amax(-1)
    torch.testing.assert_close(amplitude, largest, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_norms_of_monomials_are_those_of_the_full_tensor(dimension: int, degree: int):
    rng = np.random.default_rng(degree)
    x, f = rng.standard_normal((2, 9, dimension)), rng.standard_normal((2, 9))
    features = monomials(torch.tensor(x), degree).numpy()
    assert features.shape[-1] == math.comb(degree + dimension - 1, degree)
    for i in range(2):
        powers = [reduce(np.multiply.outer, [row] * degree) for row in x[i]]
        tensor = np.mean([value * power for value, power in zip(f[i], powers, strict=True)], 0)
        norm = np.linalg.norm(f[i] @ features[i] / 9)
        assert norm == pytest.approx(float(np.linalg.norm(tensor.ravel())), rel=1e-13)


# -- many networks as one by one --------------------------------------------------------------


@pytest.mark.parametrize("clock", Clock)
def test_coupled_networks_do_not_see_each_other(clock: Clock):
    data, start = problem()
    start, snapshots = unequal(start), (0, 40, 100)
    together = small_steps(data, start, True, clock=clock, snapshots=snapshots)
    assert len(set(together.steps.flatten().tolist())) == 3  # they end at different times
    for i in range(3):
        single = small_steps(*alone(data, start, i), True, clock=clock, snapshots=snapshots)
        part = Trained(
            Weights(together.weights.w[i : i + 1], together.weights.a[i : i + 1]),
            together.end[i : i + 1],
            together.steps[i : i + 1],
            together.moment_ratio[i : i + 1],
            {s: Weights(v.w[i : i + 1], v.a[i : i + 1]) for s, v in together.snapshots.items()},
        )
        assert_same(part, single)


@pytest.mark.parametrize("sigma", [tanh, quadratic])
def test_uncoupled_neurons_do_not_see_each_other(sigma):
    data, start = problem(sets=2, neurons=8, p=1 if sigma is tanh else 2)
    start = unequal(start)
    together = small_steps(data, start, False, sigma, snapshots=(60,))
    # early ends leave holes that are closed up during training
    assert len(set(together.steps.flatten().tolist())) > 4
    assert sigma is tanh or (together.end == End.SHRUNK).any()
    for i in range(2):
        for j in range(8):
            single = small_steps(*alone(data, start, i, j), False, sigma, snapshots=(60,))
            here = (slice(i, i + 1), slice(j, j + 1))
            part = Trained(
                Weights(together.weights.w[here], together.weights.a[here]),
                together.end[here],
                together.steps[here],
                together.moment_ratio[here],
                {s: Weights(v.w[here], v.a[here]) for s, v in together.snapshots.items()},
            )
            assert_same(part, single)


@COUPLED
def test_finished_networks_are_taken_out(coupled: bool, monkeypatch: pytest.MonkeyPatch):
    data, start = problem(sets=8 if coupled else 2, neurons=8)
    left = []

    def watched(sigma, data, weights, coupled):
        left.append(weights.w.shape[0 if coupled else 1])
        assert len(data.x) == len(weights.w)
        return gradients(sigma, data, weights, coupled)

    monkeypatch.setattr(steps, "gradients", watched)
    small_steps(data, start, coupled)
    assert left[0] == 8
    assert left[-1] < 4
    assert left == sorted(left, reverse=True)


@COUPLED
@pytest.mark.parametrize("elements", [1, 150])
def test_chunks_do_not_change_the_result(
    coupled: bool, elements: int, monkeypatch: pytest.MonkeyPatch
):
    data, start = problem(sets=5)
    whole = small_steps(data, start, coupled, snapshots=(30, 90, 10**6))
    monkeypatch.setattr(ensemble, "CHUNK_ELEMENTS", elements)
    assert_same(whole, small_steps(data, start, coupled, snapshots=(30, 90, 10**6)))


def test_chunks_do_not_change_adam(monkeypatch: pytest.MonkeyPatch):
    data, start = problem(sets=5)
    stop = Stop(steps=300)

    def train() -> Trained:
        return adam(tanh, data, start, rate=1e-3, eps=1e-20, stop=stop, snapshots=(20, 10**6))

    whole = train()
    assert len(set(whole.steps.flatten().tolist())) > 1
    monkeypatch.setattr(ensemble, "CHUNK_ELEMENTS", 150)  # two data sets
    assert_same(whole, train())


@COUPLED
def test_the_start_is_left_alone(coupled: bool):
    data, start = problem()
    before = start.w.clone(), start.a.clone()
    small_steps(data, start, coupled)
    adam(tanh, data, start, rate=1e-3, eps=1e-20, stop=Stop(steps=20))
    assert torch.equal(start.w, before[0])
    assert torch.equal(start.a, before[1])
