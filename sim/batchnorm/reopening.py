"""Experiment: inactive filters without a shift, at batches whose rare inputs reach the gate.

The filters of a layer see the same batch of normalized inputs, each with noise of its own; layers
see their own batches and are the replicates. All layers start alike. Only inputs beyond τ can reach
an inactive filter, and a filter that is active again has come back, whatever it does then: so
gradients are taken where there is such an input, and nowhere is one left out that is not 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sim.batchnorm.shared import shared_noise
from sim.batchnorm.units import normalized_batches, torch_generator
from sim.experiment import Experiment, Measurement

GOLDEN = (math.sqrt(5) - 1) / 2  # its multiples spread evenly over the scales


@dataclass(frozen=True)
class Reopenings(Experiment):
    """Settings; a replicate is a layer, trained by gradient descent.

    Attributes:
        filters: of a layer.
        batch: B.
        rate: η.
        decay: λ, of γ and β.
        threshold: τ; a filter is active where β/|γ| > −τ.
        scales: γ at the start lies evenly between these.
        ratios: β/γ at the start lies evenly between these, below −τ.
        steps: T; a filter has come back that was active after any of them.
    """

    name: ClassVar[str] = "bn-reopening"

    filters: int = 48
    batch: int = 64
    rate: float = 0.1
    decay: float = 0.1
    threshold: float = 3.0
    scales: tuple[float, float] = (0.5, 1.5)
    ratios: tuple[float, float] = (-5.0, -3.2)
    steps: int = 1600

    def __post_init__(self) -> None:
        if not self.ratios[0] <= self.ratios[1] < -self.threshold:
            raise ValueError(f"ratios from {self.ratios} are not all below −{self.threshold:g}")

    def starts(
        self,
    ) -> tuple[Float[np.ndarray, " filters"], Float[np.ndarray, " filters"]]:
        """β/γ and γ of the filters of every layer before training."""
        number = np.arange(self.filters) + 0.5
        low, high = self.ratios
        ratios = low + (high - low) * number / self.filters
        low, high = self.scales
        return ratios, low + (high - low) * (number * GOLDEN % 1)

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = torch_generator(self.stream(seed, replicates[0], "noise"), device)
        ratios, gamma = (torch.from_numpy(one).to(device) for one in self.starts())
        state = torch.stack([gamma, ratios * gamma])[:, None].repeat(1, len(replicates), 1)
        returned = torch.zeros(state.shape[1:], dtype=torch.bool, device=device)
        for _ in range(self.steps):
            x = normalized_batches(generator, len(replicates), self.batch)
            reached = (x.abs().amax(1) > self.threshold).nonzero()[:, 0]
            kick = self._gradient(generator, x[reached], state[:, reached])
            state *= 1 - self.rate * self.decay
            state[:, reached] -= self.rate * kick
            returned |= state[1] > -self.threshold * state[0].abs()
        return [{"returned": layer} for layer in returned.int().tolist()]

    def _gradient(
        self, generator: torch.Generator, x: Tensor, state: Float[Tensor, "2 layers filters"]
    ) -> Float[Tensor, "2 layers filters"]:
        """Of γ and β, on layers with an input beyond τ."""
        if len(x) == 0:
            return torch.zeros_like(state)
        gamma, beta = state.flatten(1)
        normals = torch.randn(2, len(gamma), generator=generator, device=gamma.device)
        return shared_noise(x, gamma, beta, normals, 1.0).view(state.shape).to(state.dtype)

    def cost(self) -> float:
        """Seconds for one replicate: 9 ns an input and step."""
        return 9e-9 * self.batch * self.steps
