"""Experiments of several simulations at once: a window of one setting, or a pair to compare."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sim.experiment import Experiment, Measurement


@dataclass(frozen=True)
class Series(Experiment):
    """A replicate is one of every part, each with a stream of its own.

    Measured is, by name, a list with the parts' values in their order.
    """

    name: ClassVar[str] = "series of simulations"
    dtype: ClassVar[str] = "as the simulation says"

    parts: tuple[Experiment, ...] = ()

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        rows = [part.simulate(seed, replicates, device) for part in self.parts]
        return [
            {name: [one[name] for one in measured] for name in measured[0]}
            for measured in zip(*rows, strict=True)
        ]

    def settings(self) -> dict[str, Any]:
        """With the parts' names: those of two classes may be alike in all else."""
        return {**super().settings(), "parts": [part.settings() for part in self.parts]}

    def cost(self) -> float:
        """Seconds of a replicate of every part."""
        return sum(part.cost() for part in self.parts)

    def timed_cost(self) -> float:
        """The same, from a trial of each part."""
        return sum(part.timed_cost() for part in self.parts)


def window(simulation: Experiment, setting: str, values: Sequence[Any]) -> Series:
    """A simulation at several values of one setting."""
    parts = [dataclasses.replace(simulation, **{setting: value}) for value in values]
    return Series(simulation.block, tuple(parts))
