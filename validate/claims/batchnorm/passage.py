"""Claims on how many batch-normalized units collapse by a time under gradient noise, and when."""

from dataclasses import replace
from functools import partial

import numpy as np

from sim.batchnorm.passage import Passages
from theory.batchnorm.collapse import cone_steps, passage_prediction, tail_prediction, tail_steps
from theory.batchnorm.cone import cone, tail_exponent
from theory.batchnorm.moments import gaussian_moments
from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.passage import Column, isotropic_exponent
from validate.claim import Body, Decision, Regime, Unit, settings_of
from validate.claims.batchnorm.measured import passage as runs
from validate.figure_forms.scaling import one_figure
from validate.registry import Reading, claim

# at the first look as many as an interval of shares, which leans on nothing but their range, needs
# for AGREE at a deviation of 0.004 with chance 0.999: 2,112
BLOCK, LOOKS = 264, (8, 12)
CLOCKS = (0.5, 1.0, 2.0, 3.0)
# η, γ₀ and B: all different, and A₀ as well
COMBINATIONS = ((0.5, 1.0, 32), (1.0, 1.25, 64), (0.56, 0.5, 128))
# of the tail: as many at the first look as an interval at its share of α needs
TAIL_BLOCK, TAIL_LOOKS = 240, (1, 2)
DECAYED = 1.0  # ηλT at the last look of the control with L2 decay


@claim(
    "batchnorm.first-passage",
    title="How many filters collapse by a time",
    source="our derivation, on the setting of arXiv:2001.11216",
    statement="Under gradient noise the share of units with batch normalization that have "
    "collapsed by step T is, for batches of 32 and more, a function of A₀T = η²s²T/(Bγ₀²) alone, "
    "computed without a free constant: the law of a first passage in a cone. (Batches of 4 do not "
    "obey it.)",
    place=5,
    readings=Reading(
        "The share of units collapsed by step T depends, for batches of 32 and more, on "
        "A₀T = η²s²T/(Bγ₀²) alone, by a law without a free constant; s is the noise of a "
        "sample's gradient, B the batch size."
    ),
)
def first_passage() -> Body:
    first, second, third = (
        Passages(
            BLOCK, 104, rate=rate, gamma=gamma, batch=batch, clocks=CLOCKS, follow=batch == 128
        )
        for rate, gamma, batch in COMBINATIONS
    )
    grid = {
        f"η = {made.rate:g}, γ₀ = {made.gamma:g}, B = {made.batch}": made
        for made in (first, second, third)
    }
    # later looks than the claim's, at which more have collapsed
    small = runs.in_small_batches(first, clocks=(1.0, 2.0, 3.0, 4.0))
    prediction = passage_prediction(len(CLOCKS))
    margin = prediction.margin
    judged = partial(runs.curve, prediction, LOOKS)
    claimed = [judged(name, made) for name, made in grid.items()]

    return Body(
        decisions=(
            *claimed,
            claimed[0].wrong_experiment(
                f"the same A₀ in batches of {runs.SMALL}, whose inputs end before r = −2", small
            ),
            claimed[2].wrong_law(
                "state at T instead of first passage",
                claimed[2].predict,
                distance=2 * margin,
                observe=lambda unit: np.array(unit.measurement["below"]),
            ),
            judged("A₀ half as large", first, second, third, factor=0.5),
            judged(
                f"A₀ ∝ η instead of η², right for η = {first.rate:g}",
                second,
                factor=first.rate / second.rate,
            ),
        ),
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
            runs.panel("first passage", grid, runs.law(first), lambda x: runs.law(first)(x / 2)),
            runs.panel(
                "measured − predicted",
                grid,
                np.zeros_like,
                lambda x: [0 * x + margin, 0 * x - margin],
                lambda unit: runs.passed(unit) - runs.predicted(settings_of(unit, Passages)),
                label="deviation",
                control=f"margin, ± {margin:g}",
                beside=0.07,
            ),
        ),
        references=(REFERENCE,),
        notes=lambda units: [
            "A unit counts as collapsed once r = β/|γ| < −2 after some step: 2.3 % of the samples "
            "or less are active. It may come back; its state at T is another, smaller number.",
            "F is computed to 0.001 for a large batch; batches of 32 shift it by 0.001. Looking "
            "once a step lowers it by up to 0.02 at these A₀, which is predicted as well.",
        ],
    )


@claim(
    "batchnorm.heavy-tail",
    title="The tail of the collapse time",
    source="our derivation",
    statement="From A₀T = 4 to 64 the share of units that have not collapsed falls like "
    "(A₀T)^(−p), with p = 0.365 for τ = 2, the lowest exponent of the cone. That it goes on like "
    "this, and that the mean time to collapse is therefore infinite (p < 1), follows from the "
    "model of pure noise and is not measured.",
    place=7,
    readings=Reading(
        "From A₀T = 4 to 64 the share of units that have not collapsed falls like the power "
        "−0.365 of T; in the model it goes on so, and the mean time to collapse is infinite."
    ),
)
def heavy_tail() -> Body:
    # from r₀ = 0.5 the slope is near its limit early, which saves steps; of 80 units a replicate
    # too few are left for a t interval: their logarithm is skewed
    made = Passages(TAIL_BLOCK, 320, batch=32, rate=1.26, start=0.5, clocks=(4.0, 16.0, 64.0))
    decayed = replace(made, decay=DECAYED / (made.rate * made.steps[-1]))
    exponent = tail_exponent(cone(gaussian_moments, made.threshold))
    wrong = {
        "γ held fixed: p = 1/2": 0.5,
        "noise of all samples, active or not": isotropic_exponent(made.threshold),
        "p = 1, above which the mean is finite": 1.0,
    }

    def tail(unit: Unit) -> float:
        """−d log(1 − F)/d log T over a unit's looks, by least squares on log(k + ½)."""
        steps = settings_of(unit, Passages).steps
        return -np.polyfit(np.log(steps), np.log(1 - runs.passed(unit) + 0.5 / made.units), 1)[0]

    def left(clock: Column) -> Column:
        return 1 - runs.law(made)(clock)

    def note() -> str:
        slope = np.polyfit(np.log(runs.clocks(made)), np.log(left(runs.clocks(made))), 1)[0]
        return (
            f"The slope of F itself over the window is {-slope:.3f}; its limit is p = "
            f"{exponent:.4f}. Looking once a step changes the constant, not p."
        )

    claimed = Decision.expecting(
        "1 − F ∝ (A₀T)^(−p)", tail_prediction(exponent), tail, (made,), TAIL_LOOKS
    )
    return Body(
        decisions=(
            claimed,
            claimed.wrong_experiment("with L2 decay, which ends the tail", decayed),
            *(claimed.wrong_prediction(n, tail_prediction(p)) for n, p in wrong.items()),
        ),
        derivation=lambda: (*cone_steps(), *tail_steps(exponent)),
        regime=(Regime("largest A₀", lambda units: made.strength, at_most=0.06),),
        figures=one_figure(
            "Tail of the collapse time",
            "Share of units that have not collapsed by step T. In the model its slope tends to "
            "−p; where it stays so and p ≤ 1 there is no finite mean time, and medians or F "
            "itself describe collapse. Means over ensembles with intervals of 99 %.",
            runs.panel(
                f"tail, p = {exponent:.3f}",
                {"ensembles": made},
                left,
                lambda x: left(x[:1]) * (x / x[0]) ** -0.5,
                lambda unit: 1 - runs.passed(unit),
                label="share not collapsed",
                control="γ held fixed: p = 1/2",
                log=True,
            ),
        ),
        references=(REFERENCE,),
        notes=lambda units: [note()],
    )
