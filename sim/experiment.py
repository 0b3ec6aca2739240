"""Experiment: frozen settings with a pure function (settings, seed, block) -> measurements.

All randomness comes from counter-based streams keyed by (seed, experiment, settings,
replicate, purpose), and the replicates that are trained together form a block whose size is
one of the settings. So a result never depends on order, number of workers or resuming.
"""

import dataclasses
import functools
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

Measurement = Mapping[str, Any]


@dataclass(frozen=True)
class Experiment(ABC):
    """Settings of one experiment; subclasses add fields and `simulate`.

    Attributes:
        block: replicates (independent data sets or network seeds) trained together.
    """

    name: ClassVar[str]
    dtype: ClassVar[str] = "float64"  # of the parameters that are trained

    block: int = 8

    @abstractmethod
    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        """Measure the given replicates together; one JSON-ready mapping for each."""

    @abstractmethod
    def cost(self) -> float:
        """Rough seconds for one replicate on one core, for the estimate of ``--dry-run``."""

    def timed_cost(self) -> float:
        """The same, from a trial where the experiment can have one."""
        return self.cost()

    def run(self, seed: int, block_index: int, device: str = "cpu") -> list[Measurement]:
        """Measurements of block ``block_index``, ``block`` of them."""
        if device != "cpu":
            from sim.engine.precision import full_precision

            full_precision()
        return self.simulate(seed, self.replicates(block_index), device)

    def replicates(self, block_index: int) -> range:
        """The replicate numbers of one block."""
        return range(block_index * self.block, (block_index + 1) * self.block)

    def settings(self) -> dict[str, Any]:
        """All settings with the experiment's name, JSON-ready."""
        return {"experiment": self.name, **dataclasses.asdict(self)}

    def settings_hash(self) -> str:
        """Short content hash of the settings."""
        return self._settings_hash

    @functools.cached_property
    def _settings_hash(self) -> str:
        text = json.dumps(self.settings(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def stream(self, seed: int, replicate: int, purpose: str) -> np.random.Generator:
        """The random stream of one replicate for one purpose (such as "data", "weights")."""
        text = json.dumps([seed, self.settings_hash(), replicate, purpose])
        key = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
        return np.random.Generator(np.random.Philox(key=key))
