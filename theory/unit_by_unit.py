"""A kind of prediction: numbers of every unit, each compared with its own prediction."""

from dataclasses import dataclass

from theory.prediction import Successes


@dataclass(frozen=True)
class UnitByUnit(Successes):
    """One or several numbers: a unit has them where none is off by more than ``margin``.

    It says more than that a mean is near the prediction, and needs no assumption on how the
    deviations are distributed, skewed ones included.
    """
