"""Who trains: ours, torch with one network at a time, JAX. Each is timed on the same start."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from sim.networks.ensemble import Weights, chunk_size
from sim.networks.gradients import runs_natively
from sim.networks.steps import plain_descent
from validate.command.frameworks.jax_process import JaxProcess
from validate.command.frameworks.workload import Start, Workload, sigma_of

ALONE = 8  # networks that are trained one at a time, for that is slow


class Rival(ABC):
    """Trains a workload from its start, again and again.

    Attributes:
        name: who it is.
        units: how many one run does.
        compile_seconds: before the first run; None where nothing is compiled, or not told here.
    """

    name: str
    units: float
    compile_seconds: float | None = None

    @property
    @abstractmethod
    def ended(self) -> Weights:
        """Weights after the last run: all, or those of the first data sets or neurons."""

    @abstractmethod
    def run(self) -> float:
        """Seconds of all steps of a call."""

    def unit(self) -> float:
        """Seconds of one unit, in a call now."""
        return self.run() / self.units


class Ours(Rival):
    """Chunks of networks at once, as everywhere, in machine code where there is a compiler."""

    name = "ours"

    def __init__(self, workload: Workload, start: Start) -> None:
        self.units = float(workload.units)
        self._start, self._steps, sigma = start, workload.steps, sigma_of(workload)
        columns = 1 if workload.coupled else workload.neurons
        self._open = torch.ones(workload.sets, columns, dtype=torch.bool)
        native = runs_natively(sigma, start.x)
        size = chunk_size(sigma, start.data, start.weights(), native)
        chunks = [slice(first, first + size) for first in range(0, workload.sets, size)]
        self._chunks = [
            (
                chunk,
                plain_descent(sigma, start.data.part(chunk), workload.coupled, rate=workload.rate),
            )
            for chunk in chunks
        ]
        self._weights = start.weights()

    @property
    def ended(self) -> Weights:
        return self._weights

    def run(self) -> float:
        weights = self._start.weights()
        begin = time.perf_counter()
        for chunk, stepping in self._chunks:
            part = Weights(weights.w[chunk], weights.a[chunk])
            slopes = stepping.slopes(part, False)
            stepping.advance(part, slopes, self._open[chunk], self._steps)
        seconds = time.perf_counter() - begin
        self._weights = weights
        return seconds


class OneByOne(Rival):
    """Torch as people write it, with autograd and SGD, one network after another.

    Networks are those of the first data sets, or single neurons of the first.
    """

    name = "torch one by one"

    def __init__(self, workload: Workload, start: Start) -> None:
        self._workload, self._start = workload, start
        every = workload.sets if workload.coupled else workload.neurons
        self._count = min(ALONE, every)
        share = 1 if workload.coupled else workload.neurons
        self.units = self._count * workload.steps / share
        self._weights = self._begin()

    @property
    def ended(self) -> Weights:
        return self._weights

    def _begin(self) -> Weights:
        start, count = self._start, self._count
        if self._workload.coupled:
            return Weights(start.w[:count].clone(), start.a[:count].clone())
        return Weights(start.w[:1, :count].clone(), start.a[:1, :count].clone())

    def run(self) -> float:
        self._weights = weights = self._begin()
        x, y, coupled = self._start.x, self._start.y, self._workload.coupled
        begin = time.perf_counter()
        for k in range(self._count):
            if coupled:
                self._train(x[k], y[k], weights.w[k], weights.a[k])
            else:
                self._train_neuron(x[0], y[0], weights.w[0, k], weights.a[0, k])
        return time.perf_counter() - begin

    def _train(self, x: Tensor, y: Tensor, w: Tensor, a: Tensor) -> None:
        """x (samples, inputs), y (samples), w (neurons, inputs) and a (neurons), in place."""
        self._descend(w, a, lambda w, a: self._sigma(x @ w.T) @ a - y)

    def _train_neuron(self, x: Tensor, y: Tensor, w: Tensor, a: Tensor) -> None:
        """x (samples, inputs), y (samples), w (inputs) and a (), in place."""
        self._descend(w, a, lambda w, a: self._sigma(x @ w) * a - y)

    def _sigma(self, z: Tensor) -> Tensor:
        return self._workload.by_hand(z)[0]

    def _descend(self, w: Tensor, a: Tensor, residual: Callable[[Tensor, Tensor], Tensor]) -> None:
        leaves = [one.detach().requires_grad_() for one in (w, a)]
        optimizer = torch.optim.SGD(leaves, lr=self._workload.rate)
        for _ in range(self._workload.steps):
            optimizer.zero_grad()
            loss = residual(*leaves).square().mean() / 2
            loss.backward()
            optimizer.step()


class OneByHand(OneByOne):
    """Torch with gradients by hand, in place where that helps, without autograd."""

    name = "torch by hand"

    @torch.inference_mode()
    def run(self) -> float:
        return super().run()

    def _train(self, x: Tensor, y: Tensor, w: Tensor, a: Tensor) -> None:
        """x (samples, inputs), y (samples), w (neurons, inputs) and a (neurons), in place."""
        by_hand, rate = self._workload.by_hand, self._workload.rate / len(x)
        xt, wt = x.T.contiguous(), w.T
        for _ in range(self._workload.steps):
            value, slope = by_hand(x @ wt)
            residual = torch.addmv(y, value, a, beta=-1)
            dw = xt @ slope.mul_(residual[:, None]).mul_(a)
            a.addmv_(value.T, residual, alpha=-rate)
            wt.sub_(dw, alpha=rate)

    def _train_neuron(self, x: Tensor, y: Tensor, w: Tensor, a: Tensor) -> None:
        """x (samples, inputs), y (samples), w (inputs) and a (), in place."""
        by_hand, rate = self._workload.by_hand, self._workload.rate / len(x)
        xt = x.T.contiguous()
        for _ in range(self._workload.steps):
            value, slope = by_hand(x @ w)
            residual = (value * a).sub_(y)
            dw = xt @ slope.mul_(residual).mul_(a)
            a.sub_(torch.dot(value, residual), alpha=rate)
            w.sub_(dw, alpha=rate)


class Jax(Rival):
    """``jit`` of a ``lax.scan`` of ``vmap(grad)``, timed in the process where it runs."""

    name = "JAX"

    def __init__(self, process: JaxProcess, workload: Workload, start: Start) -> None:
        self.units = float(workload.units)
        self._process = process
        self.compile_seconds = process.compile(
            workload.activation,
            workload.coupled,
            workload.rate,
            workload.steps,
            [one.numpy() for one in (start.w, start.a, start.x, start.y)],
        )

    @property
    def ended(self) -> Weights:
        w, a = (torch.tensor(one) for one in self._process.weights())
        return Weights(w, a)

    def run(self) -> float:
        return self._process.run()
