"""Experiment: numbers of some law, rounded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from sim.experiment import Experiment, Measurement
from sim.precision.emulation.formats import floating_point
from sim.precision.emulation.modes import Mode
from sim.precision.streams import rounding_stream
from sim.precision.terms import Data, draw


@dataclass(frozen=True)
class OneRounding(Experiment):
    """Settings; a replicate is a sample of numbers. The range of exponents is unlimited.

    Measured: ``noise``, mean square error over mean square; ``shrinkage``, mean of x(x − rounded x)
    over mean square.

    Attributes:
        mantissa: m, stored bits.
        mode: of rounding.
        data: law of the numbers.
        samples: numbers of a replicate.
    """

    name: ClassVar[str] = "precision-one-rounding"

    mantissa: int = 7
    mode: Mode = "nearest"
    data: Data = "normal"
    samples: int = 4000

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        drawn = [
            draw(self.data, self.stream(seed, one, "data"), (self.samples,)) for one in replicates
        ]
        x = torch.tensor(np.array(drawn), device=device)
        generator = rounding_stream(self, seed, replicates, device)
        error = x - floating_point(None, self.mantissa).rounded(x, self.mode, generator)
        square = x.square().mean(-1)
        noise = error.square().mean(-1) / square
        shrinkage = (x * error).mean(-1) / square
        rows = zip(noise.tolist(), shrinkage.tolist(), strict=True)
        return [{"noise": one, "shrinkage": other} for one, other in rows]

    def cost(self) -> float:
        return 5e-8 * self.samples
