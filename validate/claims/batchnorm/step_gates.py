"""The claim on one noisy step under batch normalization and leaky ReLU."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.batchnorm.step import OneStep
from theory.batchnorm.derivation import batch_steps, leaky_steps
from theory.batchnorm.one_step import scatter_prediction, still_prediction
from validate.claim import Body, Decision, Outcome, Unit, settings_of
from validate.claims.batchnorm.measured import drift as measured_drift
from validate.claims.batchnorm.measured.step_decisions import (
    LAYERS,
    RATE,
    body,
    constants,
    layers_at,
    one_number,
    other_moments,
    rate_of,
    steps_at,
)
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

LEAKS = (0.1, 0.5)
# r by batch size where it matters by 7 % or more and the drift does not scatter too much
LEAKY_STARTS = {8: -1.2, 16: -1.4, 32: -1.5}
ABOVE = 0.5  # a second r, the same for all
LEAKY_DRAWS = 600
BELOW = -9.0  # below −√63: no sample of a batch of 64 can be active
LAYER_STARTS = (-0.5, 0.0)


@claim(
    "batchnorm.leaky",
    title="Leaky ReLU: a weaker drift, and no region without noise",
    source="our derivation",
    statement="For leaky ReLU of slope a the mean change of θ in one step is that of ReLU times "
    "1 − a², with the exact moments of small batches. ReLU units stop moving where no sample of a "
    "batch can be active; leaky ones do not: their noise there is a² times that of a linear unit. "
    "Judged by true batches through torch's layers at one a and B, and for more of them by drawing "
    "the gradients with their covariance, which tests the calculus.",
    place=3,
    shares=12,
    readings=(
        Reading(
            "With leaky ReLU of slope a the drift is 1 − a² times that of ReLU, and units go on "
            "moving where ReLU units stop.",
        ),
    ),
)
def leaky() -> Body:
    def member(a: float, batch: int) -> OneStep:
        starts = (LEAKY_STARTS[batch], ABOVE)
        return steps_at(starts, rate_of(batch), batch=batch, slope=a, draws=LEAKY_DRAWS)

    def layers(**others: Any) -> OneStep:
        return layers_at(LAYER_STARTS, rate_of(16), batch=16, slope=LEAKS[1], **others)

    by_leak = {a: [member(a, batch) for batch in LEAKY_STARTS] for a in LEAKS}
    grid = [one for members in by_leak.values() for one in members]
    by_layers = constants(f"{LAYERS}a = {LEAKS[1]:g}, B = 16: E[Δθ] at r = −0.5 and 0", layers())
    decisions = [
        *(
            constants(
                f"a = {one.slope:g}, B = {one.batch}: E[Δθ] at r = {one.starts[0]:g} and {ABOVE:g}",
                one,
            )
            for one in grid
        ),
        *_below(),
        by_layers,
        by_layers.wrong_experiment(
            f"{LAYERS}noise that is correlated in each batch, as it sums to zero",
            layers(centered=True),
            observe=lambda unit: measured_drift.relative(unit, kind=measured_drift.uncentered),
        ),
        constants("all", *grid).wrong_law(
            "times 1 − a",
            lambda unit: np.full(2, 1 / (1 + settings_of(unit, OneStep).slope)),
            min(1 - 1 / (1 + a) for a in LEAKS),
        ),
        other_moments("Gaussian moments", measured_drift.gaussian, *grid, points=[0]),
    ]

    def figure(outcome: Outcome) -> Figure:
        panels = [_leak_panel(outcome, a, members) for a, members in by_leak.items()]
        caption = (
            "Mean change of θ in one step against the batch size, at r = −1.2, −1.4 and −1.5 for "
            "B = 8, 16 and 32: medians over replicates with bars for nine of ten. The line is "
            "computed with the exact moments of a batch of B; the controls have those of a large "
            "batch, or the factor 1 − a."
        )
        return scaling(outcome, "Leaky ReLU", caption, panels)

    return body(decisions, figure, batch_steps, leaky_steps)


def _below() -> tuple[Decision, Decision]:
    """Where no sample is active leaky units feel noise, ReLU units none."""
    alive = steps_at((BELOW,), RATE, slope=LEAKS[0], draws=150)
    expected = float(measured_drift.laws(alive).var_r[0])
    left = f"a = {alive.slope:g}, no sample active: the noise that is left"

    def scatter(unit: Unit) -> float:
        return float(measured_drift.changes(unit, "r²")[0])

    return (
        one_number(left, scatter_prediction(), 1.0, lambda unit: scatter(unit) / expected, alive),
        one_number(
            "ReLU, no sample active: nothing moves",
            still_prediction(),
            0.0,
            scatter,
            steps_at((BELOW,), RATE, draws=20),
        ),
    )


def _leak_panel(outcome: Outcome, a: float, members: Sequence[OneStep]) -> dict[str, Any]:
    """E[Δθ] against the batch size, which each of the members has another of."""
    exact, large = (
        np.array([measured_drift.laws(one, kind).mean_theta[0] for one in members])
        for kind in (measured_drift.moments, measured_drift.gaussian)
    )
    return along(
        outcome,
        f"a = {a:g}",
        ("batch size B", "E[Δθ] / A"),
        {"replicates": members},
        lambda unit: settings_of(unit, OneStep).batch,
        lambda unit: measured_drift.changes(unit, "θ")[0],
        {"prediction": lambda batches: exact},
        {
            "control: moments of a large batch": lambda batches: large,
            "control: times 1 − a": lambda batches: exact / (1 + a),
        },
        (False, False),
    )
