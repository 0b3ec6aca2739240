"""Experiment: accuracy of a linear logit whose operands are rounded, with the exact posterior."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float64
from torch import Tensor

from sim.experiment import Experiment, Measurement
from sim.precision.emulation.formats import floating_point

TOGETHER = 2  # tasks whose arrays stay in a core's cache
NEAR = 0.2  # |f| / d below which noise is noise near 0
MEASURED = ("loss", "lost per 1 − R²", "noise near 0", "flips", "R²")


@dataclass(frozen=True)
class RoundedLogits(Experiment):
    """Settings; a replicate is a direction and inputs of its own.

    Inputs of class ±1 are N(±d/2 · direction, 1), of equal probability; the logit of the posterior
    is f = d · direction · x, and is computed from rounded weights and inputs.

    Attributes:
        distance: d, of the classes' means.
        reference: d₀, of the task that a linear model was fitted to.
        dimension: of inputs.
        inputs: number of them.
        mantissa: m, of the format without limits of exponents.
        hard_labels: whether labels are the sign of f, instead of drawn from the posterior.
    """

    name: ClassVar[str] = "precision-logits"

    distance: float = 2.0
    reference: float = 2.0
    dimension: int = 32
    inputs: int = 4500
    mantissa: int = 2
    hard_labels: bool = False

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = torch.Generator(device)
        generator.manual_seed(int(self.stream(seed, replicates[0], "tasks").integers(2**63)))
        found = [
            self._measured(min(TOGETHER, len(replicates) - first), generator)
            for first in range(0, len(replicates), TOGETHER)
        ]
        rows = torch.cat(found, 1).T.tolist()
        return [dict(zip(MEASURED, row, strict=True)) for row in rows]

    def _measured(
        self, tasks: int, generator: torch.Generator
    ) -> Float64[Tensor, "measured tasks"]:
        format, d = floating_point(None, self.mantissa), self.distance
        weights = _normal((tasks, self.dimension, 1), generator)
        weights *= d / weights.norm(dim=1, keepdim=True)
        x = _normal((tasks, self.inputs, self.dimension), generator)
        x[:, ::2] += weights.transpose(1, 2) / 2
        x[:, 1::2] -= weights.transpose(1, 2) / 2
        exact = (x @ weights)[..., 0]
        inexact = (format.rounded(x) @ format.rounded(weights))[..., 0]
        certain = torch.tanh(exact.abs() / 2)  # |2η − 1| of the logistic η
        if self.hard_labels:
            certain = torch.ones_like(certain)
        flipped = (exact > 0) != (inexact > 0)
        loss = (certain * flipped).mean(1)
        accuracy = ((1 + certain) / 2).mean(1)
        near = (exact.abs() < NEAR * d).double()
        noise = (near * (inexact - exact).square()).sum(1) / near.sum(1)
        left = unexplained(exact, inexact)
        return torch.stack(
            [loss, loss / accuracy / left, noise, flipped.double().mean(1), 1 - left]
        )

    def cost(self) -> float:
        """Seconds for one replicate: 12 ns a number."""
        return 12e-9 * self.inputs * self.dimension


def unexplained(
    exact: Float64[Tensor, "tasks inputs"], inexact: Float64[Tensor, "tasks inputs"]
) -> Float64[Tensor, " tasks"]:
    """1 − R², of the squared correlation."""
    a = exact - exact.mean(1, keepdim=True)
    b = inexact - inexact.mean(1, keepdim=True)
    return 1 - (a * b).sum(1).square() / (a.square().sum(1) * b.square().sum(1))


def _normal(shape: tuple[int, ...], generator: torch.Generator) -> Float64[Tensor, "..."]:
    return torch.randn(shape, generator=generator, dtype=torch.float64, device=generator.device)
