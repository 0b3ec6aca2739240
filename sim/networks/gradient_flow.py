"""Gradient flow of the exact loss in true time, over many orders of magnitude.

The classical Runge–Kutta method with a relative step: in one step the fastest neuron of a network
changes by the share ``step`` of its own size, so that growth from 1e-10 takes about a hundred
steps while the elapsed time is kept to a few parts in ten thousand.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from sim.networks.ensemble import Data, Sigma, Weights, chunk_size
from sim.networks.gradients import Slopes, gradients_of, runs_natively


class Flow:
    """Networks that follow the gradient flow of the loss, each on a clock of its own.

    Attributes:
        w, a: weights now.
        time: elapsed, shape (sets, networks): one network of all neurons where coupled, else one
            for each neuron.
    """

    def __init__(
        self, sigma: Sigma, data: Data, weights: Weights, *, step: float, coupled: bool
    ) -> None:
        self.w, self.a = weights.w, weights.a
        self.step, self.coupled = step, coupled
        self.gradients = gradients_of(sigma, data, coupled)
        sets, neurons, _ = weights.w.shape
        self.time = weights.a.new_zeros(sets, 1 if coupled else neurons)

    def look(self) -> Slopes:
        """Gradients, outputs and amplitudes now; call it before every `advance`."""
        self._slopes = self.gradients(Weights(self.w, self.a), True)
        return self._slopes

    def advance(self, open_: Bool[Tensor, "sets networks"]) -> None:
        """One step of the networks that are open."""
        first = self._slopes.w, self._slopes.a
        time = torch.where(open_, self.step / self._speed(*first), 0.0)
        second = self._at(first, time / 2)
        third = self._at(second, time / 2)
        fourth = self._at(third, time)
        parts = zip(first, second, third, fourth, strict=True)
        dw, da = ((k1 + 2 * k2 + 2 * k3 + k4) / 6 for k1, k2, k3, k4 in parts)
        self.w, self.a = self.w + time[..., None] * dw, self.a + time * da
        self.time = self.time + time

    def _speed(self, dw: Tensor, da: Tensor) -> Float[Tensor, "sets networks"]:
        """Relative speed of each network: largest |(w, a)'| / |(w, a)| of its neurons.

        A single neuron with |w| ≪ |a| would overshoot at that speed, so its |w| changes by the
        share of itself. In a wide network larger neurons set the clock, and a neuron of ReLU that
        passes w = 0 must not stop it.
        """
        squared = (self.w * self.w).sum(-1)
        size = squared + self.a * self.a
        if self.coupled:
            changes = (dw * dw).sum(-1) + da * da
            speed = (changes / size).sqrt().amax(1, keepdim=True)
        else:
            turning = ((dw * dw).sum(-1) / squared).sqrt()
            speed = torch.maximum(turning, da.abs() / size.sqrt())
        return speed.clamp_min(torch.finfo(speed.dtype).tiny)

    def _at(self, slope: tuple[Tensor, Tensor], time: Tensor) -> tuple[Tensor, Tensor]:
        moved = Weights(self.w + time[..., None] * slope[0], self.a + time * slope[1])
        slopes = self.gradients(moved, False)
        return slopes.w, slopes.a


class Passages:
    """Where along a run a positive quantity first passes given levels, interpolated in logs.

    Attributes:
        at: the coordinate (such as time) at each passage, NaN before; last axis: the levels.
    """

    def __init__(self, levels: tuple[float, ...], like: Tensor, rising: bool) -> None:
        self.levels, self.rising = [math.log(level) for level in levels], rising
        self.at = like.new_full((*like.shape, len(levels)), math.nan)
        self._before: tuple[Tensor, Tensor] | None = None

    def record(self, coordinate: Tensor, value: Tensor) -> None:
        """The next point of every run; a run that starts beyond a level passes it at once."""
        log = value.log()
        for k, level in enumerate(self.levels):
            passed = (log >= level if self.rising else log <= level) & self.at[..., k].isnan()
            here = coordinate
            if self._before is not None:
                before, then = self._before
                here = then + (level - before) / (log - before) * (coordinate - then)
            self.at[..., k] = torch.where(passed, here, self.at[..., k])
        self._before = (log, coordinate.clone())

    @property
    def open(self) -> Bool[Tensor, "..."]:
        """Runs that have not passed every level."""
        return self.at.isnan().any(-1)


def in_parts(
    sigma: Sigma,
    data: Data,
    start: Weights,
    run: Callable[[Data, Weights, slice], tuple[Tensor, ...]],
) -> tuple[Tensor, ...]:
    """Run data sets as many at a time as fit the cache or the card; results are joined.

    Args:
        sigma: the activation.
        data, start: all data sets, and the weights that they start from.
        run: results of a part, each with a leading axis of data sets: its data and its starts, and
            which data sets they are.
    """
    sets, size = len(data.x), chunk_size(sigma, data, start, runs_natively(sigma, data.x))
    parts = [
        run(data.part(at), Weights(start.w[at], start.a[at]), at)
        for at in (slice(first, first + size) for first in range(0, sets, size))
    ]
    return tuple(torch.cat(columns) for columns in zip(*parts, strict=True))
