"""Escape times: what is measured on a unit, wrong rates for controls, panels and notes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from sim.condensation.escape import Escape
from theory.condensation.escape import escape_exponent, typical_height
from validate.claim import Role, Unit, once_per_unit
from validate.claims.condensation.measured.data import data_of
from validate.figure_forms.scaling import line, medians, panel


def settings(unit: Unit) -> Escape:
    """The experiment of a unit, known to be one on escape times."""
    if not isinstance(unit.experiment, Escape):
        raise TypeError(f"{unit.experiment.name} is no experiment on escape times")
    return unit.experiment


def times(unit: Unit) -> Float[np.ndarray, " epsilons"]:
    """Escape times of a unit's networks by increasing ε; NaN where one did not escape."""
    return np.array(unit.measurement["times"], dtype=float)


@once_per_unit
def highest(unit: Unit) -> float:
    """H_max on a unit's data."""
    return settings(unit).fastest(data_of(unit)).height


def rate(unit: Unit) -> float:
    """d log(1/ε)/dT in units of H_max, the predicted one; by least squares."""
    log = -np.log(settings(unit).epsilons)
    log -= log.mean()
    return float(log @ log / (times(unit) @ log) / highest(unit))


@once_per_unit
def typical_rate(unit: Unit) -> float:
    """A wrong rate in units of H_max: root mean square of H over all directions."""
    data = data_of(unit)
    wrong = typical_height(data.x[:, 0], data.y, *settings(unit).slopes)
    return wrong / highest(unit)


def power_panel(title: str, units: Sequence[Unit], p: int) -> dict[str, Any]:
    """Times against ε with the power laws of the prediction and of the control."""
    epsilon, relative = _ladder(units)
    log = np.log([times(unit) for unit in units])
    points = medians("data sets", epsilon, np.exp(log - log.mean(axis=1, keepdims=True)))
    exponent, raised = escape_exponent(p), escape_exponent(p + 1)
    lines = [
        line("prediction", epsilon, np.exp(exponent * relative)),
        line("resolution control", epsilon, np.exp(raised * relative), Role.RESOLUTION),
    ]
    return panel(title, ("ε", "T / geometric mean"), [points], lines)


def log_panel(title: str, units: Sequence[Unit]) -> dict[str, Any]:
    """Times against log ε with the rates of the prediction and of the control."""
    epsilon, relative = _ladder(units)
    measured = np.array([times(unit) for unit in units])
    heights = np.array([highest(unit) for unit in units])
    centered = heights[:, None] * (measured - measured.mean(axis=1, keepdims=True))
    wrong = float(np.median([typical_rate(unit) for unit in units]))
    lines = [
        line("prediction", epsilon, -relative),
        line("resolution control", epsilon, -relative / wrong, Role.RESOLUTION),
    ]
    points = medians("data sets", epsilon, centered)
    return panel(title, ("ε", "H_max (T − mean)"), [points], lines, (True, False))


def _ladder(units: Sequence[Unit]) -> tuple[np.ndarray, np.ndarray]:
    """ε, and log ε about its mean."""
    epsilon = np.array(settings(units[0]).epsilons)
    return epsilon, np.log(epsilon) - np.log(epsilon).mean()


def notes(units: Sequence[Unit], kinked: tuple[Escape, ...]) -> list[str]:
    """What the choice of data sets and of weights means for the verdict."""
    chosen = [unit for unit in units if unit.experiment in kinked]
    share = len(chosen) / sum(unit.measurement["draws"] for unit in chosen)
    kinks = sum(settings(unit).fastest(data_of(unit)).at_kink for unit in chosen) / len(chosen)
    return [
        f"ReLU: {share:.0%} of the data sets drawn were trained: those on which at least ten "
        "neurons are expected to start where they are sure to reach the fastest direction, "
        "decided before training. Elsewhere a slower direction may come first.",
        f"ReLU: on {kinks:.0%} of them the fastest direction has its kink on a data point, where H "
        "is not differentiable.",
        "The four networks of a data set have independent initial weights, so that slopes deviate "
        "to both sides alike. With the same normalized weights each data set would give one small "
        "deviation of always the same sign, too skewed for a t interval.",
    ]
