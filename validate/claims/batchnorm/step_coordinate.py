"""The claim on what one noisy step means for collapse in other coordinates than the angle."""

from theory.batchnorm.derivation import root_steps
from theory.batchnorm.one_step import ratio_root, root_prediction, share_root
from theory.batchnorm.taylor import ANGLE, RATIO, SHARE
from validate.claim import Body, Outcome
from validate.claims.batchnorm.measured import drift as measured_drift
from validate.claims.batchnorm.measured.step_decisions import (
    LAYERS,
    RATE,
    body,
    constants,
    layers_at,
    root,
    sign,
    steps_at,
)
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

NEARBY = 0.5  # how far from a root its two sides are looked at
FILTERS = 512  # of torch's layers at each root


@claim(
    "batchnorm.coordinate",
    title="Where the mean change of r and of P vanishes, that of the angle does not",
    source="our derivation",
    statement="In one step of noise the mean changes of r = β/|γ| and of P = Φ(r) change sign at "
    "values of r that can be computed, that of the angle θ nowhere: that filters above some r do "
    "not collapse is an artifact of the coordinate. The signs are judged by drawing the gradients "
    "with their covariance, which tests the calculus; the roots by torch's layers as well.",
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
    of_ratio, of_share = ratio_root(64), share_root(64)
    around = [at + shift for at in (of_ratio, of_share) for shift in (0.0, -NEARBY, NEARBY)]
    one = steps_at(around, RATE)
    layers = layers_at((of_ratio, of_share), RATE, draws=FILTERS)
    by_layers = root(RATIO, 0, layers, LAYERS)
    decisions = [
        by_layers,
        root(SHARE, 1, layers, LAYERS),
        by_layers.wrong_experiment(
            f"{LAYERS}noise that is correlated in each batch: root of E[Δr]",
            layers_at((of_ratio,), RATE, draws=FILTERS, centered=True),
            observe=lambda unit: measured_drift.measured_root(
                unit, "r", 0, measured_drift.uncentered
            ),
        ),
        root(RATIO, 0, one),
        sign(RATIO, -1, 1, one),
        sign(RATIO, 1, 2, one),
        root(SHARE, 3, one),
        sign(SHARE, 1, 4, one),
        sign(SHARE, -1, 5, one),
        constants("E[Δθ] < 0 at all of these r, as predicted", one),
        sign(ANGLE, 1, 2, one).wrong_law(
            "above the root of E[Δr] noise drives away from collapse: E[Δθ] > 0",
            lambda unit: 0.0,
            abs(float(measured_drift.laws(one).mean_theta[2])),
        ),
        root(SHARE, 3, one).wrong_law(
            "E[ΔP] changes sign where E[Δr] does",
            lambda unit: of_ratio,
            of_ratio - of_share,
            prediction=root_prediction(SHARE, of_ratio),
        ),
    ]

    def figure(outcome: Outcome) -> Figure:
        titles = {"r": "r = β/|γ|", "P": "P = Φ(r)", "θ": "θ = atan2(β, |γ|)"}
        panels = [measured_drift.law_panel(outcome, titles[name], one, name) for name in titles]
        caption = (
            "Mean change in one step of three coordinates of the same motion: medians over "
            "replicates with bars for nine of ten, and computed lines. Only that of θ keeps its "
            "sign."
        )
        return scaling(outcome, "Coordinates", caption, panels)

    return body(decisions, figure, root_steps)
