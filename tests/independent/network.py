"""Two-layer networks of coupled neurons from small weights, in torch and nothing of the project.

f(x) = Σₖ aₖ σ(wₖ·(x, 1)), loss (1/2n) Σ (f − y)², full batch, float64. All neurons of a network see
the same error f − y and the same learning rate: nothing is trained on a clock of its own.

Gradient descent takes learning rates that change with time, one for a whole network: each step
moves the fastest of its neurons by `STEP` of its size. That is gradient descent along the same
flow, and reaches in a thousand steps what a constant rate reaches in 10¹⁰. A neuron whose input
weights have all but vanished beside its output weight would set the rate forever, so sizes are at
least `LEAST` of the output weight; where σ(0) ≠ 0 the rate is also below a quarter of that at which
fitting the mean of y becomes unstable, 2/(m σ(0)²). Adam has torch's moments and a constant rate of
a tenth of the initial weights; its ε, an absolute number, is far below the first gradients, for
else it would be plain momentum at small weights.

A network stops where its output (less its mean where σ(0) ≠ 0) has reached `OUTPUT` of y, or where
some |w·x| reaches the amplitude up to which σ is its leading power within 10 %.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

STEP, LEAST = 0.02, 0.1
OUTPUT = 0.02
REACH = 0.2  # the largest amplitude
STEPS = {"gd": 20_000, "adam": 6_000}
PROBE = 1e-3
DECAY, SQUARES = 0.9, 0.999  # of Adam's moments


@dataclass(frozen=True)
class Trained:
    """Weights of all networks, (networks, neurons, inputs) and (networks, neurons).

    Attributes:
        growth: |w| over its initial value.
        stopped: share of the networks that came far enough before the last step.
    """

    w: np.ndarray
    a: np.ndarray
    growth: np.ndarray
    stopped: float
    steps: int


@dataclass(frozen=True)
class Sigma:
    """An activation with what its values near 0 tell.

    Attributes:
        orders: of σ − σ(0) on the right and on the left; None where it vanishes.
        reach: amplitude up to which both sides are powers within 10 %.
    """

    function: Callable[[Tensor], Tensor]
    at_zero: float
    orders: tuple[int | None, int | None]
    reach: float

    @property
    def order(self) -> int:
        """The lower order of the two sides, which governs."""
        return min(order for order in self.orders if order is not None)

    def beyond(self, z: float | np.ndarray) -> np.ndarray:
        """σ(z) − σ(0)."""
        values = self.function(torch.as_tensor(z, dtype=torch.float64))
        return (values - self.at_zero).detach().numpy()

    def with_slope(self, z: Tensor) -> tuple[Tensor, Tensor]:
        z = z.detach().requires_grad_(True)
        values = self.function(z)
        (slopes,) = torch.autograd.grad(values.sum(), z)
        return values.detach(), slopes


def sigma(function: Callable[[Tensor], Tensor]) -> Sigma:
    """The orders by the ratio of two small arguments."""
    at_zero = float(function(torch.zeros(1, dtype=torch.float64))[0])
    bare = Sigma(function, at_zero, (1, 1), REACH)
    orders = tuple(_order(bare, side) for side in (1, -1))
    reach = min(_reach(bare, side, order) for side, order in zip((1, -1), orders, strict=True))
    return Sigma(function, at_zero, (orders[0], orders[1]), reach)


def _order(of: Sigma, side: int) -> int | None:
    near, far = np.abs(of.beyond(np.array([1.0, 2.0]) * side * PROBE))
    return round(math.log2(far / near)) if near > 0 else None


def _reach(of: Sigma, side: int, order: int | None) -> float:
    if order is None:
        return REACH
    power = float(of.beyond(side * PROBE)) / PROBE**order
    amplitude = REACH
    while abs(float(of.beyond(side * amplitude)) / (power * amplitude**order) - 1) > 0.1:
        amplitude /= 2
    return amplitude


def initial_size(of: Sigma, optimizer: str) -> float:
    """Standard deviation of all weights: directions converge with the growth from there."""
    small = 1e-8 if optimizer == "gd" and of.order == 1 else 1e-4
    return small * of.reach / REACH


def train(
    of: Sigma,
    x: np.ndarray,
    y: np.ndarray,
    optimizer: str,
    *,
    networks: int,
    neurons: int,
    seed: int,
) -> Trained:
    """Train independent networks on inputs (n, D), bias included, until all have stopped."""
    torch.set_num_threads(1)  # tensors are small
    rng, size = np.random.default_rng(seed), initial_size(of, optimizer)
    shape = (networks, neurons, x.shape[1])
    w, a = (torch.tensor(size * rng.standard_normal(s)) for s in (shape, shape[:2]))
    first = w.norm(dim=-1)
    problem = _Problem(of, torch.tensor(x), torch.tensor(y))
    moves = _descent(problem, w, a) if optimizer == "gd" else _adam(problem, w, a, size / 10)
    going, steps = torch.ones(networks, dtype=torch.bool), 0
    for dw, da in moves:
        going &= ~problem.stops
        if not going.any() or steps == STEPS[optimizer]:
            break
        w += torch.where(going[:, None, None], dw, 0.0)
        a += torch.where(going[:, None], da, 0.0)
        steps += 1
    growth = w.norm(dim=-1) / first
    return Trained(w.numpy(), a.numpy(), growth.numpy(), 1 - float(going.double().mean()), steps)


class _Problem:
    """Gradients of the loss, and which networks have come far enough at the last ones."""

    def __init__(self, of: Sigma, x: Tensor, y: Tensor) -> None:
        self.of, self.x, self.y = of, x, y
        self.mean = bool(of.at_zero)
        self.wanted = OUTPUT * self._size(y)
        self.stops = torch.tensor(False)

    def _size(self, values: Tensor) -> Tensor:
        if self.mean:
            values = values - values.mean(-1, keepdim=True)
        return values.square().mean(-1).sqrt()

    def gradients(self, w: Tensor, a: Tensor) -> tuple[Tensor, Tensor]:
        z = w @ self.x.T
        values, slopes = self.of.with_slope(z)
        output = torch.einsum("rk,rkn->rn", a, values)
        error = (output - self.y) / len(self.y)
        largest = z.abs().amax((1, 2))
        self.stops = (self._size(output) >= self.wanted) | (largest >= self.of.reach)
        return (
            a[..., None] * ((slopes * error[:, None, :]) @ self.x),
            (values * error[:, None, :]).sum(-1),
        )


def _descent(problem: _Problem, w: Tensor, a: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    mean = a.shape[1] * problem.of.at_zero**2
    longest = 0.5 / mean if mean else math.inf
    while True:
        gw, ga = problem.gradients(w, a)
        size = w.norm(dim=-1)
        turning = gw.norm(dim=-1) / torch.maximum(size, LEAST * a.abs())
        growing = ga.abs() / torch.hypot(size, a)
        fastest = torch.maximum(turning, growing).amax(1)
        rate = (STEP / fastest).clamp(max=longest)
        yield -rate[:, None, None] * gw, -rate[:, None] * ga


def _adam(problem: _Problem, w: Tensor, a: Tensor, rate: float) -> Iterator[tuple[Tensor, Tensor]]:
    first = [torch.zeros_like(part) for part in (w, a)]
    second = [torch.zeros_like(part) for part in (w, a)]
    tiny, t = 0.0, 0
    while True:
        gradients = problem.gradients(w, a)
        t += 1
        tiny = tiny or 1e-6 * float(gradients[0].square().mean().sqrt())
        moves = []
        for k, g in enumerate(gradients):
            first[k] = DECAY * first[k] + (1 - DECAY) * g
            second[k] = SQUARES * second[k] + (1 - SQUARES) * g * g
            root = (second[k] / (1 - SQUARES**t)).sqrt() + tiny
            moves.append(-rate * first[k] / (1 - DECAY**t) / root)
        yield moves[0], moves[1]
