"""Experiment: what one noisy step does on average to units with batch normalization.

The mean change is of second order in the step, its scatter of first. So every normalized batch
takes four steps, with noise ξ, −ξ and the same turned by a right angle, Rξ and −Rξ, in the plane
of the two normals: each is distributed as the noise is, all odd orders cancel in their mean, and
of the quadratic order only |ξ|² is left to chance. No two grid points share batches or noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sim.batchnorm.units import centered, gate_sums, noise_step, normalized_batches, torch_generator
from sim.experiment import Experiment, Measurement


@dataclass(frozen=True)
class OneStep(Experiment):
    """Settings; a replicate has ``draws`` fresh units at each point of the grid.

    Attributes:
        starts: r = β/|γ| of each grid point.
        rates, scales: learning rate η and |γ| of each; every second unit has γ < 0.
        batch: samples that a unit is normalized over, B.
        slope: of the leaky ReLU, a.
        std: standard deviation s of the noise in the gradient at the output of a sample.
        centered: whether the noise sums to 0 over each batch (ReLU only).
        draws: normalized batches of each grid point.
    """

    name: ClassVar[str] = "batchnorm-step"
    steps_per_batch: ClassVar[int] = 4  # that a normalized batch takes
    centers_any_gate: ClassVar[bool] = False  # or ReLU only

    starts: tuple[float, ...] = (0.0,)
    rates: tuple[float, ...] = (0.1,)
    scales: tuple[float, ...] = (1.0,)
    batch: int = 64
    slope: float = 0.0
    std: float = 1.0
    centered: bool = False
    draws: int = 400

    def __post_init__(self) -> None:
        if not len(self.starts) == len(self.rates) == len(self.scales):
            raise ValueError("every grid point needs its r, its learning rate and its γ")
        if self.centered and self.slope and not self.centers_any_gate:
            raise ValueError("noise centered in each batch is implemented for ReLU only")
        if min(self.rates) <= 0 or min(self.scales) <= 0 or self.std <= 0:
            raise ValueError("learning rates, scales |γ| and the noise must be positive")

    @property
    def noise(self) -> Float[np.ndarray, " points"]:
        """A = η² s² / (B γ²) of each grid point."""
        return (np.array(self.rates) * self.std / np.array(self.scales)) ** 2 / self.batch

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        streams = (self.stream(seed, replicate, "noise") for replicate in replicates)
        units = self._units(torch.device(device))
        before = _coordinates(units[0].abs(), units[1])
        return [self._measured(torch_generator(one, device), units, before) for one in streams]

    def _measured(
        self,
        generator: torch.Generator,
        units: tuple[Tensor, Tensor, Tensor],
        before: dict[str, Tensor],
    ) -> Measurement:
        """Mean changes of θ, r, P = Φ(r), mean (Δr)², and the share of steps across γ = 0."""
        gamma, beta, rate = units
        moved = self._step(generator, gamma, beta, rate)
        sign = gamma.sign()
        crossed = (moved[0] * sign < 0).double().mean()
        after = _coordinates(moved[0].abs(), moved[1])
        change = {name: after[name] - before[name] for name in before}
        change["r²"] = change["r"].square()
        means = {name: self._mean(one) for name, one in change.items()}
        return {**means, "crossed": float(crossed)}

    def _units(self, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
        """γ, β and η of all units, grid point by grid point."""
        r, rate, scale = (
            torch.tensor(one, dtype=torch.float64, device=device).repeat_interleave(self.draws)
            for one in (self.starts, self.rates, self.scales)
        )
        sign = 1.0 - 2.0 * (torch.arange(len(r), device=device) % 2)
        return scale * sign, scale * r, rate

    def _step(
        self, generator: torch.Generator, gamma: Tensor, beta: Tensor, rate: Tensor
    ) -> tuple[Tensor, Tensor]:
        """γ and β after each of the four steps from the same point, shape (4, units)."""
        x_hat = normalized_batches(generator, len(gamma), self.batch)
        sums = gate_sums(x_hat, gamma, beta, self.slope)
        if self.centered:
            sums = centered(sums, self.batch)
        first, second = torch.randn(
            2, len(gamma), generator=generator, dtype=torch.float64, device=gamma.device
        )
        normals = torch.stack(
            [
                torch.stack([first, -first, -second, second]),
                torch.stack([second, -second, first, -first]),
            ]
        )
        step = noise_step(sums, normals, self.batch, 1.0, self.std)
        return gamma + rate * step[0], beta + rate * step[1]

    def _mean(self, change: Float[Tensor, "steps units"]) -> list[float]:
        return change.mean(dim=0).view(len(self.starts), self.draws).mean(dim=1).tolist()

    def cost(self) -> float:
        """Seconds for one replicate: 8 ns per sample of a batch, 0.5 µs for its four steps."""
        return len(self.starts) * self.draws * (8e-9 * self.batch + 5e-7) + 5e-4


def _coordinates(scale: Tensor, beta: Tensor) -> dict[str, Tensor]:
    ratio = beta / scale
    return {"θ": torch.atan2(beta, scale), "r": ratio, "P": torch.special.ndtr(ratio)}
