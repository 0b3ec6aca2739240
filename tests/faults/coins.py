"""Coins whose process takes its time: an experiment of a module that imports next to nothing."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sim.experiment import Experiment, Measurement

PAUSE = "THEORYCHECK_FAULTS_PAUSE"  # in the environment: seconds a block takes; no setting


@dataclass(frozen=True)
class SlowCoins(Experiment):
    """Each replicate shows 1 with probability ``rate``."""

    name: ClassVar[str] = "slow coins"

    rate: float = 0.0

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        time.sleep(float(os.environ.get(PAUSE, "0")))
        draws = (self.stream(seed, r, "coin").uniform() for r in replicates)
        return [{"count": int(u < self.rate)} for u in draws]

    def cost(self) -> float:
        return 1e-4
