"""Claims on the long run of batch-normalized units with L2 decay, momentum and Adam."""

import math
from dataclasses import replace
from functools import partial

from sim.batchnorm.passage import MEMORY, Passages
from theory.batchnorm import collapse as theory
from theory.batchnorm.one_step import REFERENCE
from theory.prediction import Symbol
from validate.claim import Body, Regime
from validate.claims.batchnorm.measured import passage as runs
from validate.figure_forms.scaling import one_figure
from validate.registry import Reading, claim

SETTING = "our derivation, on the setting of arXiv:2001.11216"
# as many at the first look as an interval at its share of α needs
BLOCK, LOOKS = 248, (1, 2)
# as many as an interval of shares needs that leans on nothing but their range, for AGREE at a
# deviation of 0.007 with chance 0.999; under Adam, where theory errs by up to 0.013, it would need
# 2,728, too many at budget quick: there, and with momentum, a t interval judges
DECAY_LOOKS = (7, 12)
STRENGTH = 1e-3  # A₀ with momentum, which passes a threshold late
DECAYED = 2e-3  # A₀ with decay
DECAY = 0.75  # ηλT at the last look: the clock is 2.3 times A₀T
MOMENTUM = 0.9


@claim(
    "batchnorm.decay-clock",
    title="Collapse under L2 decay",
    source=SETTING,
    statement="L2 decay λ on γ and β changes the clock: the share collapsed by step T is "
    "F(A₀ (e^(2ηλT) − 1)/(2ηλ)), F the law without decay.",
    place=8,
    readings=Reading(
        "L2 decay changes the clock of collapse: the law without decay holds at another time."
    ),
)
def decay_clock() -> Body:
    looks, rate = (0.35, 0.6, 0.85), math.sqrt(64 * DECAYED)
    decay = DECAY * DECAYED / (rate * looks[-1])
    made = Passages(units=52, rate=rate, decay=decay, clocks=looks, block=BLOCK)
    adam_rate = math.sqrt(DECAYED)  # of the same A₀; a fifth of ηλT, for all would collapse
    inside = replace(made, method="adam", rate=adam_rate, decay=decay * rate / adam_rate / 5)
    variable = Symbol(theory.DECAY, "L2 decay of γ and β")
    prediction = theory.variant_prediction(
        len(looks), theory.decay_clock(), variable, bounded=theory.SHARES
    )
    plain = float(made.strength * made.steps[-1] / runs.clocks(made)[-1])
    once = 2 * math.expm1(DECAY) / math.expm1(2 * DECAY)  # at the last look
    named = {f"λ = {decay:.2g}": made}
    judged = partial(runs.curve, prediction, DECAY_LOOKS)
    claimed = judged("F at the clock of decay", made)
    return Body(
        decisions=(
            claimed,
            claimed.wrong_experiment("Adam, which divides decay and noise by one root", inside),
            judged("F(A₀T) as without decay", made, factor=plain),
            judged("e^(ηλT) for e^(2ηλT)", made, factor=once),
        ),
        derivation=lambda: (*theory.cone_steps(), *theory.variant_steps()),
        regime=(Regime("ηλ", lambda units: rate * decay, at_most=0.01),),
        figures=one_figure(
            "Collapse under decay",
            "Share of units collapsed by step T under L2 decay against the clock "
            "A₀ (e^(2ηλT) − 1)/(2ηλ), with F: means with intervals of 99 %. The control ignores "
            "decay (shown for the last point).",
            runs.panel("with L2 decay", named, runs.law(made), lambda x: runs.law(made)(plain * x)),
        ),
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
    readings=Reading(
        "Momentum multiplies A₀ by 1/(1 − μ)². Under Adam neither the size of the noise "
        "matters nor that of the batch, if it is not small (64 and 128 were judged)."
    ),
)
def long_run_variants() -> Body:
    rate = math.sqrt(64 * STRENGTH) * (1 - MOMENTUM)
    quiet = Passages(method="adam", units=52, rate=0.04, clocks=(0.5, 1.0), block=BLOCK)
    heavy = replace(quiet, method="sgd", momentum=MOMENTUM, rate=rate)
    loud = replace(quiet, noise=5.0, batch=128)
    adam = {f"Adam, s = {one.noise:g}, B = {one.batch}": one for one in (quiet, loud)}
    smoothed = theory.variant_prediction(
        len(heavy.clocks), theory.momentum_clock(), Symbol(theory.MOMENTUM, "momentum")
    )
    adaptive = theory.variant_prediction(
        len(quiet.clocks), (theory.ETA / theory.GAMMA) ** 2 * theory.STEPS
    )
    by_momentum, by_adam = (partial(runs.curve, one, LOOKS) for one in (smoothed, adaptive))
    with_momentum = by_momentum(f"momentum {MOMENTUM:g}: A₀/(1 − μ)²", heavy)
    with_adam = [by_adam(name, made) for name, made in adam.items()]
    return Body(
        decisions=(
            with_momentum,
            *with_adam,
            with_momentum.wrong_experiment(
                f"momentum, the same A₀ in batches of {runs.SMALL}", runs.in_small_batches(heavy)
            ),
            with_adam[0].wrong_experiment(
                f"Adam in batches of {runs.SMALL}", replace(quiet, batch=runs.SMALL)
            ),
            by_momentum("momentum: A₀/(1 − μ)", heavy, factor=1 - MOMENTUM),
            by_adam(
                "Adam: A₀ ∝ s²/B as for plain descent, right for the other pair",
                loud,
                factor=(loud.noise / quiet.noise) ** 2 * quiet.batch / loud.batch,
            ),
        ),
        derivation=lambda: (*theory.cone_steps(), *theory.variant_steps()),
        regime=(
            Regime(
                "steps of memory over those of a run",
                lambda units: max(
                    1 / (1 - MOMENTUM) / heavy.steps[-1],
                    *(MEMORY / one.steps[-1] for one in adam.values()),
                ),
                at_most=0.1,
            ),
        ),
        figures=one_figure(
            "Momentum and Adam",
            "Share of units collapsed by step T against A₀T, for momentum with A₀/(1 − μ)², for "
            "Adam with A₀ = η²/γ₀²: means with intervals of 99 %. Dashed: for momentum 1/(1 − μ) "
            "only, for Adam the F of descent.",
            runs.panel(
                f"momentum {MOMENTUM:g}",
                {"momentum": heavy},
                runs.law(heavy),
                lambda x: runs.law(heavy)(x * (1 - MOMENTUM)),
            ),
            runs.panel("Adam", adam, runs.law(quiet), runs.law(heavy)),
        ),
        references=(REFERENCE,),
        notes=lambda units: [
            "Adam with β₁ = 0 and β₂ = 0.98, whose average of squares covers 50 steps: with 0.999 "
            "runs would have to be 20 times as long. At the start the average is not yet one: at "
            "A₀T = 0.25 the share is 0.02 lower than predicted at this learning rate, and half of "
            "that at 0.5. Small batches, of which often no sample is active, do not obey the law.",
        ],
    )
