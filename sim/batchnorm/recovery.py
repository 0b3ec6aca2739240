"""Experiment: collapsed filters in real training, until they are active again.

A filter is one channel of the module of `sim.post_shifted` followed by a ReLU. All filters of a
block are channels of one module, trained by one optimizer of torch; every step has a fresh batch
and a fresh gradient at the output, as noisy as in early training. In `Recovery` the batch is so
small that no normalized input can exceed τ: below −τ the gate is shut exactly, whatever is drawn.
In `OpenRecovery` rare inputs reach through it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from sim.engine.optimizers import Descent, Optimizer
from sim.experiment import Experiment, Measurement
from sim.post_shifted import SHIFT, PostShiftedBatchNorm1d

CHUNK = 100  # steps whose batches are drawn at once


@dataclass(frozen=True)
class Recovery(Experiment):
    """Settings; a replicate is one filter with its own start and data.

    Attributes:
        optimizer: gradient descent, with momentum 0.9, AdamW (decoupled decay) or Adam with L2.
        rate: learning rate.
        decay: weight decay.
        shift: α, 0 for batch normalization itself.
        threshold: τ; at least √(batch − 1), the largest normalized input there can be.
        scales: γ at the start is uniform between these.
        ratios: (β + α)/γ at the start is uniform between these, below −τ.
        steps: give up after so many.
    """

    name: ClassVar[str] = "bn-recovery"

    optimizer: Optimizer = "sgd"
    rate: float = 0.1
    decay: float = 0.1
    shift: float = SHIFT
    batch: int = 8
    threshold: float = 3.0
    scales: tuple[float, float] = (0.5, 1.5)
    ratios: tuple[float, float] = (-7.0, -4.0)
    steps: int = 2000

    def __post_init__(self) -> None:
        largest = math.sqrt(self.batch - 1)
        if not largest <= self.threshold < -self.ratios[1]:
            raise ValueError(
                f"the threshold {self.threshold:g} must be at least {largest:.3g}, so that "
                "inactive filters get no gradient, and below the initial ratios"
            )

    def start(self, seed: int, replicate: int) -> tuple[float, float]:
        """γ and β of a replicate before training."""
        rng = self.stream(seed, replicate, "start")
        gamma, ratio = float(rng.uniform(*self.scales)), float(rng.uniform(*self.ratios))
        return gamma, ratio * gamma - self.shift

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        drawn = [self.start(seed, replicate) for replicate in replicates]
        starts = torch.tensor(drawn, dtype=torch.float64, device=device)
        module = PostShiftedBatchNorm1d(
            len(starts), dtype=torch.float64, device=device, shift=self.shift
        )
        with torch.no_grad():
            module.weight.copy_(starts[:, 0])
            module.bias.copy_(starts[:, 1])
        streams = [self.stream(seed, replicate, "data") for replicate in replicates]
        measured = self._train(module, streams, device)
        return [{"start": start, **one} for start, one in zip(drawn, measured, strict=True)]

    def _train(
        self, module: PostShiftedBatchNorm1d, streams: Sequence[np.random.Generator], device: str
    ) -> list[Measurement]:
        trained = list(module.parameters())
        descent = Descent(self.optimizer, trained, self.rate, self.decay)
        never = torch.full(module.weight.shape, self.steps + 1, device=device)
        active, gradient, ratio = never.clone(), never.clone(), self._ratio(module)
        drawn = torch.empty(0)
        for step in range(self.steps):
            if step % CHUNK == 0:
                drawn = _draw(streams, self.batch, device)
            x, noise = drawn[step % CHUNK]
            loss = (torch.relu(module(x)) * noise).sum().div(self.batch)
            gradients = torch.autograd.grad(loss, trained)
            reached = gradients[0] != 0
            gradient.masked_fill_(reached & (gradient > step), step)
            descent.step(gradients)
            inactive = active > step
            active.masked_fill_(self._active(module) & inactive, step + 1)
            ratio = torch.where(inactive, self._ratio(module), ratio)
            if step % CHUNK == 0 and int(torch.maximum(active, gradient).max()) <= self.steps:
                break
        return [
            {
                "active": first if first <= self.steps else None,
                "gradient": felt if felt <= self.steps else None,
                "ratio": last,
            }
            for first, felt, last in zip(
                active.tolist(), gradient.tolist(), ratio.tolist(), strict=True
            )
        ]

    def _ratio(self, module: PostShiftedBatchNorm1d) -> Tensor:
        """(β + α)/γ."""
        return (module.bias.detach() + module.shift) / module.weight.detach()

    def _active(self, module: PostShiftedBatchNorm1d) -> Tensor:
        """Which filters are active: (β + α)/γ > −τ for γ > 0, as always for γ = 0 and β > −α."""
        gamma, beta = module.weight.detach(), module.bias.detach()
        return beta + module.shift > -self.threshold * gamma.abs()

    def cost(self) -> float:
        """Seconds for one replicate: 1.5 µs a step for 8 samples on one core."""
        return 1.5e-6 * self.steps * self.batch / 8


@dataclass(frozen=True)
class OpenRecovery(Recovery):
    """The same with a batch of any size."""

    name: ClassVar[str] = "bn-recovery-open"

    batch: int = 64

    def __post_init__(self) -> None:
        if not self.threshold < -self.ratios[1]:
            raise ValueError(f"the threshold {self.threshold:g} must be below the initial ratios")


def _draw(streams: Sequence[np.random.Generator], batch: int, device: str) -> Tensor:
    """Inputs and gradients at the output for `CHUNK` steps, (steps, 2, batch, filters)."""
    drawn = np.empty((len(streams), CHUNK * 2 * batch))
    for row, stream in zip(drawn, streams, strict=True):
        stream.standard_normal(out=row)
    filters_last = torch.from_numpy(drawn).T.contiguous()  # by blocks: faster than numpy's stack
    return filters_last.view(CHUNK, 2, batch, len(streams)).to(device)
