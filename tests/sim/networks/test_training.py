"""Steps, stop rules, snapshots and Adam: each against its definition, written out."""

import math

import pytest
import torch
from torch import Tensor

from sim.networks.ensemble import Data, End, Stop, Weights
from sim.networks.gradients import gradients
from sim.networks.training import CHECK_EVERY, SHRUNK, Clock, adam
from tests.sim.networks.problems import (
    COUPLED,
    alone,
    problem,
    quadratic,
    small_steps,
    tanh,
)

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


REACH = 1e-2  # twice the largest |w·x| at the start and more


def nowhere(at: float):
    """tanh, without a value beyond a distance from 0."""

    def sigma(z: Tensor) -> tuple[Tensor, Tensor]:
        value, slope = tanh(z)
        return torch.where(z.abs() > at, torch.nan, value), slope

    return sigma


@COUPLED
def test_ends_where_numbers_are_not_finite(coupled: bool):
    """At the next look, and with finite ones in the others."""
    data, start = problem()
    usual = small_steps(data, start, coupled)
    end = small_steps(data, start, coupled, nowhere(REACH))
    assert (end.end == End.NOT_FINITE).all()
    assert (end.steps < usual.steps).all()
    trained = adam(nowhere(REACH), data, start, rate=1e-3, eps=1e-20, stop=Stop(steps=10**4))
    assert (trained.end == End.NOT_FINITE).all()
    assert (trained.steps < 1000).all()


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
