"""First passages of batch-normalized units: what is predicted and measured on a unit, a panel."""

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.batchnorm.passage import Passages
from theory.batchnorm.collapse import decayed_clock
from theory.batchnorm.moments import adam_moments, gaussian_moments
from theory.batchnorm.overshoot import GAUSSIAN_OVERSHOOT, overshoot, smoothed_overshoot
from theory.batchnorm.passage import Column, Passage, passage
from theory.prediction import Curve
from validate.claim import Decision, Outcome, Unit, settings_of
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import means

SMALL = 4  # a batch whose normalized inputs end at √3: below r = −√3 nothing moves any more


def in_small_batches(made: Passages, **changes: Any) -> Passages:
    """The same A₀ in batches of `SMALL`."""
    rate = made.rate * (SMALL / made.batch) ** 0.5
    return dataclasses.replace(made, **{"batch": SMALL, "rate": rate, **changes})


def law(made: Passages) -> Passage:
    """F for a large batch: one function for each method, r₀ and τ."""
    moments = adam_moments if made.method == "adam" else gaussian_moments
    return passage(moments, made.start, made.threshold)


def clocks(made: Passages) -> Column:
    """The clock at the looks: A₀T, with decay the longer one."""
    return decayed_clock(made.strength, np.array(made.steps), made.rate, made.decay)


@cache
def predicted(made: Passages, factor: float = 1.0) -> Column:
    """F at the looks, the first order in its steps included; ``factor`` is on the clock."""
    return law(made)(factor * clocks(made), *_steps(made))


def _steps(made: Passages) -> tuple[float | Column, float]:
    """A₀ and K, for the looks once a step."""
    if made.momentum:
        return made.strength, smoothed_overshoot(made.momentum)
    if made.method == "adam":  # divided by an average over many batches
        return made.strength, GAUSSIAN_OVERSHOOT
    # under decay noise grows relative to the parameters: as large as at each look, an upper bound
    grown = np.exp(2 * made.rate * made.decay * np.array(made.steps))
    return made.strength * grown, overshoot(made.batch, made.threshold)


def passed(unit: Unit) -> Column:
    """Share of a unit's ensemble that has passed, at each look."""
    return np.array(unit.measurement["passed"])


def curve(
    prediction: Curve, looks: tuple[int, ...], name: str, *made: Passages, factor: float = 1.0
) -> Decision:
    """Shares against F; with another ``factor`` on the clock a control."""

    def predict(unit: Unit) -> Column:
        return predicted(settings_of(unit, Passages), factor)

    judged = Decision(name, prediction, predict, passed, made, looks)
    if factor == 1.0:
        return judged
    gaps = [np.abs(predicted(one) - predicted(one, factor)).max() for one in made]
    return judged.wrong_law(name, predict, float(min(gaps)))


def panel(
    title: str,
    groups: Mapping[str, Passages],
    law: Callable[[Column], Column],
    wrong: Callable[[Column], ArrayLike],
    measured: Callable[[Unit], Column] = passed,
    *,
    label: str = "share collapsed",
    control: str = "resolution control",
    log: bool = False,
    beside: float = 0.0,
) -> Callable[[Outcome], dict[str, Any]]:
    """Means of each group against the clock, with intervals, a law and a wrong one.

    ``beside`` is the relative distance of groups that would hide each other.
    """
    made = [*groups.values()]
    every = np.concatenate([clocks(one) for one in made])

    def at(unit: Unit) -> Column:
        one = settings_of(unit, Passages)
        return clocks(one) * (1 + beside * (made.index(one) - (len(made) - 1) / 2))

    over = np.geomspace(every.min() / 1.5, every.max() * 1.3, 60)
    more = {"log": (True, log), "over": over, "drawn": means}
    lines = {"prediction": law}, {control: wrong}
    labels = ("clock (A₀T)", label)
    return lambda outcome: along(outcome, title, labels, groups, at, measured, *lines, **more)
