"""Experiment: kernels whose channel slices are truncated one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch

from sim.experiment import Experiment, Measurement
from sim.lowrank.kernels import Entries, drawn, normal
from sim.lowrank.spectra import energies
from sim.lowrank.streams import generator_of, measurements


@dataclass(frozen=True)
class Slices(Experiment):
    """Settings; a replicate is a kernel, cut into slices of as many columns each.

    Measured: ``error``, the largest singular value of what the kernel loses; ``sum``, Σσ² and
    ``largest``, max σ, of the first singular values that the slices lose; ``tightness``, the error
    over √Σσ².

    Attributes:
        entries: law of the entries, or "aligned" slices, with left singular vectors in common.
        rows, columns: k and n.
        slices: of the columns.
        rank: that each slice is truncated to.
        directions: that a slice keeps: its "first" singular vectors, or as many "random" ones.
    """

    name: ClassVar[str] = "lowrank-slices"

    entries: Entries | Literal["aligned"] = "gaussian"
    rows: int = 24
    columns: int = 144
    slices: int = 4
    rank: int = 4
    directions: Literal["first", "random"] = "first"

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = generator_of(self, seed, replicates, device)
        parts = self._parts(len(replicates), generator)
        left, values, right = torch.linalg.svd(parts, full_matrices=False)
        first = values[..., self.rank]
        if self.directions == "random":
            order = torch.rand(values.shape, generator=generator, device=device).argsort(-1)
            lost = torch.where(order >= self.rank, values, 0)
        else:
            lost = values.clone()
            lost[..., : self.rank] = 0
        error = (left * lost[..., None, :]) @ right
        whole = energies(error.transpose(1, 2).flatten(2))[:, 0].sqrt()
        total = first.square().sum(1)
        return measurements(
            {
                "error": whole,
                "sum": total,
                "largest": first.amax(1),
                "tightness": whole / total.sqrt(),
            }
        )

    def _parts(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """(kernels, slices, rows, columns of a slice)."""
        width = self.columns // self.slices
        if self.entries != "aligned":
            kernels = drawn(self.entries, (count, self.rows, self.columns), generator)
            return kernels.unflatten(2, (self.slices, width)).transpose(1, 2)
        left = torch.linalg.qr(normal((count, 1, self.rows, self.rows), generator)).Q
        right = torch.linalg.qr(normal((count, self.slices, width, self.rows), generator)).Q
        values = normal((count, self.slices, self.rows), generator).abs().sort(2, True).values
        return (left * values[:, :, None]) @ right.transpose(2, 3)

    def cost(self) -> float:
        return self.rows * self.columns * 1e-6
