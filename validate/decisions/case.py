"""A rule under calibration: the simulation that `validate.trust.calibration` measures it in."""

from dataclasses import dataclass

import sympy

from theory.prediction import Prediction
from validate.decisions.noise import Noise

# formula, symbols, assumptions, margin and its reason of what is only simulated
TEST = (sympy.Symbol("m"), (), (), 1.0, "unit of the simulation")


@dataclass(frozen=True)
class Case:
    """A prediction of margin 1, its looks, and where the truth is put.

    ``agree_edges`` and ``disagree_edges`` are true deviations from the prediction in margins, one
    number for every point: those where AGREE is false, and those where DISAGREE is. ``center`` is
    the deviation where the prediction is true, ``away`` what one margin farther adds to it.
    """

    name: str
    prediction: Prediction
    looks: tuple[int, ...]
    noises: tuple[Noise, ...]
    agree_edges: tuple[tuple[float, ...], ...]
    disagree_edges: tuple[tuple[float, ...], ...]
    center: tuple[float, ...] = (0.0,)
    away: float = 1.0
    spreads: tuple[float, ...] = (1.0, 1000.0)  # standard deviations of the noise, in margins
    power_sd: float = 2.0  # of the noise for which power is measured, in margins

    def at_distance(self, margins: float) -> tuple[float, ...]:
        """The truth so many margins away from the prediction."""
        return tuple(point + self.away * margins for point in self.center)
