"""Claims on the long run of batch-normalized units with L2 decay, momentum and Adam."""

import dataclasses
import math
from collections.abc import Sequence

from sim.batchnorm.passage import MEMORY, Passages
from theory.batchnorm import collapse as theory
from theory.batchnorm.one_step import REFERENCE
from theory.prediction import Symbol
from validate.claim import Body, Outcome, Regime, experiment_control
from validate.claims.batchnorm.measured.passage import clocks, curve_decision, law, passage_panel
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

SETTING = "our derivation, on the setting of arXiv:2001.11216"
# as many at the first look as an interval at its share of α needs
BLOCK, LOOKS = 248, (1, 2)
# as many as an interval of shares needs that leans on nothing but their range, for AGREE at a
# deviation of 0.007 with chance 0.999; under Adam, where theory errs by up to 0.013, it would need
# 2,728, too many at budget quick: there, and with momentum, a t interval judges
DECAY_LOOKS = (7, 12)
STRENGTH = 1e-3  # A₀ with momentum, which passes a threshold late
DECAYED = 2e-3  # A₀ with decay
SMALL = 4  # a batch of which often no sample is active
DECAY = 0.75  # ηλT at the last look: the clock is 2.3 times A₀T


@claim(
    "batchnorm.decay-clock",
    title="Collapse under L2 decay",
    source=SETTING,
    statement="L2 decay λ on γ and β changes the clock: the share collapsed by step T is "
    "F(A₀ (e^(2ηλT) − 1)/(2ηλ)), F the law without decay.",
    place=8,
    readings=(
        Reading(
            "L2 decay changes the clock of collapse: the law without decay holds at another time.",
        ),
    ),
)
def decay_clock() -> Body:

    looks = (0.35, 0.6, 0.85)
    rate = math.sqrt(64 * DECAYED)
    experiment = Passages(
        units=52,
        rate=rate,
        decay=DECAY * DECAYED / (rate * looks[-1]),
        clocks=looks,
        block=BLOCK,
    )
    prediction = theory.variant_prediction(
        theory.decay_clock(),
        Symbol(theory.DECAY, "L2 decay of γ and β"),
        bounded=theory.SHARES,
    )
    plain = float(experiment.strength * experiment.steps[-1] / clocks(experiment)[-1])
    # e^(ηλT) in place of e^(2ηλT), at the last look
    once = 2 * math.expm1(DECAY) / math.expm1(2 * DECAY)
    adam_rate = math.sqrt(DECAYED)  # of the same A₀; a fifth of ηλT, for all would collapse
    inside = dataclasses.replace(
        experiment,
        method="adam",
        rate=adam_rate,
        decay=experiment.decay * rate / adam_rate / 5,
    )
    claimed = curve_decision(DECAY_LOOKS, "F at the clock of decay", prediction, (experiment,))
    decisions = (
        claimed,
        experiment_control(
            claimed, "Adam, which divides decay and noise by one root", (inside,), DECAY_LOOKS
        ),
        curve_decision(
            DECAY_LOOKS, "F(A₀T) as without decay", prediction, (experiment,), lambda e: plain
        ),
        curve_decision(
            DECAY_LOOKS, "e^(ηλT) for e^(2ηλT)", prediction, (experiment,), lambda e: once
        ),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        units = {f"λ = {experiment.decay:.2g}": outcome.units}
        panels = [passage_panel("with L2 decay", units, lambda e, x: law(e)(plain * x))]
        caption = (
            "Share of units collapsed by step T under L2 decay against the clock "
            "A₀ (e^(2ηλT) − 1)/(2ηλ), with F. The control ignores decay (shown for the last point)."
        )
        return (scaling(outcome, "Collapse under decay", caption, panels, outcome.units),)

    return Body(
        grid=(experiment, inside),
        decisions=decisions,
        derivation=lambda: (*theory.cone_steps(), *theory.variant_steps()),
        regime=(Regime("ηλ", lambda units: experiment.rate * experiment.decay, at_most=0.01),),
        figures=figures,
        references=(REFERENCE,),
    )


@claim(
    "batchnorm.long-run-variants",
    title="Collapse under momentum and Adam",
    source=SETTING,
    statement="Over long runs momentum μ multiplies A₀ by 1/(1 − μ)². Under Adam the share "
    "collapsed is another function, of (η/γ₀)² T: noise and batch size drop out, for batches of "
    "64 and 128. (Under Adam batches of 4 do not obey it.)",
    place=9,
    readings=(
        Reading(
            "Momentum multiplies A₀ by 1/(1 − μ)². Under Adam neither the size of the noise "
            "matters nor that of the batch, if it is not small (64 and 128 were judged)."
        ),
    ),
)
def long_run_variants() -> Body:

    momentum = 0.9
    heavy = Passages(
        units=52,
        momentum=momentum,
        rate=math.sqrt(64 * STRENGTH) * (1 - momentum),
        clocks=(0.5, 1.0),
        block=BLOCK,
    )
    adam = tuple(
        Passages(
            method="adam",
            units=52,
            rate=0.04,
            noise=noise,
            batch=batch,
            clocks=(0.5, 1.0),
            block=BLOCK,
        )
        for noise, batch in ((1.0, 64), (5.0, 128))
    )
    loud = adam[1]
    prediction = theory.variant_prediction(
        theory.momentum_clock(), Symbol(theory.MOMENTUM, "momentum")
    )
    adaptive = theory.variant_prediction(
        (theory.ETA / theory.GAMMA) ** 2 * theory.STEPS,
    )
    names = {e: f"Adam, s = {e.noise:g}, B = {e.batch}" for e in adam}
    small = dataclasses.replace(heavy, batch=SMALL, rate=heavy.rate * (SMALL / heavy.batch) ** 0.5)
    small_adam = dataclasses.replace(adam[0], batch=SMALL)
    with_momentum = curve_decision(
        LOOKS, f"momentum {momentum:g}: A₀/(1 − μ)²", prediction, (heavy,)
    )
    with_adam = [curve_decision(LOOKS, names[e], adaptive, (e,)) for e in adam]
    decisions = (
        with_momentum,
        *with_adam,
        experiment_control(
            with_momentum, f"momentum, the same A₀ in batches of {SMALL}", (small,), LOOKS
        ),
        experiment_control(with_adam[0], f"Adam in batches of {SMALL}", (small_adam,), LOOKS),
        curve_decision(
            LOOKS, "momentum: A₀/(1 − μ)", prediction, (heavy,), lambda e: 1 - e.momentum
        ),
        curve_decision(
            LOOKS,
            "Adam: A₀ ∝ s²/B as for plain descent, right for the other pair",
            adaptive,
            (loud,),
            lambda e: (e.noise / adam[0].noise) ** 2 * adam[0].batch / e.batch,
        ),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        units = {e: [u for u in outcome.units if u.experiment == e] for e in (heavy, *adam)}
        panels = [
            passage_panel(
                f"momentum {momentum:g}",
                {"momentum": units[heavy]},
                lambda e, x: law(e)(x * (1 - momentum)),
            ),
            passage_panel(
                "Adam",
                {names[e]: units[e] for e in adam},
                lambda e, x: law(heavy)(x),
            ),
        ]
        caption = (
            "Share of units collapsed by step T against A₀T, for momentum with A₀/(1 − μ)², for "
            "Adam with A₀ = η²/γ₀². Dashed: for momentum 1/(1 − μ) only, for Adam the F of descent."
        )
        return (scaling(outcome, "Momentum and Adam", caption, panels, outcome.units),)

    return Body(
        grid=(heavy, *adam, small, small_adam),
        decisions=decisions,
        derivation=lambda: (*theory.cone_steps(), *theory.variant_steps()),
        regime=(
            Regime(
                "steps of memory over those of a run",
                lambda units: max(
                    1 / (1 - heavy.momentum) / heavy.steps[-1],
                    *(MEMORY / e.steps[-1] for e in adam),
                ),
                at_most=0.1,
            ),
        ),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: [
            "Adam with β₁ = 0 and β₂ = 0.98, whose average of squares covers 50 steps: with 0.999 "
            "runs would have to be 20 times as long. At the start the average is not yet one: at "
            "A₀T = 0.25 the share is 0.02 lower than predicted at this learning rate, and half of "
            "that at 0.5. Small batches, of which often no sample is active, do not obey the law.",
        ],
    )
