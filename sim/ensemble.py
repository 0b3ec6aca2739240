"""Many small two-layer networks trained at once, each on data of its own.

A network is f(x) = Σⱼ aⱼ σ(wⱼ·x̃) with loss (1/2n) Σᵢ (f(xᵢ) − yᵢ)². Arrays carry a leading axis
of data sets. On each data set either one network of all neurons is trained (*coupled*: they
share the residual) or one network per neuron (not coupled). The gradients are exact; nothing
is linearized, so that a run measures what training does and not what the theory says.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import torch
from jaxtyping import Float, Int
from torch import Tensor

Sigma = Callable[[Tensor], tuple[Tensor, Tensor]]  # z -> (σ(z), σ'(z))

CHECK_EVERY = 10  # steps between looks at the stop rule: the growth in between is ≤ exp(10 h)
CHUNK_ELEMENTS = 16_000  # pre-activations trained together: ~10 such arrays fit a core's cache
SHRUNK = 1e-3  # |w|/|w₀| below which a network counts as dead


class Clock(StrEnum):
    """Whose relative speed sets the time step: the whole network's, or each neuron's own."""

    NETWORK = "network"
    NEURON = "neuron"


class End(IntEnum):
    """Why the training of a network ended."""

    STEPS = 0  # ran out of steps
    MOMENT = 1  # the moment tensor of f reached its share of y's
    AMPLITUDE = 2  # max |w·x| left the region where the leading part of σ governs
    SHRUNK = 3  # the input weights shrank away


@dataclass(frozen=True)
class Stop:
    """The stop rule, applied to every network by itself.

    Attributes:
        moment_ratio: end when |moments of f| reaches this share of |moments of y|.
        amplitude: end when max |w·x| reaches this value.
        steps: end after so many steps.
    """

    moment_ratio: float = 0.02
    amplitude: float = 0.2
    steps: int = 4000


@dataclass(frozen=True)
class Data:
    """Data sets of equal size; ``features`` are the monomials whose moments the stop rule uses."""

    x: Float[Tensor, "sets samples dimension"]
    y: Float[Tensor, "sets samples"]
    features: Float[Tensor, "sets samples monomials"]

    def part(self, sets: slice) -> "Data":
        return Data(self.x[sets], self.y[sets], self.features[sets])


@dataclass(frozen=True)
class Weights:
    """Input and output weights of all neurons."""

    w: Float[Tensor, "sets neurons dimension"]
    a: Float[Tensor, "sets neurons"]


@dataclass(frozen=True)
class Trained:
    """Weights where each network ended, why and after how many steps it did.

    ``end``, ``steps`` and ``moment_ratio`` have one column per network of a data set: one when
    coupled, else one per neuron. ``snapshots`` maps a step to the weights then, for a network
    that had ended before to the weights where it ended.
    """

    weights: Weights
    end: Int[Tensor, "sets networks"]
    steps: Int[Tensor, "sets networks"]
    moment_ratio: Float[Tensor, "sets networks"]
    snapshots: dict[int, Weights]


def monomials(
    x: Float[Tensor, "sets samples dimension"], degree: int
) -> Float[Tensor, "sets samples monomials"]:
    """Entries of x^{⊗degree}, each once, weighted so that norms are those of the full tensor."""
    dimension = x.shape[-1]
    columns = []
    for powers in _compositions(degree, dimension):
        count = math.factorial(degree) // math.prod(math.factorial(power) for power in powers)
        column = torch.full_like(x[..., 0], math.sqrt(count))
        for axis, power in enumerate(powers):
            column = column * x[..., axis] ** power
        columns.append(column)
    return torch.stack(columns, -1)


def _compositions(total: int, parts: int) -> list[tuple[int, ...]]:
    if parts == 1:
        return [(total,)]
    return [
        (first, *rest)
        for first in range(total, -1, -1)
        for rest in _compositions(total - first, parts - 1)
    ]


def gradients(
    sigma: Sigma, data: Data, weights: Weights, coupled: bool
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Minus the exact gradients of the loss, the outputs and the pre-activations w·x.

    Returns:
        (dw, da, f, z) with shapes (sets, neurons, dimension), (sets, neurons),
        (sets, networks, samples), (sets, neurons, samples).
    """
    samples = data.x.shape[1]
    z = torch.bmm(weights.w, data.x.mT)
    value, derivative = sigma(z)
    f = weights.a[..., None] * value
    if coupled:
        f = f.sum(1, keepdim=True)
    residual = f - data.y[:, None, :]
    if coupled:
        da = -torch.bmm(value, residual.mT)[..., 0] / samples
    else:
        da = -torch.linalg.vecdot(value, residual) / samples
    dw = torch.bmm(derivative * residual, data.x) * (weights.a[..., None] / -samples)
    return dw, da, f, z


def descend(
    sigma: Sigma,
    data: Data,
    weights: Weights,
    *,
    step: float,
    clock: Clock,
    coupled: bool,
    stop: Stop,
    snapshots: Sequence[int] = (),
) -> Trained:
    """Gradient descent with a relative step, chunked so that a chunk fits the cache.

    The time step of a clock is ``step`` divided by the largest relative speed
    max(|w'|/|w|, |a'|/√(|w|²+a²)) among its neurons, so that growth over many orders of
    magnitude takes a few hundred steps. Not coupled networks have a clock each.
    """
    sets, neurons, _ = weights.w.shape
    chunk = max(1, CHUNK_ELEMENTS // (neurons * data.x.shape[1]))
    parts = []
    for start in range(0, sets, chunk):
        window = slice(start, start + chunk)
        part = Weights(weights.w[window], weights.a[window])
        parts.append(
            _Descent(sigma, data.part(window), part, step, clock, coupled, stop).run(snapshots)
        )
    return _joined(parts)


class _Descent:
    """One chunk of `descend`; finished networks are taken out of the arrays now and then."""

    def __init__(
        self,
        sigma: Sigma,
        data: Data,
        weights: Weights,
        step: float,
        clock: Clock,
        coupled: bool,
        stop: Stop,
    ) -> None:
        self.sigma, self.data, self.step, self.coupled, self.stop = sigma, data, step, coupled, stop
        self.shared_clock = coupled and clock is Clock.NETWORK
        sets, neurons, _ = weights.w.shape
        networks = 1 if coupled else neurons
        device = weights.w.device
        self.w, self.a = weights.w.clone(), weights.a.clone()
        self.final = Weights(self.w.clone(), self.a.clone())
        self.start_norm = self.w.norm(dim=-1)
        self.end = torch.full((sets, networks), -1, dtype=torch.int64, device=device)
        self.steps = torch.zeros_like(self.end)
        self.ratio = torch.zeros(sets, networks, dtype=weights.w.dtype, device=device)
        self.target = _moment_norm(data.y[:, None, :], data.features)
        # which of the original neurons (columns) the working arrays hold
        self.columns = torch.arange(neurons, device=device).expand(sets, neurons).contiguous()

    def run(self, snapshots: Sequence[int]) -> Trained:
        saved = {}
        for step in range(self.stop.steps):
            if step in snapshots:
                self._write_back()
                saved[step] = Weights(self.final.w.clone(), self.final.a.clone())
            dw, da, f, z = gradients(self.sigma, self.data, Weights(self.w, self.a), self.coupled)
            if step % CHECK_EVERY == 0:
                self._check(step, f, z)
                if bool((self.end >= 0).all()):
                    break
                if self._compact():  # no step is lost: when a network ends depends on it alone
                    working = Weights(self.w, self.a)
                    dw, da, *_ = gradients(self.sigma, self.data, working, self.coupled)
            self._move(dw, da)
        self._write_back()
        self.steps[self.end < 0] = self.stop.steps
        self.end[self.end < 0] = int(End.STEPS)
        saved = {step: saved.get(step, self.final) for step in snapshots}
        return Trained(self.final, self.end, self.steps, self.ratio, saved)

    def _move(self, dw: Tensor, da: Tensor) -> None:
        squared = (self.w * self.w).sum(-1)
        speed = torch.maximum(
            ((dw * dw).sum(-1) / squared).sqrt_(),
            da.abs() / (squared + self.a * self.a).sqrt_(),
        )
        if self.shared_clock:
            speed = speed.amax(1, keepdim=True)
        time = self.step / speed.clamp_min(torch.finfo(speed.dtype).tiny)
        time = torch.where(self._open(), time, 0.0)
        self.w.addcmul_(dw, time[..., None].expand_as(dw))
        self.a.addcmul_(da, time.expand_as(da))

    def _open(self) -> Tensor:
        """Which working columns still train, shape (sets, neurons) or (sets, 1)."""
        if self.coupled:
            return self.end < 0
        return self.end.gather(1, self.columns) < 0

    def _check(self, step: int, f: Tensor, z: Tensor) -> None:
        ratio = _moment_norm(f, self.data.features) / self.target
        amplitude = z.abs().amax(-1)
        end = torch.full_like(ratio, -1, dtype=torch.int64)
        if self.coupled:
            amplitude = amplitude.amax(1, keepdim=True)
        else:
            shrunk = self.w.norm(dim=-1) < SHRUNK * self.start_norm.gather(1, self.columns)
            end[shrunk] = int(End.SHRUNK)
        end[amplitude >= self.stop.amplitude] = int(End.AMPLITUDE)
        end[ratio >= self.stop.moment_ratio] = int(End.MOMENT)
        columns = torch.zeros_like(end) if self.coupled else self.columns
        ended = self._open() & (end >= 0)
        self.ratio.scatter_(
            1, columns, torch.where(self._open(), ratio, self.ratio.gather(1, columns))
        )
        self.steps.scatter_(1, columns, torch.where(ended, step, self.steps.gather(1, columns)))
        self.end.scatter_(1, columns, torch.where(ended, end, self.end.gather(1, columns)))

    def _compact(self) -> bool:
        """Drop finished networks of not coupled chunks once a fifth of the columns is idle."""
        if self.coupled:
            return False
        open_ = self._open()
        needed = int(open_.sum(1).max())
        if needed > 0.8 * self.w.shape[1]:
            return False
        self._write_back()
        order = torch.argsort(open_.to(torch.int8), dim=1, descending=True, stable=True)[:, :needed]
        self.columns = self.columns.gather(1, order)
        self.w = self.w.gather(1, order[..., None].expand(-1, -1, self.w.shape[-1])).contiguous()
        self.a = self.a.gather(1, order).contiguous()
        return True

    def _write_back(self) -> None:
        self.final.w.scatter_(1, self.columns[..., None].expand_as(self.w), self.w)
        self.final.a.scatter_(1, self.columns, self.a)


def adam(
    sigma: Sigma,
    data: Data,
    weights: Weights,
    *,
    rate: float,
    eps: float,
    stop: Stop,
    snapshots: Sequence[int] = (),
) -> Trained:
    """Adam (torch.optim) on coupled networks, full batch; each ends by its own stop rule.

    ``eps`` is Adam's own: far below the gradients of small networks, else it sets the scale.
    """
    sets, neurons, _ = weights.w.shape
    chunk = max(1, CHUNK_ELEMENTS // (neurons * data.x.shape[1]))
    parts = []
    for start in range(0, sets, chunk):
        window = slice(start, start + chunk)
        part = Weights(weights.w[window].clone(), weights.a[window].clone())
        parts.append(_adam_chunk(sigma, data.part(window), part, rate, eps, stop, snapshots))
    return _joined(parts)


def _adam_chunk(
    sigma: Sigma,
    data: Data,
    weights: Weights,
    rate: float,
    eps: float,
    stop: Stop,
    snapshots: Sequence[int],
) -> Trained:
    final = Weights(weights.w.clone(), weights.a.clone())
    end = torch.full((len(weights.w), 1), -1, dtype=torch.int64, device=weights.w.device)
    steps, ratio = torch.zeros_like(end), torch.zeros_like(end, dtype=weights.w.dtype)
    target = _moment_norm(data.y[:, None, :], data.features)
    optimizer = torch.optim.Adam([weights.w, weights.a], lr=rate, eps=eps, fused=True)
    saved = {}
    for step in range(stop.steps):
        if step in snapshots:
            closed = end >= 0
            saved[step] = Weights(
                torch.where(closed[..., None], final.w, weights.w),
                torch.where(closed, final.a, weights.a),
            )
        dw, da, f, z = gradients(sigma, data, weights, coupled=True)
        if step % CHECK_EVERY == 0:
            reached = _moment_norm(f, data.features) / target
            now = torch.full_like(end, -1)
            now[z.abs().amax((1, 2))[:, None] >= stop.amplitude] = int(End.AMPLITUDE)
            now[reached >= stop.moment_ratio] = int(End.MOMENT)
            open_ = end < 0
            ended = open_ & (now >= 0)
            ratio = torch.where(open_, reached, ratio)
            steps[ended], end[ended] = step, now[ended]
            final.w[ended[:, 0]], final.a[ended[:, 0]] = (
                weights.w[ended[:, 0]],
                weights.a[ended[:, 0]],
            )
            if bool((end >= 0).all()):
                break
        weights.w.grad, weights.a.grad = dw.neg_(), da.neg_()
        optimizer.step()
    left = (end < 0)[:, 0]
    final.w[left], final.a[left] = weights.w[left], weights.a[left]
    steps[left], end[left] = stop.steps, int(End.STEPS)
    saved = {step: saved.get(step, final) for step in snapshots}
    return Trained(final, end, steps, ratio, saved)


def _moment_norm(f: Tensor, features: Tensor) -> Tensor:
    """Norm of (1/n) Σᵢ fᵢ xᵢ^{⊗p} for each network, shape (sets, networks)."""
    return (torch.bmm(f, features) / f.shape[-1]).norm(dim=-1)


def _joined(parts: list[Trained]) -> Trained:
    def weights(pick: Callable[[Trained], Weights]) -> Weights:
        return Weights(
            torch.cat([pick(part).w for part in parts]), torch.cat([pick(part).a for part in parts])
        )

    return Trained(
        weights(lambda part: part.weights),
        torch.cat([part.end for part in parts]),
        torch.cat([part.steps for part in parts]),
        torch.cat([part.moment_ratio for part in parts]),
        {s: weights(lambda part, s=s: part.snapshots[s]) for s in parts[0].snapshots},
    )
