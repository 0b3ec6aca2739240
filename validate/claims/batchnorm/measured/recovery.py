"""Recovery of collapsed filters: what is measured on a unit, wrong laws for controls, notes."""

from collections.abc import Sequence

import numpy as np

from sim.batchnorm.recovery import Recovery
from sim.engine.optimizers import MOMENTUM
from theory.batchnorm.recovery import recovery_time
from validate.claim import Unit, once_per_unit


def settings(unit: Unit) -> Recovery:
    """The experiment of a unit, known to be one on recovery."""
    if not isinstance(unit.experiment, Recovery):
        raise TypeError(f"{unit.experiment.name} is no experiment on recovery")
    return unit.experiment


@once_per_unit
def predicted(unit: Unit) -> float:
    """t* of a unit from its start, in steps; what the plain law says for Adam with L2."""
    made = settings(unit)
    gamma, beta = unit.measurement["start"]
    (time,) = recovery_time(
        np.array([gamma]),
        np.array([beta]),
        shift=made.shift,
        threshold=made.threshold,
        rate=made.rate,
        decay=made.decay,
        momentum=MOMENTUM if made.optimizer == "momentum" else 0.0,
    )
    return float(time)


def ratio(unit: Unit) -> float:
    """Measured steps until the filter is active again, divided by t*; NaN if it never was."""
    active = unit.measurement["active"]
    return float("nan") if active is None else active / predicted(unit)


def without_rate(unit: Unit) -> float:
    """A wrong law, in units of t*: the logarithm without the factor 1/(ηλ)."""
    made = settings(unit)
    return made.rate * made.decay


def without_momentum(unit: Unit) -> float:
    """A wrong law for momentum, in units of t*: no factor 1 − μ."""
    return 1 / (1 - MOMENTUM)


def recovered(unit: Unit) -> float:
    """1 if the filter was active again or felt a gradient at any step, 0 if not."""
    return float(any(unit.measurement[key] is not None for key in ("active", "gradient")))


def early_gradients(units: Sequence[Unit]) -> float:
    """Share of the filters that felt a data gradient before they were active again."""
    early = [
        unit.measurement["gradient"] is not None
        and unit.measurement["gradient"] < (unit.measurement["active"] or np.inf)
        for unit in units
    ]
    return float(np.mean(early))


def recovery_notes(units: Sequence[Unit], adam: tuple[Recovery, ...]) -> list[str]:
    """When the gradient came back, and what Adam with L2 did instead."""
    lawful = [unit for unit in units if unit.experiment not in adam]
    felt = [unit.measurement["gradient"] / predicted(unit) for unit in lawful]
    steps = {
        made: float(
            np.median([unit.measurement["active"] for unit in units if unit.experiment == made])
        )
        for made in adam
    }
    listed = ", ".join(f"λ = {made.decay:g}: {median:.0f} steps" for made, median in steps.items())
    return [
        "A filter counts as active again at the step at which P > Φ(−τ). The first data gradient "
        f"that it feels comes later, at {np.median(felt):.2f} t* (median): it takes an input that "
        "reaches through the gate.",
        f"Adam with L2 inside the gradient does not follow t*: medians at {listed}. Its time "
        "hardly depends on λ, where t* is proportional to 1/λ.",
    ]
