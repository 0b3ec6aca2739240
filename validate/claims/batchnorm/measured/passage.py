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
from validate.claim import Decision, Outcome, Unit, settings_of
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import means

Points = Float[np.ndarray, " points"]


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
    name: str,
    prediction: Curve,
    looks: tuple[int, ...],
    *experiments: Passages,
    factor: float = 1.0,
) -> Decision:
    """Shares against F; with another ``factor`` on the clock a control."""
    judged = Decision(
        name=name,
        prediction=deviations(prediction, len(experiments[0].clocks)),
        predict=lambda unit: np.array(predicted(settings_of(unit, Passages), factor)),
        observe=passed,
        experiments=experiments,
        looks=looks,
    )
    if factor == 1.0:
        return judged
    gaps = [np.abs(np.subtract(predicted(e), predicted(e, factor))).max() for e in experiments]
    return judged.wrong_law(name, judged.predict, float(min(gaps)))


def passed(unit: Unit) -> Points:
    """Share of a unit's ensemble that has passed, at each look."""
    return np.array(unit.measurement["passed"])


def below(unit: Unit) -> Points:
    """Share that is beyond the threshold at each look."""
    return np.array(unit.measurement["below"])


# -- powers of the learning rate --------------------------------------------------------------


def shares(unit: Unit) -> Points:
    """Share collapsed at each learning rate, as (k + ½)/N: its logarithm has next to no bias."""
    units = np.array(settings_of(unit, CollapseLadder).units)
    return np.array(unit.measurement["passed"]) + 0.5 / units


def slopes(
    rates: Sequence[float], values: Sequence[float] | Float[np.ndarray, " points"]
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
    experiment = settings_of(unit, Passages)
    left = 1 - passed(unit) + 0.5 / experiment.units
    log = np.log(experiment.steps)
    log -= log.mean()
    return float(-(log @ np.log(left)) / (log @ log))


# -- panels -----------------------------------------------------------------------------------


def passage_panel(
    outcome: Outcome,
    title: str,
    groups: Mapping[str, Passages],
    wrong: Callable[[Points], Points],
) -> dict[str, Any]:
    """Mean shares of each group against the clock, with F in the limit of small steps."""
    every = np.concatenate([clocks(one) for one in groups.values()])
    return along(
        outcome,
        title,
        ("clock (A₀T)", "share collapsed"),
        groups,
        lambda unit: clocks(settings_of(unit, Passages)),
        passed,
        {"prediction": law(next(iter(groups.values())))},
        {"resolution control": wrong},
        log=(True, False),
        over=np.geomspace(every.min() / 1.5, every.max() * 1.3, 60),
        drawn=means,
    )
