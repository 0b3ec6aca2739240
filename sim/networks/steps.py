"""Steps of training of ensembles: gradient descent with a relative or a fixed step, and Adam.

In torch calls, which run anywhere and are the reference, or many at once in machine code. Which of
the two it is depends on the activation, the device, the type of the data and on whether there is a
compiler, so that a run is the same however it is divided.
"""

from abc import ABC, abstractmethod
from typing import cast

import torch
from jaxtyping import Bool
from torch import Tensor

from sim.activation.compiled import TorchActivation
from sim.engine.optimizers import Descent
from sim.networks.ensemble import Data, Sigma, Weights
from sim.networks.gradients import Slopes, gradients, runs_natively


class Steps(ABC):
    """Steps of networks on some data.

    Args:
        sigma: the activation.
        data: what they are trained on.
        coupled: all neurons of a data set are one network, else each is one.
    """

    def __init__(self, sigma: Sigma, data: Data, coupled: bool) -> None:
        self.sigma, self.data, self.coupled = sigma, data, coupled

    def slopes(self, weights: Weights, outputs: bool) -> Slopes:
        """Minus the gradients; outputs where they are wanted."""
        return gradients(self.sigma, self.data, weights, self.coupled)

    @abstractmethod
    def advance(
        self, weights: Weights, slopes: Slopes, open_: Bool[Tensor, "sets networks"], steps: int
    ) -> Slopes:
        """Move open networks by some steps, in place; the slopes afterwards, with outputs.

        ``slopes`` are those of the weights, and of no use afterwards.
        """


class TorchDescent(Steps):
    """Gradient descent in torch calls, see `sim.networks.training.descend`."""

    def __init__(
        self,
        sigma: Sigma,
        data: Data,
        coupled: bool,
        *,
        step: float,
        longest: float,
        shared_clock: bool,
    ) -> None:
        super().__init__(sigma, data, coupled)
        self.step, self.longest, self.shared_clock = step, longest, shared_clock

    def advance(
        self, weights: Weights, slopes: Slopes, open_: Bool[Tensor, "sets networks"], steps: int
    ) -> Slopes:
        for _ in range(steps):
            self._move(weights, slopes, open_)
            slopes = self.slopes(weights, True)
        return slopes

    def _move(self, weights: Weights, slopes: Slopes, open_: Tensor) -> None:
        w, a, dw, da = weights.w, weights.a, slopes.w, slopes.a
        squared = (w * w).sum(-1)
        speed = torch.maximum(
            ((dw * dw).sum(-1) / squared).sqrt_(),
            da.abs() / (squared + a * a).sqrt_(),
        )
        if self.shared_clock:
            speed = speed.amax(1, keepdim=True)
        time = self.step / speed.clamp_min(torch.finfo(speed.dtype).tiny)
        time.clamp_max_(self.longest)
        time = torch.where(open_, time, 0.0)
        w.addcmul_(dw, time[..., None].expand_as(dw))
        a.addcmul_(da, time.expand_as(da))


class TorchPlain(Steps):
    """Gradient descent with a fixed learning rate, in torch calls."""

    def __init__(self, sigma: Sigma, data: Data, coupled: bool, *, rate: float) -> None:
        super().__init__(sigma, data, coupled)
        self.rate = rate

    def advance(
        self, weights: Weights, slopes: Slopes, open_: Bool[Tensor, "sets networks"], steps: int
    ) -> Slopes:
        rate = self.rate * open_.to(weights.a.dtype)
        for _ in range(steps):
            weights.w.addcmul_(slopes.w, rate[..., None].expand_as(slopes.w))
            weights.a.addcmul_(slopes.a, rate.expand_as(slopes.a))
            slopes = self.slopes(weights, True)
        return slopes


class TorchAdam(Steps):
    """Adam of torch; it moves all networks, whether they are open or not."""

    def __init__(self, sigma: Sigma, data: Data, *, rate: float, eps: float) -> None:
        super().__init__(sigma, data, coupled=True)
        self.rate, self.eps = rate, eps
        self._descent: Descent | None = None

    def advance(
        self, weights: Weights, slopes: Slopes, open_: Bool[Tensor, "sets networks"], steps: int
    ) -> Slopes:
        if self._descent is None:
            self._descent = Descent("adam", [weights.w, weights.a], self.rate, epsilon=self.eps)
        for _ in range(steps):
            self._descent.step([slopes.w.neg(), slopes.a.neg()])
            slopes = self.slopes(weights, True)
        return slopes


class NativeSteps(Steps):
    """Any of them in machine code.

    Args:
        kind: of a step, see `sim.native.moves`.
        settings: of this kind.
    """

    def __init__(
        self, sigma: Sigma, data: Data, coupled: bool, kind: str, **settings: float
    ) -> None:
        from sim.native.training import NativeTraining

        super().__init__(sigma, data, coupled)
        known = cast(TorchActivation, sigma)
        self._training = NativeTraining(known, data.x, data.y, coupled, kind)
        own = {"adam": self._training.adam, "plain": self._training.plain}
        self._move = own.get(kind, self._training.descend)
        self._settings = settings

    def slopes(self, weights: Weights, outputs: bool) -> Slopes:
        return Slopes(*self._training.gradients(weights.w, weights.a, outputs))

    def advance(
        self, weights: Weights, slopes: Slopes, open_: Bool[Tensor, "sets networks"], steps: int
    ) -> Slopes:
        known = (weights.w, weights.a, slopes.w, slopes.a, open_, steps)
        return Slopes(*self._move(*known, **self._settings))


def descent(
    sigma: Sigma, data: Data, coupled: bool, *, step: float, longest: float, shared_clock: bool
) -> Steps:
    """Gradient descent with a relative step."""
    if not runs_natively(sigma, data.x):
        known = {"step": step, "longest": longest, "shared_clock": shared_clock}
        return TorchDescent(sigma, data, coupled, **known)
    kind = "network clock" if shared_clock else "neuron clock"
    return NativeSteps(sigma, data, coupled, kind, step=step, longest=longest)


def plain_descent(sigma: Sigma, data: Data, coupled: bool, *, rate: float) -> Steps:
    """Gradient descent with a fixed learning rate."""
    if not runs_natively(sigma, data.x):
        return TorchPlain(sigma, data, coupled, rate=rate)
    return NativeSteps(sigma, data, coupled, "plain", rate=rate)


def adam_steps(sigma: Sigma, data: Data, *, rate: float, eps: float) -> Steps:
    """Adam, of coupled networks."""
    if not runs_natively(sigma, data.x):
        return TorchAdam(sigma, data, rate=rate, eps=eps)
    return NativeSteps(sigma, data, True, "adam", rate=rate, eps=eps)
