"""The claim on how many batch-normalized units collapse by a time under gradient noise."""

import dataclasses
from typing import Any

import numpy as np

from sim.batchnorm.passage import Passages
from theory.batchnorm.collapse import cone_steps, passage_prediction
from theory.batchnorm.one_step import REFERENCE
from validate.claim import Body, Outcome, Regime, Unit, settings_of
from validate.claims.batchnorm.measured.passage import (
    below,
    clocks,
    curve_decision,
    law,
    passage_panel,
    passed,
    predicted,
)
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import means, one_figure
from validate.registry import Reading, claim

# at the first look as many as an interval of shares, which leans on nothing but their range, needs
# for AGREE at a deviation of 0.004 with chance 0.999: 2,112
BLOCK, LOOKS = 264, (8, 12)
SMALL = 4  # a batch whose normalized inputs end at √3: below r = −√3 nothing moves any more
BESIDE = 0.07  # relative distance of series that would hide each other
# η, γ₀ and B: all different, and A₀ as well
COMBINATIONS = ((0.5, 1.0, 32), (1.0, 1.25, 64), (0.56, 0.5, 128))


@claim(
    "batchnorm.first-passage",
    title="How many filters collapse by a time",
    source="our derivation, on the setting of arXiv:2001.11216",
    statement="Under gradient noise the share of units with batch normalization that have "
    "collapsed by step T is, for batches of 32 and more, a function of A₀T = η²s²T/(Bγ₀²) alone, "
    "computed without a free constant: the law of a first passage in a cone. (Batches of 4 do not "
    "obey it.)",
    place=5,
    readings=(
        Reading(
            "The share of units collapsed by step T depends, for batches of 32 and more, on "
            "A₀T = η²s²T/(Bγ₀²) alone, by a law without a free constant; s is the noise of a "
            "sample's gradient, B the batch size.",
        ),
    ),
)
def first_passage() -> Body:
    grid = {
        f"η = {rate:g}, γ₀ = {gamma:g}, B = {batch}": Passages(
            rate=rate,
            gamma=gamma,
            batch=batch,
            units=104,
            clocks=(0.5, 1.0, 2.0, 3.0),
            follow=k == 2,
            block=BLOCK,
        )
        for k, (rate, gamma, batch) in enumerate(COMBINATIONS)
    }
    prediction = passage_prediction()
    first, second, third = grid.values()
    # later looks than the claim's, at which more have collapsed
    small = dataclasses.replace(
        first,
        batch=SMALL,
        rate=first.rate * (SMALL / first.batch) ** 0.5,
        clocks=(1.0, 2.0, 3.0, 4.0),
    )
    claimed = [curve_decision(name, prediction, LOOKS, made) for name, made in grid.items()]
    decisions = (
        *claimed,
        claimed[0].wrong_experiment(
            f"the same A₀ in batches of {SMALL}, whose inputs end before r = −2", small
        ),
        claimed[2].wrong_law(
            "state at T instead of first passage",
            claimed[2].predict,
            distance=2 * prediction.margin,
            observe=below,
        ),
        curve_decision("A₀ half as large", prediction, LOOKS, first, second, third, factor=0.5),
        curve_decision(
            f"A₀ ∝ η instead of η², right for η = {first.rate:g}",
            prediction,
            LOOKS,
            second,
            factor=first.rate / second.rate,
        ),
    )
    return Body(
        decisions=decisions,
        derivation=cone_steps,
        regime=(
            Regime(
                "largest A₀", lambda units: max(e.strength for e in grid.values()), at_most=0.012
            ),
        ),
        figures=one_figure(
            "Collapse by a time",
            "Left: share of units that have been below r = −2 by step T, against A₀T: three "
            "combinations of learning rate, γ₀ and batch size on one curve, computed in the limit "
            "of small steps. The control has half the noise. Right: what is judged, deviations "
            "from the prediction with the first order of the step, which is up to 0.02; side by "
            "side at each time. Means over ensembles with intervals of 99 %.",
            lambda outcome: passage_panel(
                outcome, "first passage", grid, lambda x: law(first)(x / 2)
            ),
            lambda outcome: _deviations(outcome, grid, prediction.margin),
        ),
        references=(REFERENCE,),
        notes=lambda units: [
            "A unit counts as collapsed once r = β/|γ| < −2 after some step: 2.3 % of the samples "
            "or less are active. It may come back; its state at T is another, smaller number.",
            "F is computed to 0.001 for a large batch; batches of 32 shift it by 0.001. Looking "
            "once a step lowers it by up to 0.02 at these A₀, which is predicted as well.",
        ],
    )


def _deviations(outcome: Outcome, grid: dict[str, Passages], margin: float) -> dict[str, Any]:
    """Measured minus predicted shares; groups are drawn side by side."""
    groups = list(grid.values())

    def beside(unit: Unit) -> np.ndarray:
        made = settings_of(unit, Passages)
        return clocks(made) * (1 + BESIDE * (groups.index(made) - 1))

    return along(
        outcome,
        "measured − predicted",
        ("clock (A₀T)", "deviation"),
        grid,
        beside,
        lambda unit: passed(unit) - predicted(settings_of(unit, Passages)),
        {"prediction": np.zeros_like},
        {f"margin, ± {margin:g}": lambda x: [0 * x + margin, 0 * x - margin]},
        log=(True, False),
        drawn=means,
    )
