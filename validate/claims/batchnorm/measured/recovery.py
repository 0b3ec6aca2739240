"""Recovery of collapsed filters: what is measured on a unit, wrong laws for controls, notes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.batchnorm.recovery import Recovery
from sim.engine.optimizers import MOMENTUM
from theory.batchnorm.recovery import recovery_time
from validate.claim import Unit, once_per_unit
from validate.figure_forms.scaling import dots, line, panel


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


def rounded(unit: Unit) -> float:
    """The middle of the steps that t* can be rounded up to."""
    return predicted(unit) + 0.5


def first_active(unit: Unit) -> float:
    """The first step after which the filter is active; NaN if it never was."""
    active = unit.measurement["active"]
    return float("nan") if active is None else float(active)


def relative_time(unit: Unit) -> float:
    """`first_active` over t*; for a filter that never was, the steps that it was watched."""
    active = unit.measurement["active"]
    return (settings(unit).steps if active is None else active) / predicted(unit)


def without_threshold(unit: Unit) -> float:
    """A wrong law, in units of t*: as if a filter were active where β + α > 0."""
    made = settings(unit)
    _, beta = unit.measurement["start"]
    time = np.log(-beta / made.shift) / -np.log1p(-made.rate * made.decay)
    return float(time) / predicted(unit)


def without_rate(unit: Unit) -> float:
    """A wrong law: the logarithm without the factor 1/(ηλ)."""
    made = settings(unit)
    return made.rate * made.decay * predicted(unit) + 0.5


def without_momentum(unit: Unit) -> float:
    """A wrong law for momentum: no factor 1 − μ."""
    return predicted(unit) / (1 - MOMENTUM) + 0.5


def first_ratio(unit: Unit) -> float:
    """(β + α)/γ at the start."""
    gamma, beta = unit.measurement["start"]
    return (beta + settings(unit).shift) / gamma


def last_ratio(unit: Unit) -> float:
    """(β + α)/γ at the step at which the filter was active again, at the last if it never was."""
    return float(unit.measurement["ratio"])


def at_threshold(unit: Unit) -> float:
    """−τ: what a filter that comes back would have reached at least."""
    return -settings(unit).threshold


def time_panel(units: Mapping[str, Sequence[Unit]]) -> dict[str, Any]:
    """First active step against t*, by the name of what was trained."""
    points = [
        dots(
            name,
            np.array([predicted(unit) for unit in of_one]),
            np.array([relative_time(unit) * predicted(unit) for unit in of_one]),
        )
        for name, of_one in units.items()
    ]
    everyone = [predicted(unit) for of_one in units.values() for unit in of_one]
    ends = np.array([min(everyone), max(everyone)])
    title = "Steps until a filter is active again"
    return panel(
        title, ("t*", "measured"), points, [line("prediction", ends, ends)], (False, False)
    )


def ratio_panel(units: Mapping[str, Sequence[Unit]]) -> dict[str, Any]:
    """`last_ratio` against `first_ratio`, by the name of what was trained."""
    points = [
        dots(
            name,
            np.array([first_ratio(unit) for unit in of_one]),
            np.array([last_ratio(unit) for unit in of_one]),
        )
        for name, of_one in units.items()
    ]
    everyone = [first_ratio(unit) for of_one in units.values() for unit in of_one]
    ends = np.array([min(everyone), max(everyone)])
    labels = ("(β + α)/γ at the start", "(β + α)/γ at the end")
    return panel("Rays", labels, points, [line("prediction", ends, ends)], (False, False))


def early_gradients(units: Sequence[Unit]) -> float:
    """Share of the filters that felt a data gradient before they were active again."""
    early = [
        unit.measurement["gradient"] is not None
        and unit.measurement["gradient"] < (unit.measurement["active"] or np.inf)
        for unit in units
    ]
    return float(np.mean(early))


def recovery_notes(units: Sequence[Unit]) -> list[str]:
    """When the gradient came back."""
    felt = [unit.measurement["gradient"] / predicted(unit) for unit in units]
    return [
        "A filter counts as active again at the step at which P > Φ(−τ). The first data gradient "
        f"that it feels comes later, at {np.median(felt):.2f} t* (median): it takes an input that "
        "reaches through the gate.",
    ]
