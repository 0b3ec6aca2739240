"""How ensembles are trained: gradient descent with a relative step, and Adam."""

import math
from collections.abc import Sequence
from enum import StrEnum
from functools import partial

import torch
from jaxtyping import Bool
from torch import Tensor

from sim.networks.ensemble import (
    Data,
    End,
    Faded,
    Sigma,
    Stop,
    Trained,
    Weights,
    chunk_size,
    in_chunks,
    moment_norm,
)
from sim.networks.gradients import Slopes, runs_natively
from sim.networks.steps import adam_steps, descent

CHECK_EVERY = 10  # steps between looks at the stop rule: the growth in between is ≤ exp(10 h)
SHRINKING = 4  # chunks at once of networks that end at different times and are then dropped
BUSY = 0.8  # share of the working networks below which the finished ones are dropped
SHRUNK = 1e-3  # |w|/|w₀| below which a network counts as dead


class Clock(StrEnum):
    """Whose relative speed sets the time step: the whole network's, or each neuron's own."""

    NETWORK = "network"
    NEURON = "neuron"


def descend(
    sigma: Sigma,
    data: Data,
    weights: Weights,
    *,
    step: float,
    clock: Clock,
    coupled: bool,
    stop: Stop,
    longest: float = math.inf,
    snapshots: Sequence[int] = (),
) -> Trained:
    """Gradient descent with a relative step, in chunks that fit the cache or the card.

    The time step of a clock is ``step`` divided by the largest relative speed
    max(|w'|/|w|, |a'|/√(|w|²+a²)) among its neurons, so that growth over many orders of
    magnitude takes a few hundred steps. Not coupled networks have a clock each. No time step
    exceeds ``longest``, which keeps stiff directions stable (the mean of f where σ(0) ≠ 0).
    """
    native, caches = runs_natively(sigma, data.x), 1 if coupled else SHRINKING
    return in_chunks(
        data,
        weights,
        lambda part, start: _Descent(sigma, part, start, step, clock, coupled, stop, longest).run(
            snapshots
        ),
        chunk_size(sigma, data, weights, native, caches),
    )


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
        longest: float,
    ) -> None:
        self.data, self.coupled, self.stop = data, coupled, stop
        self.steps_on = partial(
            descent,
            sigma,
            coupled=coupled,
            step=step,
            longest=longest,
            shared_clock=coupled and clock is Clock.NETWORK,
        )
        self.stepping = self.steps_on(data)
        sets, neurons, _ = weights.w.shape
        networks = 1 if coupled else neurons
        device = weights.w.device
        self.w, self.a = weights.w, weights.a
        self.final = Weights(self.w.clone(), self.a.clone())
        self.start_norm = self.w.norm(dim=-1)
        self.end = torch.full((sets, networks), -1, dtype=torch.int64, device=device)
        self.steps = torch.zeros_like(self.end)
        self.ratio = torch.zeros(sets, networks, dtype=weights.w.dtype, device=device)
        self.target = moment_norm(data.y[:, None, :], data.features)
        # which of the original data sets (coupled) or neurons (else) the working arrays hold
        self.sets = torch.arange(sets, device=device)
        self.columns = torch.arange(neurons, device=device).expand(sets, neurons).contiguous()

    def run(self, snapshots: Sequence[int]) -> Trained:
        saved, step = {}, 0
        slopes = self.stepping.slopes(self._weights(), True)
        while step < self.stop.steps:
            if step in snapshots:
                self._write_back()
                saved[step] = Weights(self.final.w.clone(), self.final.a.clone())
            if step % CHECK_EVERY == 0:
                self._check(step, slopes)
                if bool((self.end >= 0).all()):
                    break
                if self._compact():  # no step is lost: when a network ends depends on it alone
                    slopes = self.stepping.slopes(self._weights(), False)
            later = pause(step, self.stop.steps, snapshots)
            slopes = self.stepping.advance(self._weights(), slopes, self._open(), later - step)
            step = later
        self._write_back()
        self.steps[self.end < 0] = self.stop.steps
        self.end[self.end < 0] = int(End.STEPS)
        saved = {step: saved.get(step, self.final) for step in snapshots}
        return Trained(self.final, self.end, self.steps, self.ratio, saved)

    def _weights(self) -> Weights:
        """Those of the working networks."""
        return Weights(self.w, self.a)

    def _open(self) -> Tensor:
        """Which working networks still train, shape (sets, neurons) or (sets, 1)."""
        return self._working(self.end) < 0

    def _working(self, whole: Tensor) -> Tensor:
        """The entries of all networks that belong to the working ones."""
        return whole[self.sets] if self.coupled else whole.gather(1, self.columns)

    def _put(self, whole: Tensor, working: Tensor) -> None:
        """Write entries of the working networks to their places among all."""
        if self.coupled:
            whole[self.sets] = working
        else:
            whole.scatter_(1, self.columns, working)

    def _check(self, step: int, slopes: Slopes) -> None:
        ratio = moment_norm(slopes.outputs, self.data.features) / self.target
        amplitude = slopes.amplitude
        end = torch.full_like(ratio, -1, dtype=torch.int64)
        if self.coupled:
            amplitude = amplitude.amax(1, keepdim=True)
        else:
            shrunk = self.w.norm(dim=-1) < SHRUNK * self._working(self.start_norm)
            end[shrunk] = int(End.SHRUNK)
            if self.stop.faded is not None:
                end[has_faded(self.stop.faded, self._weights(), slopes)] = int(End.SHRUNK)
            end[(slopes.w == 0).all(-1) & (slopes.a == 0)] = int(End.STILL)
        end[amplitude >= self.stop.amplitude] = int(End.AMPLITUDE)
        end[ratio >= self.stop.moment_ratio] = int(End.MOMENT)
        end[~(ratio.isfinite() & amplitude.isfinite())] = int(End.NOT_FINITE)
        open_ = self._open()
        ended = open_ & (end >= 0)
        self._put(self.ratio, torch.where(open_, ratio, self._working(self.ratio)))
        self._put(self.steps, torch.where(ended, step, self._working(self.steps)))
        self._put(self.end, torch.where(ended, end, self._working(self.end)))

    def _compact(self) -> bool:
        """Drop finished networks once a fifth of the work is idle: data sets, or neurons."""
        open_ = self._open()
        needed = int(open_.sum(0 if self.coupled else 1).max())
        if needed > BUSY * open_.shape[0 if self.coupled else 1]:
            return False
        self._write_back()
        order = torch.argsort(
            open_.to(torch.int8), dim=0 if self.coupled else 1, descending=True, stable=True
        )
        if self.coupled:
            left = order[:needed, 0]
            self.sets, self.data, self.target = (
                self.sets[left],
                self.data.part(left),
                self.target[left],
            )
            self.w, self.a = self.w[left], self.a[left]
            self.stepping = self.steps_on(self.data)
        else:
            left = order[:, :needed]
            self.columns = self.columns.gather(1, left)
            wide = left[..., None].expand(-1, -1, self.w.shape[-1])
            self.w, self.a = self.w.gather(1, wide).contiguous(), self.a.gather(1, left)
        return True

    def _write_back(self) -> None:
        if self.coupled:
            self.final.w[self.sets], self.final.a[self.sets] = self.w, self.a
        else:
            self.final.w.scatter_(1, self.columns[..., None].expand_as(self.w), self.w)
            self.final.a.scatter_(1, self.columns, self.a)


def has_faded(faded: Faded, weights: Weights, slopes: Slopes) -> Bool[Tensor, "sets neurons"]:
    """Which neurons are where neither of their forces acts, see `Faded`."""
    norm, a = weights.w.norm(dim=-1), weights.a
    rest = slopes.a.abs() <= faded.force * norm**faded.order
    rest &= slopes.w.norm(dim=-1) <= faded.pull * a.abs() * norm ** (faded.order - 1)
    return rest if faded.growing else rest & (slopes.a * a < 0)


def pause(step: int, last: int, snapshots: Sequence[int]) -> int:
    """The next step, after this one, before which something is looked at."""
    look = step - step % CHECK_EVERY + CHECK_EVERY
    return min([look, last, *(one for one in snapshots if one > step)])


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
    """Adam (of torch) on coupled networks, full batch; each ends by its own stop rule.

    ``eps`` is Adam's own: far below the gradients of small networks, else it sets the scale.
    """
    return in_chunks(
        data,
        weights,
        lambda part, start: _adam_chunk(sigma, part, start, rate, eps, stop, snapshots),
        chunk_size(sigma, data, weights, runs_natively(sigma, data.x)),
    )


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
    target = moment_norm(data.y[:, None, :], data.features)
    stepping = adam_steps(sigma, data, rate=rate, eps=eps)
    slopes = stepping.slopes(weights, True)
    saved, step = {}, 0
    while step < stop.steps:
        if step in snapshots:
            closed = end >= 0
            saved[step] = Weights(
                torch.where(closed[..., None], final.w, weights.w),
                torch.where(closed, final.a, weights.a),
            )
        if step % CHECK_EVERY == 0:
            reached = moment_norm(slopes.outputs, data.features) / target
            now = torch.full_like(end, -1)
            amplitude = slopes.amplitude.amax(1, keepdim=True)
            now[amplitude >= stop.amplitude] = int(End.AMPLITUDE)
            now[reached >= stop.moment_ratio] = int(End.MOMENT)
            now[~(reached.isfinite() & amplitude.isfinite())] = int(End.NOT_FINITE)
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
        later = pause(step, stop.steps, snapshots)
        slopes = stepping.advance(weights, slopes, end < 0, later - step)
        step = later
    left = (end < 0)[:, 0]
    final.w[left], final.a[left] = weights.w[left], weights.a[left]
    steps[left], end[left] = stop.steps, int(End.STEPS)
    saved = {step: saved.get(step, final) for step in snapshots}
    return Trained(final, end, steps, ratio, saved)
