"""Experiment: singular values of shuffled kernels, and what truncation leaves of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch

from sim.experiment import Experiment, Measurement
from sim.lowrank.kernels import Entries, drawn, shuffled
from sim.lowrank.spectra import Kernels, kurtosis, tails
from sim.lowrank.streams import generator_of, measurements


@dataclass(frozen=True)
class Truncation(Experiment):
    """Settings; a replicate is a few kernels, over which measurements are averaged.

    Measured: ``tail``, the share of the energy that the best approximation of each rank leaves;
    ``kurtosis`` of the entries, the largest of a kernel's; ``top``, σ₁²; ``left`` and ``right``,
    squared overlaps of the first singular vectors with constant ones.

    Attributes:
        entries: law of the entries.
        rows, columns: k and n, k at most n.
        kernels: of a replicate.
        ranks: r.
        strength: θ/θ_c, of a mean that is added to all entries; θ = μ²kn, θ_c = √(kn).
        shuffle: whether entries are permuted.
    """

    name: ClassVar[str] = "lowrank-truncation"

    entries: Entries = "gaussian"
    rows: int = 32
    columns: int = 144
    kernels: int = 8
    ranks: tuple[int, ...] = (1, 4, 8, 16)
    strength: float = 0.0
    shuffle: bool = True

    @property
    def mean(self) -> float:
        """μ."""
        return self.strength**0.5 * (self.rows * self.columns) ** -0.25

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = generator_of(self, seed, replicates, device)
        shape = (len(replicates) * self.kernels, self.rows, self.columns)
        kernels = drawn(self.entries, shape, generator) + self.mean
        if self.shuffle:
            kernels = shuffled(kernels, generator)
        measured = {"tail": tails(kernels, self.ranks), **(self._first(kernels))}
        found = {
            name: one.unflatten(0, (-1, self.kernels)).mean(1) for name, one in measured.items()
        }
        largest = kurtosis(kernels).unflatten(0, (-1, self.kernels)).amax(1)
        return measurements({**found, "kurtosis": largest})

    def _first(self, kernels: Kernels) -> dict[str, torch.Tensor]:
        """Of the first singular value and its vectors, where there is a mean."""
        if not self.strength:
            return {}
        values, vectors = torch.linalg.eigh(kernels @ kernels.transpose(1, 2))
        top, left = values[:, -1], vectors[:, :, -1]
        right = (left[:, None] @ kernels)[:, 0] / top[:, None].sqrt()
        return {
            "top": top,
            "left": left.sum(1) ** 2 / self.rows,
            "right": right.sum(1) ** 2 / self.columns,
        }

    def cost(self) -> float:
        """Seconds for one replicate: 0.1 µs an entry to permute, 0.2 µs a product."""
        return self.kernels * self.rows * self.columns * (1e-7 + self.rows * 3e-9)
