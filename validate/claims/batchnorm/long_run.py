"""The claim on the paper's sentence, collapse ∝ η²/γ², in our reading as one on many steps."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.batchnorm.ladder import CollapseLadder
from theory.batchnorm.collapse import cone_steps, power_prediction, slopes_prediction
from theory.batchnorm.one_step import REFERENCE
from validate.claim import Body, Decision, Outcome, Role, experiment_control
from validate.claims.batchnorm.measured.passage import (
    deviations,
    ladder,
    law,
    predicted_shares,
    shares,
    slopes,
)
from validate.figure_forms.scaling import dots, line, medians, panel, scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

PAPER = "arXiv:2001.11216"
# as many at the first look as an interval at its share of α needs
BLOCK, LOOKS = 264, (1, 2)
SMALL = 4  # a batch whose normalized inputs end at √3: below r = −√3 nothing moves any more
# a decade of learning rates in 150 steps: A₀T from 0.4 to 40 at γ₀ = 1, B = 64
RATES = tuple(0.413 * 10 ** (k / 4) for k in range(5))
RATE_UNITS = (180, 80, 80, 80, 80)


@claim(
    "batchnorm.collapse-probability",
    title="Collapse probability ∝ η²/γ² in the long run",
    source=PAPER,
    statement="The probability that a unit has collapsed after a given number of steps is "
    "proportional to the square of the learning rate over that of the scale: the paper's sentence, "
    "in our reading as one on the long run.",
    may_disagree=True,
    contradicts=f"{PAPER} says that the sparsifying probability is proportional to the square of "
    "the learning rate and inversely proportional to the square of the scale. Read as the share "
    "that has collapsed after many steps, which is our reading, this is a power law of exponent 2 "
    "in the learning rate. (Our other reading, the mean drift in one step, is batchnorm.drift.)",
    place=6,
    readings=(
        Reading(
            "The probability that a unit has collapsed after many steps is proportional to (η/γ)².",
            where="the share of units that have collapsed after many steps",
        ),
        Reading(
            "After many steps the power of η is no constant: it is the local slope of that law.",
            decision="local slopes of F(A₀T)",
        ),
    ),
)
def collapse_probability() -> Body:

    experiment = CollapseLadder(rates=RATES, units=RATE_UNITS, steps=150, block=BLOCK)
    scale = (SMALL / experiment.batch) ** 0.5  # of η for the same A₀
    # longer, and more units where few collapse: logarithms of a few counts are too skewed
    small = dataclasses.replace(
        experiment,
        batch=SMALL,
        rates=tuple(rate * scale for rate in RATES),
        steps=300,
        units=(360, 160, 80, 80, 80),
    )
    power, exact = power_prediction(RATES), slopes_prediction()
    common: dict[str, Any] = {"experiments": (experiment,), "looks": LOOKS}
    local: dict[str, Any] = {
        "prediction": deviations(exact, len(RATES) - 1),
        "observe": lambda unit: slopes(ladder(unit).rates, shares(unit)),
        **common,
    }
    laws = Decision(
        name="local slopes of F(A₀T)",
        predict=lambda unit: slopes(ladder(unit).rates, np.array(predicted_shares(ladder(unit)))),
        role=Role.POSITIVE,
        **local,
    )
    decisions = (
        Decision(
            name="P ∝ η² over a decade of learning rates",
            prediction=power,
            predict=lambda unit: power.expected,
            observe=shares,
            **common,
        ),
        laws,
        experiment_control(
            laws,
            f"local slopes of F at the same A₀T in batches of {SMALL}",
            (small,),
            LOOKS,
        ),
        Decision(
            name="local slopes of a power law ∝ η",
            predict=lambda unit: np.ones(len(RATES) - 1),
            role=Role.RESOLUTION,
            distance=2 * exact.margin,
            **local,
        ),
    )
    return Body(
        grid=(experiment, small),
        decisions=decisions,
        derivation=cone_steps,
        regime=(),
        figures=lambda outcome: _ladder_figure(outcome, experiment),
        references=(REFERENCE,),
        notes=lambda units: [_slope_note(experiment)],
    )


def _ladder_figure(outcome: Outcome, experiment: CollapseLadder) -> Sequence[Figure]:

    law_of = law(experiment.members[0])
    rates = np.array(RATES)
    clock = experiment.steps * np.array([member.strength for member in experiment.members])
    x = np.geomspace(clock[0] / 1.3, clock[-1] * 1.3, 60)
    eta = np.sqrt(x / clock[0]) * rates[0]
    measured = np.array([shares(unit) for unit in outcome.units])
    square = (rates / rates[2]) ** 2 * predicted_shares(experiment)[2]
    middle, local = np.sqrt(rates[1:] * rates[:-1]), slopes(RATES, measured.mean(axis=0))
    panels = [
        panel(
            f"collapsed within {experiment.steps} steps",
            ("learning rate η", "share collapsed"),
            [medians("ensembles", rates, measured)],
            [
                line("F(A₀T)", eta, law_of(x), Role.POSITIVE),
                line("∝ η²", rates[:3], square[:3]),
            ],
        ),
        panel(
            "local slopes",
            ("learning rate η", "d log P / d log η"),
            [dots("ensembles", middle, local)],
            [
                line("F(A₀T)", eta, law_of.slope(x), Role.POSITIVE),
                line("∝ η²", rates, np.full(len(rates), 2.0)),
            ],
            (True, False),
        ),
    ]
    caption = (
        "Share of units collapsed after a fixed number of steps against the learning rate. The "
        "power law of the paper's sentence is that of the mean drift in one step; here the local "
        f"slope goes from {local[0]:.2f} to {local[-1]:.2f}."
    )
    return (scaling(outcome, "Collapse against learning rate", caption, panels, outcome.units),)


def _slope_note(experiment: CollapseLadder) -> str:

    found = law(experiment.members[0])
    at = [found.clock_of_slope(slope) for slope in (2.25, 2.0, 1.75)]
    return (
        f"The slope of F is 2 at A₀T = {at[1]:.2f} and within 2 ± 0.25 from {at[0]:.2f} to "
        f"{at[2]:.2f}: there the sentence is nearly true, for learning rates within "
        f"{(at[2] / at[0]) ** 0.5 - 1:.0%} of each other. The mean drift in one step is "
        "judged by batchnorm.drift."
    )
