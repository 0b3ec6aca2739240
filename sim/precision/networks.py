"""Experiment: random networks whose weights and activations are rounded, against exact ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from jaxtyping import Float64
from torch import Tensor

from sim.experiment import Experiment, Measurement
from sim.precision.emulation.formats import floating_point
from theory.precision.depth import stationary_variance

TOGETHER = 8  # networks whose arrays stay in a core's cache
MEASURED = ("noise", "weight share", "activation share")
_EXPONENT = 0x7FF << 52  # where float64 has it

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "linear": lambda z: z,
}


@dataclass(frozen=True)
class RandomNetworks(Experiment):
    """Settings; a replicate is a few networks with Gaussian weights and their Gaussian inputs.

    Inputs are pre-activations of the variance q that the layers keep, so all layers are alike.

    Attributes:
        activation: σ.
        weight_variance: σ_w², of a weight times the width.
        width: of all layers.
        layers: L.
        inputs: that a network is given.
        networks: of a replicate, whose measurements are averaged: those of one are skewed.
        mantissa: m, of the format without limits of exponents.
        exact_weights: whether weights are not rounded.
    """

    name: ClassVar[str] = "precision-random-networks"

    activation: Literal["tanh", "relu", "linear"] = "tanh"
    weight_variance: float = 6.0
    width: int = 64
    layers: int = 4
    inputs: int = 40
    networks: int = 2
    mantissa: int = 8
    exact_weights: bool = False

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = torch.Generator(device)
        generator.manual_seed(int(self.stream(seed, replicates[0], "networks").integers(2**63)))
        found = []
        for first in range(0, len(replicates), TOGETHER):
            made = min(TOGETHER, len(replicates) - first)
            several = [self._measured(made, generator) for _ in range(self.networks)]
            found.append(torch.stack(several).mean(0))
        rows = torch.cat(found, 1).T.tolist()
        return [dict(zip(MEASURED, row, strict=True)) for row in rows]

    def _measured(
        self, made: int, generator: torch.Generator
    ) -> Float64[Tensor, "measured networks"]:
        format, sigma = floating_point(None, self.mantissa), ACTIVATIONS[self.activation]
        variance = stationary_variance(self.activation, self.weight_variance)
        exact = variance**0.5 * _normal((made, self.inputs, self.width), generator)
        inexact, shares = exact, []
        for _ in range(self.layers):
            weights = _normal((made, self.width, self.width), generator)
            weights *= (self.weight_variance / self.width) ** 0.5
            hidden = sigma(exact)
            shares.append(torch.stack([energy_share(weights), energy_share(hidden)]))
            used = weights if self.exact_weights else format.rounded(weights)
            exact, inexact = hidden @ weights, format.rounded(sigma(inexact)) @ used
        return torch.cat([noise_to_signal(exact, inexact)[None], torch.stack(shares).mean(0)])

    def cost(self) -> float:
        """Seconds for one replicate: 8 ns a weight, 10 ns an activation, and products."""
        weights, activations = self.width**2, self.inputs * self.width
        products = 0.25e-9 * activations * self.width
        return self.networks * self.layers * (8e-9 * weights + 10e-9 * activations + products)


def energy_share(values: Float64[Tensor, "networks rows columns"]) -> Float64[Tensor, " networks"]:
    """E[4^⌊log₂|x|⌋] / (12 E x²); times 4^(−m), the noise-to-signal ratio of nearest rounding."""
    powers = (values.view(torch.int64) & _EXPONENT).view(torch.float64)
    return powers.square().mean((1, 2)) / (12 * values.square().mean((1, 2)))


def noise_to_signal(
    exact: Float64[Tensor, "networks rows columns"],
    inexact: Float64[Tensor, "networks rows columns"],
) -> Float64[Tensor, " networks"]:
    """Mean square of the errors of a network over that of the exact numbers."""
    return (inexact - exact).square().sum((1, 2)) / exact.square().sum((1, 2))


def _normal(shape: tuple[int, ...], generator: torch.Generator) -> Float64[Tensor, "..."]:
    return torch.randn(shape, generator=generator, dtype=torch.float64, device=generator.device)
