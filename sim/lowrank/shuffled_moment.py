"""Experiment: Σσ⁴ of kernels, averaged over random permutations of their entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from jaxtyping import Float64
from torch import Tensor

from sim.experiment import Experiment, Measurement
from sim.lowrank.convolutions import TAPS, Architecture, Training, trained
from sim.lowrank.images import images
from sim.lowrank.kernels import Entries, drawn, shuffled
from sim.lowrank.spectra import fourth_moment, power_sums
from sim.lowrank.streams import generator_of, measurements


@dataclass(frozen=True)
class ShuffledMoment(Experiment):
    """Settings; a replicate is a few kernels, each of mean square 1, with a few permutations.

    Measured: ``moment``, the mean of Σσ⁴ over kernels and permutations; ``sums``, Σ w^j of the
    entries of each kernel, j from 1 to 4.

    Attributes:
        entries: law of the entries, or "trained": on digits, of small convolutional networks.
        outputs, inputs: channels of the kernel, which has 3 × 3 taps for each pair; as a matrix
            it is drawn as outputs × (inputs · 9).
        unfolding: whose channels are the rows of the matrix that is looked at.
        kernels: of a replicate.
        permutations: of a kernel.
        shuffle: whether it is permuted at all.
    """

    name: ClassVar[str] = "lowrank-shuffled-moment"

    entries: Entries | Literal["trained"] = "gaussian"
    outputs: int = 16
    inputs: int = 8
    unfolding: Literal["output", "input"] = "output"
    kernels: int = 1
    permutations: int = 8
    shuffle: bool = True

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = generator_of(self, seed, replicates, device)
        kernels = self._drawn(len(replicates) * self.kernels, generator)
        kernels = kernels / kernels.square().mean((1, 2), keepdim=True).sqrt()
        total = torch.zeros(len(kernels), dtype=kernels.dtype, device=kernels.device)
        for _ in range(self.permutations):
            one = shuffled(kernels, generator) if self.shuffle else kernels
            total += fourth_moment(self._unfolded(one))
        moment = (total / self.permutations).unflatten(0, (-1, self.kernels)).mean(1)
        sums = power_sums(kernels).unflatten(0, (-1, self.kernels))
        return measurements({"moment": moment, "sums": sums})

    def _drawn(
        self, count: int, generator: torch.Generator
    ) -> Float64[Tensor, "kernels outputs columns"]:
        if self.entries != "trained":
            return drawn(self.entries, (count, self.outputs, self.inputs * TAPS), generator)
        pixels, labels = images("digits")
        device = generator.device
        x = torch.from_numpy(pixels).float().to(device)
        y = torch.from_numpy(labels).to(device)
        made = Architecture(self.inputs, self.outputs)
        return trained(x, y, count, made, Training(), generator)[1].double()

    def _unfolded(
        self, kernels: Float64[Tensor, "kernels rows columns"]
    ) -> Float64[Tensor, "kernels k n"]:
        if self.unfolding == "output":
            return kernels
        return kernels.unflatten(2, (self.inputs, TAPS)).transpose(1, 2).flatten(2)

    def cost(self) -> float:
        entries = self.outputs * self.inputs * TAPS
        training = 6e-3 if self.entries == "trained" else 0.0
        return training + self.kernels * self.permutations * entries * 1e-7
