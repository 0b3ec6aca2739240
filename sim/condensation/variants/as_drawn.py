"""Experiment: condensation on data as they are drawn, also where a run cannot resolve them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sim.condensation.data_sources import draw
from sim.condensation.experiment import Condensation
from sim.data.data_set import DataSet
from sim.experiment import Measurement


@dataclass(frozen=True)
class AsDrawn(Condensation):
    """A `Condensation` experiment without its choice of data.

    A measurement says in ``resolved`` whether the choice would have taken its data.
    """

    name: ClassVar[str] = "condensation-as-drawn"

    def data_set(self, seed: int, replicate: int, draws: int | None = None) -> tuple[DataSet, int]:
        rng = self.stream(seed, replicate, "data")
        return draw(self.data, rng, self.order, self.samples, self.inputs), 1

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        measured = super().simulate(seed, replicates, device)
        return [{**one, "resolved": self.unresolved(self.data_of(one)) is None} for one in measured]
