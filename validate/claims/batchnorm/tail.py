"""The claim on the tail of the collapse time of batch-normalized units under gradient noise."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.batchnorm.passage import Passages
from theory.batchnorm.collapse import cone_steps, tail_prediction, tail_steps
from theory.batchnorm.cone import cone, tail_exponent
from theory.batchnorm.moments import gaussian_moments
from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.passage import isotropic_exponent
from validate.claim import Body, Decision, Outcome, Regime, Role, experiment_control
from validate.claims.batchnorm.measured.passage import clocks, law, passed, settings, tail
from validate.figure_forms.scaling import line, medians, panel, scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

# as many at the first look as an interval at its share of α needs
BLOCK, LOOKS = 240, (1, 2)
DECAYED = 1.0  # ηλT at the last look of the control with L2 decay


@claim(
    "batchnorm.heavy-tail",
    title="The tail of the collapse time",
    source="our derivation",
    statement="From A₀T = 4 to 64 the share of units that have not collapsed falls like "
    "(A₀T)^(−p), with p = 0.365 for τ = 2, the lowest exponent of the cone. That it goes on like "
    "this, and that the mean time to collapse is therefore infinite (p < 1), follows from the "
    "model of pure noise and is not measured.",
    place=7,
    readings=(
        Reading(
            "From A₀T = 4 to 64 the share of units that have not collapsed falls like the power "
            "−0.365 of T; in the model it goes on so, and the mean time to collapse is infinite.",
        ),
    ),
)
def heavy_tail() -> Body:

    # from r₀ = 0.5 the slope is near its limit early, which saves steps; of 80 units a replicate
    # too few are left for a t interval: their logarithm is skewed
    experiment = Passages(
        rate=1.26, batch=32, units=320, start=0.5, clocks=(4.0, 16.0, 64.0), block=BLOCK
    )
    exponent = tail_exponent(cone(gaussian_moments, experiment.threshold))
    prediction = tail_prediction(exponent)
    wrong = {
        "γ held fixed: p = 1/2": 0.5,
        "noise of all samples, active or not": isotropic_exponent(experiment.threshold),
        "p = 1, above which the mean is finite": 1.0,
    }
    common: dict[str, Any] = {"observe": tail, "experiments": (experiment,), "looks": LOOKS}
    claimed = Decision(
        name="1 − F ∝ (A₀T)^(−p)",
        prediction=prediction,
        predict=lambda unit: exponent,
        **common,
    )
    decayed = dataclasses.replace(
        experiment, decay=DECAYED / (experiment.rate * experiment.steps[-1])
    )
    decisions = (
        claimed,
        experiment_control(claimed, "with L2 decay, which ends the tail", (decayed,), LOOKS),
        *(
            Decision(
                name=name,
                prediction=dataclasses.replace(prediction, expected=value),
                predict=lambda unit, value=value: value,
                role=Role.RESOLUTION,
                distance=abs(value - exponent),
                **common,
            )
            for name, value in wrong.items()
        ),
    )
    return Body(
        grid=(experiment, decayed),
        decisions=decisions,
        derivation=lambda: (*cone_steps(), *tail_steps(exponent)),
        regime=(Regime("largest A₀", lambda units: experiment.strength, at_most=0.06),),
        figures=lambda outcome: _tail_figure(outcome, exponent),
        references=(REFERENCE,),
        notes=lambda units: [
            f"The slope of F itself over the window is {_window_slope(settings(units[0])):.3f}; "
            f"its limit is p = {exponent:.4f}. Looking once a step changes the constant, not p."
        ],
    )


def _window_slope(experiment: Passages) -> float:

    log, left = np.log(clocks(experiment)), np.log(1 - law(experiment)(clocks(experiment)))
    return float(-np.polyfit(log, left, 1)[0])


def _tail_figure(outcome: Outcome, exponent: float) -> Sequence[Figure]:

    experiment = settings(outcome.units[0])
    at = clocks(experiment)
    x = np.geomspace(at[0] / 2, at[-1] * 2, 60)
    left = 1 - law(experiment)(x)
    measured = np.array([1 - passed(unit) for unit in outcome.units])
    lines = [
        line("1 − F", x, left),
        line("γ held fixed: p = 1/2", x, left[0] * (x / x[0]) ** -0.5, Role.RESOLUTION),
    ]
    panels = [
        panel(
            f"tail, p = {exponent:.3f}",
            ("A₀T", "share not collapsed"),
            [medians("ensembles", at, measured)],
            lines,
        )
    ]
    caption = (
        "Share of units that have not collapsed by step T. In the model its slope tends to −p; "
        "where it stays so and p ≤ 1 there is no finite mean time, and medians or F itself "
        "describe collapse."
    )
    return (scaling(outcome, "Tail of the collapse time", caption, panels, outcome.units),)
