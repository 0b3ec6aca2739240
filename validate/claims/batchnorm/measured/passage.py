"""First passages of batch-normalized units: what is predicted and measured on a unit, panels."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float

from sim.batchnorm.ladder import CollapseLadder
from sim.batchnorm.passage import Passages
from theory.batchnorm.collapse import decayed_clock
from theory.batchnorm.moments import adam_moments, gaussian_moments
from theory.batchnorm.overshoot import GAUSSIAN_OVERSHOOT, overshoot, smoothed_overshoot
from theory.batchnorm.passage import Passage, passage
from theory.prediction import Curve
from validate.claim import Decision, Role, Unit
from validate.figure_forms.scaling import dots, line, panel

Points = Float[np.ndarray, " points"]


def settings(unit: Unit) -> Passages:
    """The experiment of a unit, known to be one on first passages."""
    if not isinstance(unit.experiment, Passages):
        raise TypeError(f"{unit.experiment.name} is no experiment on first passages")
    return unit.experiment


def law(experiment: Passages) -> Passage:
    """F for a large batch: one function for each method, r₀ and τ."""
    moments = adam_moments if experiment.method == "adam" else gaussian_moments
    return passage(moments, experiment.start, experiment.threshold)


def clocks(experiment: Passages) -> Points:
    """The clock at the looks: A₀T, with decay the longer one."""
    if not experiment.decay:
        return experiment.strength * np.array(experiment.steps, dtype=float)
    return np.array(
        [
            decayed_clock(experiment.strength, steps, experiment.rate, experiment.decay)
            for steps in experiment.steps
        ]
    )


@cache
def predicted(experiment: Passages, factor: float = 1.0) -> tuple[float, ...]:
    """F at the looks of an experiment, the first order in its steps included.

    ``factor`` multiplies the clock, for controls.
    """
    at = factor * clocks(experiment)
    return tuple(float(one) for one in law(experiment)(at, *_steps(experiment)))


def _steps(experiment: Passages) -> tuple[float | Points, float]:
    """A₀ and K, for the looks once a step."""
    if experiment.momentum:
        return experiment.strength, smoothed_overshoot(experiment.momentum)
    if experiment.method == "adam":  # divided by an average over many batches
        return experiment.strength, GAUSSIAN_OVERSHOOT
    # under decay noise grows relative to the parameters: as large as at each look, an upper bound
    grown = np.exp(2 * experiment.rate * experiment.decay * np.array(experiment.steps))
    return experiment.strength * grown, overshoot(experiment.batch, experiment.threshold)


def deviations(prediction: Any, points: int = 0) -> Any:
    """The same prediction, judged and shown as deviations from what each unit is predicted."""
    return dataclasses.replace(prediction, expected=(0.0,) * points if points else 0.0)


def curve_decision(
    looks: tuple[int, ...],
    name: str,
    prediction: Curve,
    experiments: tuple[Passages, ...],
    factor: Callable[[Passages], float] | None = None,
) -> Decision:
    """Shares against F; with ``factor`` on the clock a control, at least two margins away."""
    return Decision(
        name=name,
        prediction=deviations(prediction, len(experiments[0].clocks)),
        predict=lambda unit: np.array(
            predicted(settings(unit), factor(settings(unit)) if factor else 1.0)
        ),
        observe=passed,
        experiments=experiments,
        looks=looks,
        role=Role.RESOLUTION if factor else Role.CLAIM,
        judged=lambda unit: factor is None or _apart(settings(unit), factor, prediction),
        distance=2 * prediction.margin if factor else None,
    )


def _apart(experiment: Passages, factor: Callable[[Passages], float], right: Curve) -> bool:
    """Whether a control's law differs enough to be told apart."""
    gap = np.subtract(predicted(experiment), predicted(experiment, factor(experiment)))
    return bool(np.abs(gap).max() > 2 * right.margin)


def passed(unit: Unit) -> Points:
    """Share of a unit's ensemble that has passed, at each look."""
    return np.array(unit.measurement["passed"])


def below(unit: Unit) -> Points:
    """Share that is beyond the threshold at each look."""
    return np.array(unit.measurement["below"])


# -- powers of the learning rate --------------------------------------------------------------


def ladder(unit: Unit) -> CollapseLadder:
    """The experiment of a unit, known to be a ladder of learning rates."""
    if not isinstance(unit.experiment, CollapseLadder):
        raise TypeError(f"{unit.experiment.name} is no ladder of learning rates")
    return unit.experiment


def shares(unit: Unit) -> Points:
    """Share collapsed at each learning rate, as (k + ½)/N: its logarithm has next to no bias."""
    units = np.array(ladder(unit).units)
    return np.array(unit.measurement["passed"]) + 0.5 / units


def slopes(
    rates: Sequence[float], values: Float[np.ndarray, " points"]
) -> Float[np.ndarray, " intervals"]:
    """Slopes of log ``values`` in log η between neighbors."""
    return np.diff(np.log(values)) / np.diff(np.log(rates))


@cache
def predicted_shares(experiment: CollapseLadder) -> tuple[float, ...]:
    """F at each learning rate."""
    return tuple(predicted(member)[0] for member in experiment.members)


# -- the tail ---------------------------------------------------------------------------------


def tail(unit: Unit) -> float:
    """−d log(1 − F)/d log T over a unit's looks, by least squares on log(k + ½)."""
    left = 1 - passed(unit) + 0.5 / settings(unit).units
    log = np.log(settings(unit).steps)
    log -= log.mean()
    return float(-(log @ np.log(left)) / (log @ log))


# -- panels -----------------------------------------------------------------------------------


def passage_panel(
    title: str,
    groups: Mapping[str, Sequence[Unit]],
    wrong: Callable[[Passages, Points], Points],
    observe: Callable[[Unit], Points] = passed,
) -> dict[str, Any]:
    """Mean shares of each group against the clock, with F in the limit of small steps."""
    experiments = {name: settings(units[0]) for name, units in groups.items()}
    first = next(iter(experiments.values()))
    every = np.concatenate([clocks(one) for one in experiments.values()])
    x = np.geomspace(every.min() / 1.5, every.max() * 1.3, 60)
    points = [
        dots(name, clocks(experiments[name]), np.mean([observe(unit) for unit in units], axis=0))
        for name, units in groups.items()
    ]
    lines = [
        line("prediction", x, law(first)(x)),
        line("resolution control", x, wrong(first, x), Role.RESOLUTION),
    ]
    return panel(title, ("clock (A₀T)", "share collapsed"), points, lines, (True, False))
