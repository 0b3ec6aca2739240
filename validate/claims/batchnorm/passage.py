"""The claim on how many batch-normalized units collapse by a time under gradient noise."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from sim.batchnorm.passage import Passages
from theory.batchnorm.collapse import cone_steps, passage_prediction
from theory.batchnorm.one_step import REFERENCE
from validate.claim import Body, Decision, Outcome, Regime, Role, experiment_control
from validate.claims.batchnorm.measured.passage import (
    below,
    curve_decision,
    deviations,
    law,
    passage_panel,
    predicted,
    settings,
)
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

# at the first look as many as an interval of shares, which leans on nothing but their range, needs
# for AGREE at a deviation of 0.004 with chance 0.999: 2,112
BLOCK, LOOKS = 264, (8, 12)
SMALL = 4  # a batch whose normalized inputs end at √3: below r = −√3 nothing moves any more
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

    grid = tuple(
        Passages(
            rate=rate,
            gamma=gamma,
            batch=batch,
            units=104,
            clocks=(0.5, 1.0, 2.0, 3.0),
            follow=k == 2,
            block=BLOCK,
        )
        for k, (rate, gamma, batch) in enumerate(COMBINATIONS)
    )
    names = {e: f"η = {e.rate:g}, γ₀ = {e.gamma:g}, B = {e.batch}" for e in grid}
    prediction = passage_prediction()
    first, second, third = grid
    # later looks than the claim's, at which more have collapsed
    small = dataclasses.replace(
        first,
        batch=SMALL,
        rate=first.rate * (SMALL / first.batch) ** 0.5,
        clocks=(1.0, 2.0, 3.0, 4.0),
    )
    claimed = tuple(curve_decision(LOOKS, names[e], prediction, (e,)) for e in grid)
    decisions = (
        *claimed,
        experiment_control(
            claimed[0],
            f"the same A₀ in batches of {SMALL}, whose inputs end before r = −2",
            (small,),
            LOOKS,
        ),
        Decision(
            name="state at T instead of first passage",
            prediction=deviations(prediction, len(third.clocks)),
            predict=lambda unit: np.array(predicted(settings(unit))),
            observe=below,
            experiments=(third,),
            looks=LOOKS,
            role=Role.RESOLUTION,
            distance=2 * prediction.margin,
        ),
        curve_decision(LOOKS, "A₀ half as large", prediction, grid, lambda e: 0.5),
        curve_decision(
            LOOKS,
            f"A₀ ∝ η instead of η², right for η = {first.rate:g}",
            prediction,
            (second,),
            lambda e: first.rate / e.rate,
        ),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        units = {names[e]: [u for u in outcome.units if u.experiment == e] for e in grid}
        panels = [passage_panel("first passage", units, lambda e, x: law(e)(x / 2))]
        caption = (
            "Share of units that have been below r = −2 by step T, against A₀T: three combinations "
            "of learning rate, γ₀ and batch size on one curve, computed in the limit of small "
            "steps (the decisions take the first order of the step into account, up to 0.02). "
            "The control has half the noise."
        )
        return (scaling(outcome, "Collapse by a time", caption, panels, outcome.units),)

    return Body(
        grid=(*grid, small),
        decisions=decisions,
        derivation=cone_steps,
        regime=(Regime("largest A₀", lambda units: max(e.strength for e in grid), at_most=0.012),),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: [
            "A unit counts as collapsed once r = β/|γ| < −2 after some step: 2.3 % of the samples "
            "or less are active. It may come back; its state at T is another, smaller number.",
            "F is computed to 0.001 for a large batch; batches of 32 shift it by 0.001. Looking "
            "once a step lowers it by up to 0.02 at these A₀, which is predicted as well.",
        ],
    )
