"""What is measured of neurons that leave their line: angles in units of the law, and passages."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from sim.experiment import Experiment
from theory.condensation.departure import (
    LAST,
    LAW_LEVELS,
    LEVELS,
    QUIET,
    WITHIN,
    Pull,
    passed,
    pull_of,
)
from validate.claim import Role, Unit, once_per_unit
from validate.claims.condensation.measured.data import data_of
from validate.figure_forms.scaling import dots, line, medians, panel

TOGETHER = 1.0  # degrees; what is left of the start is then small against 5°
AT_QUIET = LEVELS.index(QUIET)
SHOWN = tuple(level for level in LEVELS if level <= LAST)
AXIS = "moments μ of the output"
Curves = Float[np.ndarray, "units levels"]


@once_per_unit
def pull(unit: Unit) -> Pull:
    """What the data of a unit do to neurons."""
    data = data_of(unit)
    return pull_of(data.augmented, data.y)


@once_per_unit
def exact(unit: Unit) -> Float[np.ndarray, " levels"]:
    """Angle by the exact flow of one neuron at each level."""
    return pull(unit).flow()


def _seen(unit: Unit, name: str) -> Float[np.ndarray, " levels"]:
    return np.array(unit.measurement[name], dtype=float)


def by_the_law(unit: Unit) -> Float[np.ndarray, " levels"]:
    """Measured angle in units of the law, at its levels."""
    return _seen(unit, "angle")[: len(LAW_LEVELS)] / pull(unit).law(np.array(LAW_LEVELS))


def farthest(unit: Unit) -> float:
    """Angle of the farthest neuron in degrees at μ = 1/4."""
    return float(_seen(unit, "farthest")[AT_QUIET])


def left(unit: Unit) -> float:
    """μ at which the neurons passed 5°; the last level if they stayed."""
    measured = passed(_seen(unit, "angle"))
    return LEVELS[-1] if math.isnan(measured) else measured


def predicted_to_leave(unit: Unit) -> float:
    """μ at which they pass 5° in the exact flow; the last level if they stay."""
    predicted = passed(exact(unit))
    return LEVELS[-1] if math.isnan(predicted) else predicted


def by_prolonging(unit: Unit) -> float:
    """μ at which the law of first order passes 5°, in units of what the exact flow predicts."""
    return pull(unit).leaves_by_the_law() / predicted_to_leave(unit)


def loudest(units: Sequence[Unit]) -> float:
    """Largest |f| / |y| at μ = 1/4."""
    return max(float(_seen(unit, "output")[AT_QUIET]) for unit in units)


def widest(units: Sequence[Unit]) -> float:
    """Largest angle in degrees between a neuron and the line of all at the first level."""
    apart = [_seen(unit, "farthest")[0] - _seen(unit, "angle")[0] for unit in units]
    return float(np.max(apart))


def notes(units: Sequence[Unit], cell: Callable[[Experiment], str]) -> list[str]:
    """When neurons leave, and how loud the output is then, cell by cell."""
    lines = []
    for name in dict.fromkeys(cell(unit.experiment) for unit in units):
        members = [unit for unit in units if cell(unit.experiment) == name]
        leaving = [unit for unit in members if predicted_to_leave(unit) <= LAST]
        loud = np.median([_seen(unit, "output")[AT_QUIET] for unit in members])
        text = f"{name}: at μ = 1/4 the median of |f| / |y| is {loud:.2g}"
        if leaving:
            mu, known = (
                np.median([f(unit) for unit in leaving]) for f in (left, predicted_to_leave)
            )
            text += (
                f"; {len(leaving)} of {len(members)} data sets are predicted to pass {WITHIN:g}° "
                f"by μ = {LAST:g}, at {known:.2f}, and do at {mu:.2f} (medians)"
            )
        lines.append(text)
    return lines


def law_panel(groups: Mapping[str, Sequence[Unit]], frozen: Sequence[Unit]) -> dict[str, Any]:
    """Angles in units of sin β, with the law and the one of input weights alone."""
    mu = np.array(SHOWN)
    points = [medians(name, mu, _curves(units, "angle", True)) for name, units in groups.items()]
    first = np.array(LAW_LEVELS)
    if frozen:
        control = np.median(_curves(frozen, "angle", True)[:, : len(first)], axis=0)
        points.append(dots("input weights alone", first, control))
    lines = [
        line("μ/3", mu, np.degrees(mu / 3)),
        line("μ/2", mu, np.degrees(mu / 2), Role.RESOLUTION),
    ]
    return panel("Law of first order", (AXIS, "angle / sin β (°)"), points, lines)


def angle_panel(groups: Mapping[str, Sequence[Unit]]) -> dict[str, Any]:
    """Angles in degrees, with the medians of the exact flow."""
    mu = np.array(SHOWN)
    points = [medians(name, mu, _curves(units, "angle")) for name, units in groups.items()]
    lines = [
        line(
            "exact flow of one neuron", mu, np.median([exact(u)[: len(mu)] for u in units], axis=0)
        )
        for units in groups.values()
    ]
    lines.append(line("5°", mu, np.full_like(mu, WITHIN), Role.RESOLUTION))
    return panel("Leaving", (AXIS, "angle (°)"), points, lines, log=(False, False))


def _curves(units: Sequence[Unit], name: str, scaled: bool = False) -> Curves:
    """A measurement at `SHOWN`, in units of sin β if asked for."""
    rows = [
        _seen(unit, name)[: len(SHOWN)] / (pull(unit).sine if scaled else 1.0) for unit in units
    ]
    return np.array(rows)
