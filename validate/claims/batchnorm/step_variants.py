"""Claims on one noisy step where gates leak, or where the noise of a batch sums to zero."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.batchnorm.step import OneStep
from theory.batchnorm.derivation import batch_steps, centered_steps, leaky_steps
from theory.batchnorm.one_step import centered_batch_root, scatter_prediction, still_prediction
from theory.batchnorm.taylor import ANGLE
from validate.claim import Body, Decision, Outcome, Unit, settings_of
from validate.claims.batchnorm.measured.drift import (
    changes,
    gaussian,
    law_panel,
    laws,
    moments,
    recentered,
    relative,
    uncentered,
)
from validate.claims.batchnorm.measured.step_decisions import (
    LAYERS,
    RATE,
    body,
    constants,
    layers_at,
    one_number,
    other_moments,
    rate_of,
    root,
    small_layers,
    steps_at,
)
from validate.figure_forms.by_unit import along
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
    readings=Reading(
        "Where the noise of a batch sums to zero, as in hidden layers, the drift is weaker, "
        "and away from collapse above some r."
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
            observe=lambda unit: relative(unit, kind=recentered),
        ),
        constants("B = 64: E[Δθ] at r = −1, 0, 1, 1.5", large),
        constants("B = 16: E[Δθ] at r = 0, 1.5", small),
        root(ANGLE, 0, at_root),
        other_moments("moments that are not centered", uncentered, large),
        other_moments("B = 16: Gaussian moments", gaussian, small),
    ]

    def figure(outcome: Outcome) -> Figure:
        wrong = {"resolution control": uncentered}
        panels = [
            law_panel(outcome, f"B = {one.batch}", one, wrong=wrong) for one in (large, small)
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
    readings=Reading(
        "With leaky ReLU of slope a the drift is 1 − a² times that of ReLU, and units go on "
        "moving where ReLU units stop."
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
            observe=lambda unit: relative(unit, kind=uncentered),
        ),
        constants("all", *grid).wrong_law(
            "times 1 − a",
            lambda unit: np.full(2, 1 / (1 + settings_of(unit, OneStep).slope)),
            min(1 - 1 / (1 + a) for a in LEAKS),
        ),
        other_moments("Gaussian moments", gaussian, *grid, points=[0]),
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
    expected = float(laws(alive).var_r[0])
    left = f"a = {alive.slope:g}, no sample active: the noise that is left"

    def scatter(unit: Unit) -> float:
        return float(changes(unit, "r²")[0])

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
        np.array([laws(one, kind).mean_theta[0] for one in members]) for kind in (moments, gaussian)
    )
    return along(
        outcome,
        f"a = {a:g}",
        ("batch size B", "E[Δθ] / A"),
        {"replicates": members},
        lambda unit: settings_of(unit, OneStep).batch,
        lambda unit: changes(unit, "θ")[0],
        {"prediction": lambda batches: exact},
        {
            "control: moments of a large batch": lambda batches: large,
            "control: times 1 − a": lambda batches: exact / (1 + a),
        },
        (False, False),
    )
