"""Convergence exponents: predicted and measured on a unit, wrong ones, panels and notes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from sim.condensation.approach import Approach
from theory.condensation.approach import (
    convergence_exponent,
    leading_hessian,
    unrestricted_exponent,
)
from validate.claim import Role, Unit, once_per_unit
from validate.claims.condensation.measured.data import data_of
from validate.figure_forms.scaling import dots, line, panel


def settings(unit: Unit) -> Approach:
    """The experiment of a unit, known to be one on convergence."""
    if not isinstance(unit.experiment, Approach):
        raise TypeError(f"{unit.experiment.name} is no experiment on convergence")
    return unit.experiment


@once_per_unit
def _curvature(unit: Unit) -> tuple[np.ndarray, np.ndarray, float, int]:
    """Hessian of sign·H, direction, sign·H and p at the orientation that was followed."""
    experiment, data, sign = settings(unit), data_of(unit), unit.measurement["sign"]
    u, p, c = np.array(unit.measurement["direction"]), experiment.order, experiment.coefficient
    hessian = sign * leading_hessian(data.augmented, data.y, u, p, c)
    height = sign * c * float(np.mean(data.y * (data.augmented @ u) ** p))
    return hessian, u, height, p


def predicted_kappa(unit: Unit) -> float:
    """κ from the data, at the orientation that was followed."""
    return convergence_exponent(*_curvature(unit))


def unrestricted_kappa(unit: Unit) -> float:
    """A wrong κ: from the whole Hessian, not only its tangent part."""
    hessian, _, height, p = _curvature(unit)
    return unrestricted_exponent(hessian, height, p)


def measured_kappa(unit: Unit) -> float:
    """Slope of log(1/angle) over log G, each angle of the window passed by other neurons.

    Of K angles neuron j tells the growth at angle j mod K only. So the points are independent and
    the slope deviates to both sides alike; along single runs it is nearly exact, with a skew.
    """
    growth = _growth(unit)
    angles = growth.shape[1]
    passed = np.array([growth[k::angles, k].mean() for k in range(angles)])
    return 1 / float(_per_log_angle(unit, passed))


def single_run_kappas(unit: Unit) -> Float[np.ndarray, " neurons"]:
    """Slope of log(1/angle) over log G along the run of each neuron."""
    return 1 / _per_log_angle(unit, _growth(unit))


def _growth(unit: Unit) -> Float[np.ndarray, "neurons angles"]:
    return np.array(unit.measurement["log_growth"], dtype=float)


def _per_log_angle(unit: Unit, log_growth: Float[np.ndarray, "*neurons angles"]) -> Any:
    """Least-squares slope of log G over log(1/angle) in the window."""
    log = -np.log(settings(unit).angles)
    log -= log.mean()
    return log_growth @ log / (log @ log)


def run_panel(units: Mapping[int, Unit]) -> dict[str, Any]:
    """Angle against growth along the run of one neuron for each p."""
    points, lines = [], []
    for p, unit in units.items():
        angles, log = np.array(settings(unit).angles), _growth(unit)[0]
        points.append(dots(f"p = {p}", np.exp(log), angles))
        fall = np.exp(-predicted_kappa(unit) * (log - log[0]))
        lines.append(line("prediction", np.exp(log), angles[0] * fall))
    return panel("one run for each p", ("growth G", "angle (radian)"), points, lines)


def kappa_panel(title: str, units: Sequence[Unit]) -> dict[str, Any]:
    """Mean exponent of a data set's single runs against the predicted one."""
    predicted = np.array([predicted_kappa(unit) for unit in units])
    measured = np.array([single_run_kappas(unit).mean() for unit in units])
    ends = np.array([predicted.min(), predicted.max()])
    lines = [
        line("prediction", ends, ends),
        line("resolution control", ends, np.ones(2), Role.RESOLUTION),
    ]
    points = [dots("data sets", predicted, measured)]
    return panel(title, ("predicted κ", "measured κ"), points, lines, (False, False))


def notes(units: Sequence[Unit]) -> list[str]:
    """What was left out, where neurons start, and how exact single runs are."""
    experiment = settings(units[0])
    share = len(units) / sum(unit.measurement["draws"] for unit in units)
    off = [np.abs(single_run_kappas(unit) / predicted_kappa(unit) - 1).max() for unit in units]
    return [
        f"{share:.0%} of the data sets drawn were trained. Left out, before training, are those "
        f"whose main orientation has κ < {experiment.slowest:g} (the window of angles would take "
        f"more growth than the initial size leaves room for) or κ > {experiment.fastest:g} (the "
        "direction turns faster than the steps resolve), or too narrow a cap for the starts.",
        "Neurons start on the cap around the orientation where sign·H is positive and concave: "
        "elsewhere nearly flat stretches can hold a neuron for many orders of magnitude of growth, "
        "which κ says nothing about.",
        f"Along single runs the exponent is κ up to {max(off):.1g} (relative, all neurons; median "
        f"over data sets {np.median(off):.1g}).",
    ]
