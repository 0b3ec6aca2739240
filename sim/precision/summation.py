"""Experiment: sums of n terms of some law, of which every step is rounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from sim.experiment import Experiment, Measurement
from sim.precision.emulation.formats import floating_point
from sim.precision.emulation.modes import Mode
from sim.precision.emulation.rounding import Rounding
from sim.precision.emulation.sums import Order, summed
from sim.precision.streams import rounding_stream
from sim.precision.terms import MOMENTS, Data, draw

NOTHING = 1e-300  # for noise that is 0


@dataclass(frozen=True)
class Summation(Experiment):
    """Settings; a replicate is an ensemble of sums. The range of exponents is unlimited.

    Terms are μ + σ times what the law of the data gives. Measured, with s the exact sum and ŝ the
    computed one: ``noise``, Σ(ŝ − s)² over the sum of squares expected of s, and ``SNR``,
    −10 log₁₀ of it; ``correlation``,
    (Σŝs)²/(Σŝ² Σs²), and its distance to 1, ``uncorrelated``; ``slope``, Σŝs/Σs²; ``error``, mean
    of (ŝ − s)/s; ``final``, the largest ŝ.

    Attributes:
        terms: n.
        mantissa: m, stored bits.
        mode: of rounding.
        order: of summation.
        data: law of the terms.
        mean: μ.
        deviation: σ.
        sums: of a replicate.
    """

    name: ClassVar[str] = "precision-summation"

    terms: int = 256
    mantissa: int = 7
    mode: Mode = "nearest"
    order: Order = "serial"
    data: Data = "normal"
    mean: float = 0.0
    deviation: float = 1.0
    sums: int = 32

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        shape = (self.sums, self.terms)
        drawn = [draw(self.data, self.stream(seed, one, "data"), shape) for one in replicates]
        x = self.mean + self.deviation * torch.tensor(np.array(drawn), device=device)
        generator = rounding_stream(self, seed, replicates, device)
        to = Rounding(floating_point(None, self.mantissa), self.mode, generator)
        exact, computed = x.sum(-1), summed(x, to, self.order)
        square, product = exact.square().sum(-1), (exact * computed).sum(-1)
        correlation = product**2 / (square * computed.square().sum(-1))
        error = computed - exact
        noise = error.square().mean(-1) / self.signal()
        measured = {
            "noise": noise,
            "SNR": -10 * noise.clamp(min=NOTHING).log10(),
            "correlation": correlation,
            "uncorrelated": 1 - correlation,
            "slope": product / square,
            "error": (error / exact).mean(-1),
            "final": computed.amax(-1),
        }
        rows = zip(*(values.tolist() for values in measured.values()), strict=True)
        return [dict(zip(measured, row, strict=True)) for row in rows]

    def signal(self) -> float:
        """The mean square of an exact sum: nσ² + (nμ)², with mean and variance of the law."""
        mean, variance = MOMENTS[self.data]
        mean, variance = self.mean + self.deviation * mean, self.deviation**2 * variance
        return self.terms * variance + (self.terms * mean) ** 2

    def cost(self) -> float:
        per_step = 2e-8 if self.mode == "stochastic" else 1e-8
        serial = self.terms * (4 if self.order == "kahan" else 1)
        return self.sums * (per_step * serial + 1e-8 * self.terms)
