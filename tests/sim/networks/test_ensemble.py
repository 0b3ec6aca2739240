"""Training many networks at once: exact gradients, and the same result as one by one."""

import math
from functools import reduce

import numpy as np
import pytest
import torch
from torch import Tensor

from sim.networks import ensemble, steps
from sim.networks.ensemble import Data, End, Stop, Trained, Weights, monomials
from sim.networks.gradients import gradients
from sim.networks.training import CHECK_EVERY, SHRUNK, Clock, adam, descend

COUPLED = pytest.mark.parametrize("coupled", [True, False])


def tanh(z: Tensor) -> tuple[Tensor, Tensor]:
    value = torch.tanh(z)
    return value, 1 - value * value


def quadratic(z: Tensor) -> tuple[Tensor, Tensor]:
    return z * torch.tanh(z), torch.tanh(z) + z * (1 - torch.tanh(z) ** 2)


def problem(
    sets: int = 3, neurons: int = 6, dimension: int = 2, p: int = 1, epsilon: float = 1e-3
) -> tuple[Data, Weights]:
    """Random inputs (the last one 1), labels and weights; the features of multiplicity p."""
    rng = torch.Generator().manual_seed(sets + 10 * neurons + 100 * dimension + 1000 * p)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=rng, dtype=torch.float64)

    x = torch.cat([normal(sets, 12, dimension - 1), torch.ones(sets, 12, 1).double()], -1)
    weights = Weights(epsilon * normal(sets, neurons, dimension), epsilon * normal(sets, neurons))
    return Data(x, normal(sets, 12), monomials(x, p)), weights


def unequal(weights: Weights) -> Weights:
    """Weights of very different sizes, so that networks end at different times."""
    sets, neurons = weights.a.shape
    sizes = torch.logspace(-1, 1, sets).double()[:, None] * torch.logspace(-1, 1, neurons).double()
    return Weights(weights.w * sizes[..., None], weights.a * sizes.flip(1))


def alone(data: Data, weights: Weights, i: int, j: int | None = None) -> tuple[Data, Weights]:
    """Data set i with all its neurons, or with neuron j only."""
    columns = slice(None) if j is None else slice(j, j + 1)
    return data.part(slice(i, i + 1)), Weights(
        weights.w[i : i + 1, columns].contiguous(), weights.a[i : i + 1, columns].contiguous()
    )


def small_steps(
    data: Data, weights: Weights, coupled: bool, sigma=tanh, stop: Stop | None = None, **more
) -> Trained:
    settings = {"step": 0.05, "clock": Clock.NETWORK if coupled else Clock.NEURON, **more}
    return descend(sigma, data, weights, coupled=coupled, stop=stop or Stop(), **settings)


def assert_same(first: Trained, second: Trained) -> None:
    assert torch.equal(first.end, second.end)
    assert torch.equal(first.steps, second.steps)
    torch.testing.assert_close(first.moment_ratio, second.moment_ratio, rtol=1e-10, atol=0.0)
    # rounding is amplified with the directions by which neurons differ, not more
    torch.testing.assert_close(first.weights.w, second.weights.w, rtol=1e-10, atol=1e-18)
    torch.testing.assert_close(first.weights.a, second.weights.a, rtol=1e-10, atol=1e-18)
    assert first.snapshots.keys() == second.snapshots.keys()
    for step, weights in first.snapshots.items():
        torch.testing.assert_close(weights.w, second.snapshots[step].w, rtol=1e-10, atol=1e-18)


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


# -- the step ---------------------------------------------------------------------------------


def test_one_step_is_gradient_descent_with_the_stated_relative_step():
    data, start = problem()
    one = small_steps(data, start, True, stop=Stop(steps=1)).weights
    dw, da, *_ = gradients(tanh, data, start, True)
    radius = (start.w**2).sum(-1).sqrt()
    speed = torch.maximum(dw.norm(dim=-1) / radius, da.abs() / (radius**2 + start.a**2).sqrt())
    time = 0.05 / speed.amax(1)  # of the whole network
    torch.testing.assert_close(one.w, start.w + time[:, None, None] * dw, rtol=1e-12, atol=0.0)
    torch.testing.assert_close(one.a, start.a + time[:, None] * da, rtol=1e-12, atol=0.0)
    own = small_steps(data, start, True, stop=Stop(steps=1), clock=Clock.NEURON).weights
    torch.testing.assert_close(
        own.w, start.w + (0.05 / speed)[..., None] * dw, rtol=1e-12, atol=0.0
    )
    torch.testing.assert_close(own.a, start.a + 0.05 / speed * da, rtol=1e-12, atol=0.0)


def drift(p: int, step: float) -> Tensor:
    """Change of |w|² − p a² relative to |w|² + a² at the start, for neurons that grew a lot."""
    data, start = problem(sets=2, neurons=5, p=p, epsilon=1e-7)
    stop = Stop(moment_ratio=math.inf, amplitude=1e-5, steps=20_000)
    end = small_steps(data, start, False, tanh if p == 1 else quadratic, stop, step=step)
    before, after = ((w.w**2).sum(-1) - p * w.a**2 for w in (start, end.weights))
    change = (after - before) / ((start.w**2).sum(-1) + start.a**2)
    return change[end.end == End.AMPLITUDE]


@pytest.mark.parametrize("p", [1, 2])
def test_the_balance_is_conserved_up_to_the_step(p: int):
    # the weights grow a hundredfold, so a leak of 1e-4 of |w|² would be seen as a change of 1
    coarse, fine, finest = (drift(p, step) for step in (0.02, 0.01, 0.005))
    assert len(finest) >= 4
    assert float(finest.abs().max()) < 0.05
    # Euler's method: the drift is proportional to the step
    torch.testing.assert_close(coarse / fine, torch.full_like(fine, 2.0), rtol=0.1, atol=0.0)
    torch.testing.assert_close(fine / finest, torch.full_like(fine, 2.0), rtol=0.05, atol=0.0)


# -- the stop rule ----------------------------------------------------------------------------


def moments(data: Data, f: Tensor) -> Tensor:
    return torch.einsum("sni,sim->snm", f, data.features).norm(dim=-1) / f.shape[-1]


def reached(data: Data, weights: Weights, coupled: bool) -> tuple[Tensor, Tensor]:
    """Moments of the outputs over those of y, and the largest |w·x|, of every network."""
    slopes = gradients(tanh, data, weights, coupled)
    largest = slopes.amplitude.amax(1, keepdim=True) if coupled else slopes.amplitude
    return moments(data, slopes.outputs) / moments(data, data.y[:, None]), largest


def first_look(data: Data, start: Weights, coupled: bool, which: int, limit: float) -> Tensor:
    """The first multiple of `CHECK_EVERY` at which a quantity of `reached` exceeds its limit."""
    looks = range(0, 400, CHECK_EVERY)
    unstopped = Stop(moment_ratio=math.inf, amplitude=math.inf, steps=400)
    run = small_steps(data, start, coupled, stop=unstopped, snapshots=looks)
    beyond = [reached(data, run.snapshots[step], coupled)[which] >= limit for step in looks]
    return torch.stack(beyond).int().argmax(0) * CHECK_EVERY


@COUPLED
def test_ends_at_the_first_look_beyond_the_moments(coupled: bool):
    data, start = problem()
    end = small_steps(data, start, coupled, stop=Stop(moment_ratio=0.01, amplitude=math.inf))
    ended = end.end == End.MOMENT
    assert ended.all() if coupled else ended.sum() > 5
    assert torch.equal(end.steps[ended], first_look(data, start, coupled, 0, 0.01)[ended])
    torch.testing.assert_close(end.moment_ratio, reached(data, end.weights, coupled)[0])


@COUPLED
def test_ends_at_the_first_look_beyond_the_amplitude(coupled: bool):
    data, start = problem()
    end = small_steps(data, start, coupled, stop=Stop(moment_ratio=math.inf, amplitude=0.03))
    ended = end.end == End.AMPLITUDE
    assert ended.all() if coupled else ended.sum() > 5
    assert torch.equal(end.steps[ended], first_look(data, start, coupled, 1, 0.03)[ended])


def test_ends_where_the_weights_shrink():
    data, start = problem(neurons=5, p=2)
    # a definite H: the last neuron has the sign of a that shrinks, and |w|² < 2a²; the others
    # are larger, grow and are taken out of the arrays before it has shrunk
    data = Data(data.x, data.x[..., 0] ** 2 + 1, data.features)
    size, a = torch.tensor([[3.0, 3, 3, 3, 0.1], [3e-2, 3e-2, 3e-2, 3e-2, -1e-2]]).double()
    start = Weights(start.w * size[:, None], a.expand(3, 5).contiguous())
    end = small_steps(data, start, False, quadratic)
    assert (end.end[:, :4] != End.SHRUNK).all()
    assert (end.end[:, 4] == End.SHRUNK).all()
    assert (end.steps[:, :4] < end.steps[:, 4:]).all()
    ratio = end.weights.w[:, 4].norm(dim=-1) / start.w[:, 4].norm(dim=-1)
    assert (ratio < SHRUNK).all()
    assert (ratio > SHRUNK * math.exp(-2 * CHECK_EVERY * 0.05)).all()


@COUPLED
def test_ends_after_the_steps(coupled: bool):
    data, start = problem()
    end = small_steps(data, start, coupled, stop=Stop(steps=25))
    assert (end.end == End.STEPS).all()
    assert (end.steps == 25).all()
    assert not torch.equal(end.weights.w, start.w)


def test_a_finished_network_stands_still():
    data, start = problem()
    end = small_steps(data, start, True)
    first, last = int(end.steps.min()), int(end.steps.max())
    again = small_steps(data, start, True, snapshots=(first, last, 10**6))
    earliest = int(end.steps.argmin())
    for step in (first, last, 10**6):
        assert torch.equal(again.snapshots[step].w[earliest], end.weights.w[earliest])
    assert torch.equal(again.snapshots[10**6].w, end.weights.w)


@COUPLED
def test_snapshots_are_the_weights_of_shorter_runs(coupled: bool):
    data, start = problem()
    end = small_steps(data, start, coupled, snapshots=(0, 7, 50))
    assert list(end.snapshots) == [0, 7, 50]
    assert torch.equal(end.snapshots[0].w, start.w)
    for step in (7, 50):
        shorter = small_steps(data, start, coupled, stop=Stop(steps=step)).weights
        torch.testing.assert_close(end.snapshots[step].w, shorter.w, rtol=1e-12, atol=0.0)
        torch.testing.assert_close(end.snapshots[step].a, shorter.a, rtol=1e-12, atol=0.0)


# -- Adam -------------------------------------------------------------------------------------


def plain_adam(data: Data, start: Weights, steps: int, rate: float) -> Weights:
    """A usual training loop for one network."""
    w, a = start.w[0].clone().requires_grad_(), start.a[0].clone().requires_grad_()
    optimizer = torch.optim.Adam([w, a], lr=rate, eps=1e-20)
    for _ in range(steps):
        optimizer.zero_grad()
        f = torch.tanh(data.x[0] @ w.T) @ a
        (((f - data.y[0]) ** 2).mean() / 2).backward()
        optimizer.step()
    return Weights(w.detach()[None], a.detach()[None])


def test_adam_is_a_plain_loop_over_every_network():
    data, start = problem(epsilon=1e-2)
    steps = 37
    end = adam(tanh, data, start, rate=1e-3, eps=1e-20, stop=Stop(moment_ratio=9.0, steps=steps))
    assert (end.end == End.STEPS).all()
    for i in range(3):
        plain = plain_adam(*alone(data, start, i), steps, 1e-3)
        # near a change of sign of a gradient Adam amplifies rounding
        torch.testing.assert_close(end.weights.w[i], plain.w[0], rtol=1e-9, atol=1e-13)
        torch.testing.assert_close(end.weights.a[i], plain.a[0], rtol=1e-9, atol=1e-13)


def test_adam_ends_every_network_by_its_own_stop_rule():
    data, start = problem()
    end = adam(tanh, data, start, rate=1e-3, eps=1e-20, stop=Stop(steps=500), snapshots=(30, 10**6))
    assert (end.end == End.MOMENT).all()
    assert len(set(end.steps.flatten().tolist())) > 1
    ratio, _ = reached(data, end.weights, True)
    assert (ratio >= 0.02).all()
    torch.testing.assert_close(end.moment_ratio, ratio)
    for i in range(3):
        plain = plain_adam(*alone(data, start, i), int(end.steps[i]), 1e-3)
        torch.testing.assert_close(end.weights.w[i], plain.w[0], rtol=1e-9, atol=1e-13)
        shorter = plain_adam(*alone(data, start, i), min(30, int(end.steps[i])), 1e-3)
        torch.testing.assert_close(end.snapshots[30].w[i], shorter.w[0], rtol=1e-9, atol=1e-13)
    assert torch.equal(end.snapshots[10**6].w, end.weights.w)


def test_adam_ends_by_the_amplitude():
    data, start = problem()
    stop = Stop(moment_ratio=math.inf, amplitude=0.05, steps=500)
    end = adam(tanh, data, start, rate=1e-3, eps=1e-20, stop=stop)
    _, amplitude = reached(data, end.weights, True)
    assert (end.end == End.AMPLITUDE).all()
    assert (amplitude >= 0.05).all()
    largest = data.x.abs().sum(-1).amax(1, keepdim=True)
    assert (amplitude < 0.05 + CHECK_EVERY * 1e-3 * largest).all()  # a step moves w by the rate
