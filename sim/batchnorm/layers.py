"""Experiment: one noisy step of γ and β taken by torch's own layers on batches of inputs.

Inputs → filters without bias → batch normalization with γ and β → (leaky) ReLU → a loss that is
linear in the outputs, with a gradient δ for each sample and filter; autograd, and a step of SGD.
Nothing of the theory is in it: no normalized inputs are drawn, no sums over active samples, no
covariance.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from sim.batchnorm.step import OneStep


@dataclass(frozen=True)
class LayerStep(OneStep):
    """Settings; a replicate has ``draws`` filters at each point of the grid, on one batch.

    Attributes:
        features: independent standard normal inputs of a sample.
    """

    name: ClassVar[str] = "batchnorm-layer-step"
    steps_per_batch: ClassVar[int] = 2
    centers_any_gate: ClassVar[bool] = True

    features: int = 32

    def _step(
        self, generator: torch.Generator, gamma: Tensor, beta: Tensor, rate: Tensor
    ) -> tuple[Tensor, Tensor]:
        """γ and β after the steps for δ and −δ from the same point, shape (2, units)."""
        moved = [
            self._descended(generator, scales, shifts, float(rates[0]))
            for scales, shifts, rates in zip(
                gamma.split(self.draws),
                beta.split(self.draws),
                rate.split(self.draws),
                strict=True,
            )
        ]
        first, second = (torch.cat(parts, dim=1) for parts in zip(*moved, strict=True))
        return first, second

    def _descended(
        self,
        generator: torch.Generator,
        gamma: Float[Tensor, " units"],
        beta: Float[Tensor, " units"],
        rate: float,
    ) -> tuple[Float[Tensor, "2 units"], Float[Tensor, "2 units"]]:
        """γ and β of one grid point after either step."""
        x = self._drawn(generator, self.batch, self.features)
        delta = self._upstream(generator)
        filters = self._drawn(generator, self.draws, self.features)
        learned = [one.clone().requires_grad_() for one in (gamma, beta)]
        normalized = functional.batch_norm(
            functional.linear(x, filters), None, None, *learned, training=True
        )
        outputs = functional.leaky_relu(normalized, self.slope)  # 0 for ReLU
        gradients = torch.autograd.grad((outputs * delta).mean(0).sum(), learned)
        optimizer = torch.optim.SGD(learned, lr=rate)
        moved = []
        for sign in (1, -1):  # the loss of −δ is minus that of δ, and as likely
            for parameter, start, gradient in zip(learned, (gamma, beta), gradients, strict=True):
                parameter.data.copy_(start)
                parameter.grad = sign * gradient
            optimizer.step()
            moved.append([one.detach().clone() for one in learned])
        scales, shifts = (torch.stack(steps) for steps in zip(*moved, strict=True))
        return scales, shifts

    def _upstream(self, generator: torch.Generator) -> Float[Tensor, "samples units"]:
        """δ of each sample at the output of each filter."""
        delta = self.std * self._drawn(generator, self.batch, self.draws)
        if self.centered:
            delta -= delta.mean(0)
            delta *= (self.batch / (self.batch - 1)) ** 0.5
        return delta

    def _drawn(self, generator: torch.Generator, *shape: int) -> Tensor:
        drawn = torch.randn(*shape, generator=generator, device=generator.device)
        return drawn.double()

    def cost(self) -> float:
        """Seconds for one replicate: 40 ns a sample and filter, 0.3 ms a grid point."""
        return len(self.starts) * (4e-8 * self.draws * self.batch + 3e-4)
