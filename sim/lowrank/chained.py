"""Experiment: energy that Tucker and tensor-train approximations keep of shuffled kernels."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Literal

from sim.experiment import Experiment, Measurement
from sim.lowrank.decompositions import last_of_train, tucker_core
from sim.lowrank.kernels import Entries, drawn, shuffled
from sim.lowrank.streams import generator_of, measurements


@dataclass(frozen=True)
class Chained(Experiment):
    """Settings; a replicate is a few kernels, over which the energy kept is averaged.

    Measured: ``kept``, the share of the energy.

    Attributes:
        entries: law of the entries of the kernel as a matrix, its first mode against the others.
        shape: of the kernel as a tensor.
        ranks: of a Tucker approximation, one a mode; or the bonds of a tensor train and, to have
            as many, a 1.
        form: of the approximation.
        kernels: of a replicate.
        shuffle: whether entries are permuted.
    """

    name: ClassVar[str] = "lowrank-chained"

    entries: Entries = "gaussian"
    shape: tuple[int, ...] = (16, 12, 9)
    ranks: tuple[int, ...] = (8, 6, 5)
    form: Literal["tucker", "train"] = "tucker"
    kernels: int = 2
    shuffle: bool = True

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = generator_of(self, seed, replicates, device)
        count = len(replicates) * self.kernels
        size = (count, self.shape[0], prod(self.shape[1:]))
        kernels = drawn(self.entries, size, generator)
        if self.shuffle:
            kernels = shuffled(kernels, generator)
        tensors = kernels.unflatten(2, self.shape[1:])
        if self.form == "tucker":
            left = tucker_core(tensors, self.ranks)
        else:
            left = last_of_train(tensors, self.ranks[: len(self.shape) - 1])
        share = left.flatten(1).square().sum(1) / kernels.flatten(1).square().sum(1)
        return measurements({"kept": share.unflatten(0, (-1, self.kernels)).mean(1)})

    def cost(self) -> float:
        return self.kernels * prod(self.shape) * 4e-7
