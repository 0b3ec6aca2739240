"""Experiment: a linear student of low rank, plain or shuffled, trained on a linear teacher."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from sim.experiment import Experiment, Measurement
from sim.lowrank.kernels import Entries, drawn, normal
from sim.lowrank.spectra import Kernels, energies, tails
from sim.lowrank.streams import generator_of, measurements

MOMENTUM = 0.9
START = 0.1  # size of the factors' first entries, of the teacher's
RATE = 0.2  # over the largest singular value of what is learned


@dataclass(frozen=True)
class Embedding(Experiment):
    """Settings; a replicate is a teacher W*, a permutation P and a sample of inputs.

    Students UV and P(UV) of rank r start at small random factors and are trained by gradient
    descent with momentum on the mean square error of all outputs. Measured: ``plain`` and
    ``shuffled``, the final losses over that of predicting 0; ``excess``, shuffled − plain;
    ``teacher tail`` and ``shuffled tail``, what the best approximations of rank r of W* and of
    P⁻¹W* leave; ``condition``, the condition number of the inputs' covariance.

    Attributes:
        teacher: law of the entries of W*.
        rows, columns: k outputs and n inputs.
        rank: r of the students.
        samples: inputs.
        whiten: whether inputs are whitened by their own covariance.
        plain_rank: of the plain student; 0 for r.
        steps: of gradient descent.
    """

    name: ClassVar[str] = "lowrank-embedding"

    teacher: Entries = "rank 2"
    rows: int = 24
    columns: int = 72
    rank: int = 2
    samples: int = 180
    whiten: bool = True
    plain_rank: int = 0
    steps: int = 400

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = generator_of(self, seed, replicates, device)
        count = len(replicates)
        teacher = drawn(self.teacher, (count, self.rows, self.columns), generator)
        covariance, condition = self._inputs(count, generator)
        flat = self.rows * self.columns
        order = torch.rand((count, flat), generator=generator, device=device).argsort(1)
        own = torch.arange(flat, device=device).expand(count, -1)
        plain_rank = self.plain_rank or self.rank
        back = teacher.flatten(1).gather(1, order.argsort(1)).view_as(teacher)
        plain = self._trained(teacher, covariance, own, plain_rank, generator)
        shuffled = self._trained(back, covariance, order, self.rank, generator)
        return measurements(
            {
                "plain": plain,
                "shuffled": shuffled,
                "excess": shuffled - plain,
                "teacher tail": tails(teacher, (plain_rank,))[:, 0],
                "shuffled tail": tails(back, (self.rank,))[:, 0],
                "condition": condition,
            }
        )

    def _inputs(
        self, count: int, generator: torch.Generator
    ) -> tuple[Float64[Tensor, "kernels inputs inputs"], Float64[Tensor, " kernels"]]:
        """Covariance of the inputs, and its condition number."""
        x = normal((count, self.columns, self.samples), generator)
        if self.whiten:
            values, vectors = torch.linalg.eigh(x @ x.transpose(1, 2) / self.samples)
            x = (vectors / values.sqrt()[:, None]).transpose(1, 2) @ x
        covariance = x @ x.transpose(1, 2) / self.samples
        values = torch.linalg.eigvalsh(covariance)
        return covariance, values[:, -1] / values[:, 0]

    def _trained(
        self,
        target: Kernels,
        covariance: Float64[Tensor, "kernels inputs inputs"],
        order: Int64[Tensor, "kernels entries"],
        rank: int,
        generator: torch.Generator,
    ) -> Float64[Tensor, " kernels"]:
        """Final loss of a student UV of a target, both put in an order before inputs are seen."""

        def ordered(kernels: Kernels, by: Tensor) -> Kernels:
            return kernels.flatten(1).gather(1, by).view_as(kernels)

        u = START * normal((len(target), self.rows, rank), generator)
        v = START * normal((len(target), rank, self.columns), generator)
        speeds = torch.zeros_like(u), torch.zeros_like(v)
        rate = RATE / energies(target)[:, :1, None].sqrt()
        inverse = order.argsort(1)
        for _ in range(self.steps):
            error = ordered(u @ v - target, order)
            slope = ordered(error @ covariance, inverse)
            slopes = slope @ v.transpose(1, 2), u.transpose(1, 2) @ slope
            for factor, speed, one in zip((u, v), speeds, slopes, strict=True):
                speed.mul_(MOMENTUM).sub_(rate * one)
                factor.add_(speed)
        error, teacher = ordered(u @ v - target, order), ordered(target, order)
        return _loss(error, covariance) / _loss(teacher, covariance)

    def cost(self) -> float:
        """Seconds for one replicate: 0.1 ns a product of slopes and covariance."""
        return 2 * self.steps * self.rows * self.columns * (self.columns * 2e-10 + 2e-8)


def _loss(
    error: Kernels, covariance: Float64[Tensor, "kernels inputs inputs"]
) -> Float64[Tensor, " kernels"]:
    """Mean square of the outputs' errors, summed over outputs."""
    return ((error @ covariance) * error).sum((1, 2))
