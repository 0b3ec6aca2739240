"""The claim on one noisy step under batch normalization whose noise sums to zero in each batch."""

from theory.batchnorm.derivation import centered_steps
from theory.batchnorm.one_step import centered_batch_root
from theory.batchnorm.taylor import ANGLE
from validate.claim import Body, Outcome
from validate.claims.batchnorm.measured import drift as measured_drift
from validate.claims.batchnorm.measured.step_decisions import (
    LAYERS,
    RATE,
    body,
    constants,
    other_moments,
    rate_of,
    root,
    small_layers,
    steps_at,
)
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

STARTS = (-1.0, 0.0, 1.0, 1.5)


@claim(
    "batchnorm.hidden-moments",
    title="Noise that sums to zero in each batch, as in hidden layers",
    source="our derivation",
    statement="Where a linear layer with batch normalization follows, the gradients of a batch sum "
    "to zero. The one-step drift then follows from the centered moments Φ(1 − Φ), φ(1 − Φ) and "
    "Φ − rφ − φ², with their corrections for a finite batch: at r = 0 half of that of independent "
    "noise, and away from collapse above r ≈ 0.49. Judged by true batches of 16 through torch's "
    "layers, and for more r by drawing the gradients with their covariance, which tests the "
    "calculus.",
    place=4,
    readings=(
        Reading(
            "Where the noise of a batch sums to zero, as in hidden layers, the drift is weaker, "
            "and away from collapse above some r.",
        ),
    ),
)
def hidden() -> Body:
    large = steps_at(STARTS, RATE, centered=True)
    small = steps_at((0.0, 1.5), rate_of(16), batch=16, centered=True)
    at_root = steps_at((centered_batch_root(64),), RATE, centered=True)
    by_layers = constants(
        f"{LAYERS}B = 16: E[Δθ] at r = −0.7, 0 and 1", small_layers(centered=True)
    )
    decisions = [
        by_layers,
        by_layers.wrong_experiment(
            f"{LAYERS}B = 16: noise that is independent",
            small_layers(),
            observe=lambda unit: measured_drift.relative(unit, kind=measured_drift.recentered),
        ),
        constants("B = 64: E[Δθ] at r = −1, 0, 1, 1.5", large),
        constants("B = 16: E[Δθ] at r = 0, 1.5", small),
        root(ANGLE, 0, at_root),
        other_moments("moments that are not centered", measured_drift.uncentered, large),
        other_moments("B = 16: Gaussian moments", measured_drift.gaussian, small),
    ]

    def figure(outcome: Outcome) -> Figure:
        wrong = {"resolution control": measured_drift.uncentered}
        panels = [
            measured_drift.law_panel(outcome, f"B = {one.batch}", one, wrong=wrong)
            for one in (large, small)
        ]
        caption = (
            "Mean change of θ in one step under noise that sums to zero in each batch: medians "
            "over replicates with bars for nine of ten, the line of the centered moments and, as a "
            "control, of those that are not."
        )
        return scaling(outcome, "Centered noise", caption, panels)

    return body(
        decisions,
        figure,
        centered_steps,
        further=(
            "Here noise that sums to zero is drawn, with s² the variance of the centered noise; "
            "how far that describes the gradients in a whole network is not judged.",
        ),
    )
