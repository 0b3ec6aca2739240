"""Claims on what one noisy step does to units with batch normalization and ReLU.

Whatever is heavy is imported inside the functions: listing claims costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from validate.registry import Reading, claim, family

if TYPE_CHECKING:
    from validate.claim import Body, Outcome
    from validate.results.records import Figure

# fixed beforehand: A from 10⁻⁴ to 3·10⁻³ along either ladder, for B = 64 and s = 1
STARTS = (-1.0, 0.0, 1.0)
RATES, SCALES = (0.08, 0.14, 0.25, 0.43), (0.23, 0.4, 0.7, 1.25)
BY_RATE, BY_SCALE = slice(0, 4), slice(4, 8)
FIXED_RATE, FIXED_SCALE = 0.1, 1.0  # of the other ladder
RATE, SMALL_RATE = 0.25, 0.13  # η at γ = 1: A = 10⁻³ for B = 64 and for B = 16
DRAWS = 320  # batches of a replicate at each of the many points of the ladders
NEARBY = 0.5  # how far from a root its two sides are looked at


family(
    "batchnorm",
    title="Batch normalization",
    text="A filter with batch normalization and ReLU has collapsed where no input makes it active "
    "any more. The paper puts this down to the noise of minibatch gradients, which it says drives "
    "the scale γ and the shift β there, by steps that grow with the learning rate η. Its sentence "
    "does not say after how many steps, and the noise need not be all that moves a network: each "
    "way to read it was checked for itself.",
    sentence="the sparsifying probability is proportional to the square of learning rate and "
    "inversely proportional to the square of the scale parameter of BN",
    source="arXiv:2001.11216, abstract",
    place=2,
)


@claim(
    "batchnorm.drift",
    title="Noise drives units with batch normalization towards collapse",
    source="arXiv:2001.11216, as a law of one step; the constant is our derivation",
    statement="In one step of noise-dominated gradient descent the angle θ = atan2(β, |γ|) of a "
    "unit with batch normalization and ReLU moves towards collapse on average, by an amount "
    "proportional to the square of the learning rate and to 1/γ²: −Aφ(r)/(1 + r²)² with "
    "A = η²s²/(Bγ²) for a large batch, and with exact moments for any batch.",
    place=1,
    shares=16,
    readings=(
        Reading(
            "One step of pure gradient noise moves a unit towards collapse, on average by an "
            "amount proportional to (η/γ)².",
            where="one step of pure gradient noise",
        ),
    ),
)
def drift() -> Body:
    from sim.batchnorm.step import OneStep
    from theory.batchnorm.derivation import batch_steps, drift_steps
    from validate.claim import Role
    from validate.claims.batchnorm.measured import drift as measured_drift
    from validate.claims.batchnorm.measured.step_decisions import (
        BLOCK,
        body,
        constants,
        other_moments,
        power,
        steps_at,
    )
    from validate.claims.batchnorm.measured.step_decisions import units_of as of
    from validate.figure_forms.scaling import scaling

    ladders = {
        f"r = {r:g}": OneStep(
            starts=(r,) * 8,
            rates=(*RATES, *(FIXED_RATE,) * 4),
            scales=(*(FIXED_SCALE,) * 4, *SCALES),
            draws=DRAWS,
            block=BLOCK,
        )
        for r in STARTS
    }
    every = tuple(ladders.values())
    small = steps_at((-1.5, 1.5), SMALL_RATE, batch=16)
    decisions = [
        *(power(f"{r}: E[Δθ] ∝ η²", "rates", BY_RATE, 2.0, (e,)) for r, e in ladders.items()),
        *(power(f"{r}: E[Δθ] ∝ 1/γ²", "scales", BY_SCALE, -2.0, (e,)) for r, e in ladders.items()),
        *(constants(f"{r}: E[Δθ] along both ladders", e) for r, e in ladders.items()),
        constants("B = 16, r = ±1.5: E[Δθ] with the moments of a finite batch", small),
        power("E[Δθ] ∝ η", "rates", BY_RATE, 1.0, every, Role.RESOLUTION),
        power("E[Δθ] ∝ 1/γ", "scales", BY_SCALE, -1.0, every, Role.RESOLUTION),
        other_moments("B = 16: Gaussian moments", (small,), measured_drift.gaussian, slice(None)),
    ]

    def figures(outcome: Outcome) -> Sequence[Figure]:
        panels = [
            measured_drift.ladder_panel(r, of(one, outcome.units), variable, points, exponent)
            for variable, points, exponent in (("rates", BY_RATE, 1.0), ("scales", BY_SCALE, -1.0))
            for r, one in ladders.items()
        ]
        caption = (
            "Mean change of the angle θ in one step, against learning rate (top, γ = 1) and scale "
            "(bottom, η = 0.1): medians over replicates with bars for nine of ten. The lines are "
            "computed, not fitted; the control, an exponent of 1 or −1, passes through the middle "
            "of the prediction."
        )
        return (scaling(outcome, "One-step drift", caption, panels, outcome.units),)

    return body(
        (*every, small),
        decisions,
        lambda: (*drift_steps(), *batch_steps()),
        figures,
        (
            "This is a law of one step. Momentum and Adam carry gradients from step to step: "
            "theirs are laws of long runs and are not judged here.",
            "Slopes come from a weighted regression that is linear in the means: logarithms of "
            "noisy means would be biased.",
        ),
    )


@claim(
    "batchnorm.coordinate",
    title="Where the mean change of r and of P vanishes, that of the angle does not",
    source="our derivation",
    statement="In one step of noise the mean changes of r = β/|γ| and of P = Φ(r) change sign at "
    "values of r that can be computed, that of the angle θ nowhere: that filters above some r do "
    "not collapse is an artifact of the coordinate.",
    place=2,
    shares=12,
    readings=(
        Reading(
            "In one step the mean change of r = β/|γ| and of the share of active samples changes "
            "sign, that of the angle θ = atan2(β, |γ|) does not.",
        ),
    ),
)
def coordinate() -> Body:
    import dataclasses

    from theory.batchnorm.derivation import drift_steps, root_steps
    from theory.batchnorm.one_step import ratio_root, root_prediction, share_root
    from theory.batchnorm.taylor import ANGLE, RATIO, SHARE
    from validate.claim import Role
    from validate.claims.batchnorm.measured import drift as measured_drift
    from validate.claims.batchnorm.measured.step_decisions import (
        body,
        constants,
        root,
        sign,
        steps_at,
    )
    from validate.figure_forms.scaling import scaling

    of_ratio, of_share = ratio_root(64), share_root(64)
    around = [at + shift for at in (of_ratio, of_share) for shift in (0.0, -NEARBY, NEARBY)]
    one = steps_at(around, RATE)
    decisions = [
        root(RATIO, 0, one),
        sign(RATIO, -1, 1, one),
        sign(RATIO, 1, 2, one),
        root(SHARE, 3, one),
        sign(SHARE, 1, 4, one),
        sign(SHARE, -1, 5, one),
        constants("E[Δθ] < 0 at all of these r, as predicted", one),
        dataclasses.replace(
            sign(ANGLE, 1, 2, one),
            name="above the root of E[Δr] noise drives away from collapse: E[Δθ] > 0",
            role=Role.RESOLUTION,
            distance=abs(float(measured_drift.laws(one).mean_theta[2])),
        ),
        dataclasses.replace(
            root(SHARE, 3, one),
            name="E[ΔP] changes sign where E[Δr] does",
            prediction=root_prediction(SHARE, of_ratio),
            predict=lambda unit: of_ratio,
            role=Role.RESOLUTION,
            distance=of_ratio - of_share,
        ),
    ]

    def figures(outcome: Outcome) -> Sequence[Figure]:
        kinds = [("prediction", measured_drift.moments, Role.CLAIM)]
        panels = [
            measured_drift.law_panel(title, outcome.units, name, kinds)
            for name, title in (("r", "r = β/|γ|"), ("P", "P = Φ(r)"), ("θ", "θ = atan2(β, |γ|)"))
        ]
        caption = (
            "Mean change in one step of three coordinates of the same motion: medians over "
            "replicates with bars for nine of ten, and computed lines. Only that of θ keeps its "
            "sign."
        )
        return (scaling(outcome, "Coordinates", caption, panels, outcome.units),)

    return body((one,), decisions, lambda: (*drift_steps(), *root_steps()), figures)
