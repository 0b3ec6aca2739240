"""Recovery of collapsed filters: what is predicted and measured on a unit."""

from collections.abc import Sequence

import numpy as np

from sim.batchnorm.recovery import Recovery
from sim.engine.optimizers import MOMENTUM
from theory.batchnorm.recovery import recovery_time
from validate.claim import Unit, once_per_unit, settings_of


@once_per_unit
def predicted(unit: Unit) -> float:
    """t* of a unit from its start, in steps; what the plain law says for Adam with L2."""
    made = settings_of(unit, Recovery)
    settings = {name: getattr(made, name) for name in ("shift", "threshold", "rate", "decay")}
    momentum = MOMENTUM if made.optimizer == "momentum" else 0.0
    gamma, beta = np.array(unit.measurement["start"])[:, None]
    return float(recovery_time(gamma, beta, **settings, momentum=momentum)[0])


def rounded(unit: Unit, factor: float = 1.0) -> float:
    """The middle of the steps that t* can be rounded up to; with a factor on t* a wrong law."""
    return factor * predicted(unit) + 0.5


def first_active(unit: Unit) -> float:
    """The first step after which the filter is active; NaN if it never was."""
    return float(unit.measurement["active"] or "nan")


def first_or_last(unit: Unit) -> float:
    """`first_active`; for a filter that never was, the steps that it was watched."""
    return float(unit.measurement["active"] or settings_of(unit, Recovery).steps)


def relative_time(unit: Unit) -> float:
    """`first_or_last` over t*."""
    return first_or_last(unit) / predicted(unit)


def without_threshold(unit: Unit) -> float:
    """A wrong law, in units of t*: as if a filter were active where β + α > 0."""
    made = settings_of(unit, Recovery)
    _, beta = unit.measurement["start"]
    time = np.log(-beta / made.shift) / -np.log1p(-made.rate * made.decay)
    return float(time) / predicted(unit)


def early_gradients(units: Sequence[Unit]) -> float:
    """Share of the filters that felt a data gradient before they were active again."""
    early = [
        unit.measurement["gradient"] is not None
        and unit.measurement["gradient"] < (unit.measurement["active"] or np.inf)
        for unit in units
    ]
    return float(np.mean(early))
