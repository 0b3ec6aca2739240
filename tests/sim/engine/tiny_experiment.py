"""Experiments that cost nothing, importable by spawned workers."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.experiment import Experiment, Measurement


@dataclass(frozen=True)
class Tiny(Experiment):
    """Sums random numbers and multiplies matrices; `fail` raises instead."""

    name: ClassVar[str] = "tiny"

    block: int = 3
    size: int = 20
    fail: bool = False

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        if self.fail:
            raise ArithmeticError("no\nsuch number")
        return [self._measure(self.stream(seed, r, "data"), r) for r in replicates]

    def _measure(self, rng: np.random.Generator, replicate: int) -> Measurement:
        a = rng.standard_normal((self.size, self.size))
        return {"replicate": replicate, "trace": np.trace(a @ a), "row": a[0]}

    def cost(self) -> float:
        return 0.0


@dataclass(frozen=True)
class Short(Tiny):
    """Returns one measurement too few."""

    name: ClassVar[str] = "short"

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        return super().simulate(seed, replicates[1:], device)


@dataclass(frozen=True)
class Surroundings(Tiny):
    """Measures the process it runs in, after a pause of `pause` seconds."""

    name: ClassVar[str] = "surroundings"

    block: int = 1
    pause: float = 0.0

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        import torch

        print("running\n", end="", flush=True)  # one write: several processes share the pipe
        time.sleep(self.pause)
        threads = {"torch": torch.get_num_threads(), "omp": os.environ.get("OMP_NUM_THREADS")}
        return [{"pid": os.getpid(), **threads} for _ in replicates]
