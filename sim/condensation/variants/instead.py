"""Condensation where something else is trained than what is predicted: for controls."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from sim.condensation.experiment import Condensation
from sim.data.carried import carried
from sim.data.data_set import DataSet
from sim.experiment import Measurement


@dataclass(frozen=True)
class Instead(Condensation):
    """Data are drawn, chosen and carried as by these settings, and networks trained by others.

    So a prediction made for the settings is the right one for an experiment that was not done.

    Attributes:
        trains: how networks are trained; of it the activation and the method are used.
        shuffled: whether they are trained on labels that are shuffled among the samples.
        redrawn: whether they start from other weights than `initial_weights` tells.
    """

    name: ClassVar[str] = "condensation-instead"

    trains: Condensation = field(default_factory=Condensation)
    shuffled: bool = False
    redrawn: bool = False

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        drawn = [self.data_set(seed, replicate) for replicate in replicates]
        each = list(zip(replicates, drawn, strict=True))
        measured = self.trains.train(
            [self._labeled(seed, replicate, one) for replicate, (one, _) in each],
            [self._start(seed, replicate, one.augmented.shape[1]) for replicate, (one, _) in each],
            device,
        )
        return [
            {"draws": draws, "data": carried(one), **found}
            for (one, draws), found in zip(drawn, measured, strict=True)
        ]

    def initial_weights(
        self, seed: int, replicate: int, dimension: int
    ) -> Float[np.ndarray, "neurons weights"]:
        return self._drawn("weights", seed, replicate, dimension)

    def _labeled(self, seed: int, replicate: int, data: DataSet) -> DataSet:
        if not self.shuffled:
            return data
        shuffle = self.stream(seed, replicate, "shuffled labels")
        return replace(data, y=shuffle.permutation(data.y), name=f"{data.name}, shuffled")

    def _start(
        self, seed: int, replicate: int, dimension: int
    ) -> Float[np.ndarray, "neurons weights"]:
        purpose = "other weights" if self.redrawn else "weights"
        return self._drawn(purpose, seed, replicate, dimension)

    def _drawn(
        self, purpose: str, seed: int, replicate: int, dimension: int
    ) -> Float[np.ndarray, "neurons weights"]:
        """Initial weights by the size and the number of neurons of what is trained."""
        stream, trains = self.stream(seed, replicate, purpose), self.trains
        return trains.epsilon * stream.standard_normal((trains.neurons, dimension + 1))

    def cost(self) -> float:
        return replace(self.trains, data=self.data).cost()
