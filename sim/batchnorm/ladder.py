"""Experiment: the share of batch-normalized units that collapse within a fixed number of steps,
for a ladder of learning rates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sim.batchnorm.passage import Passages
from sim.experiment import Experiment, Measurement


@dataclass(frozen=True)
class CollapseLadder(Experiment):
    """Settings; a replicate has an independent ensemble at each learning rate.

    Attributes:
        rates: η, increasing.
        units: of the ensemble at each rate; more where few collapse.
        steps: T, the same for all rates.
        batch, gamma, start, threshold: as for `sim.batchnorm.passage.Passages`.
    """

    name: ClassVar[str] = "batchnorm-collapse-ladder"

    rates: tuple[float, ...] = (0.1, 1.0)
    units: tuple[int, ...] = (128, 128)
    steps: int = 200
    batch: int = 64
    gamma: float = 1.0
    start: float = 0.0
    threshold: float = 2.0

    @property
    def members(self) -> tuple[Passages, ...]:
        """The experiment at each rate."""
        made = []
        for rate, units in zip(self.rates, self.units, strict=True):
            strength = (rate / self.gamma) ** 2 / self.batch
            made.append(
                Passages(
                    block=self.block,
                    units=units,
                    batch=self.batch,
                    rate=rate,
                    gamma=self.gamma,
                    start=self.start,
                    threshold=self.threshold,
                    clocks=(self.steps * strength,),
                )
            )
        return tuple(made)

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        runs = [member.simulate(seed, replicates, device) for member in self.members]
        return [
            {"passed": [one["passed"][0] for one in column]} for column in zip(*runs, strict=True)
        ]

    def cost(self) -> float:
        return sum(member.cost() for member in self.members)
