"""The claim on one noisy step under batch normalization and leaky ReLU."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.batchnorm.step import OneStep
from theory.batchnorm.derivation import batch_steps, drift_steps, leaky_steps
from theory.batchnorm.one_step import scatter_prediction, still_prediction, theta_prediction
from validate.claim import (
    Body,
    Decision,
    Outcome,
    Role,
    Unit,
    experiment_control,
    settings_of,
    units_of,
)
from validate.claims.batchnorm.measured import drift as measured_drift
from validate.claims.batchnorm.measured.step_decisions import (
    LAYERS,
    LOOKS,
    RATE,
    body,
    constants,
    layers_at,
    other_moments,
    rate_of,
    steps_at,
)
from validate.figure_forms.scaling import line, medians, panel, scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

LEAKS = (0.1, 0.5)
# r by batch size where it matters by 7 % or more and the drift does not scatter too much
LEAKY_STARTS = {8: -1.2, 16: -1.4, 32: -1.5}
ABOVE = 0.5  # a second r, the same for all
LEAKY_DRAWS = 600
BELOW = -9.0  # below −√63: no sample of a batch of 64 can be active
LAYER_STARTS = (-0.5, 0.0)


def _leak_panel(a: float, members: Sequence[OneStep], units: Sequence[Unit]) -> dict[str, Any]:

    batches = np.array(list(LEAKY_STARTS), dtype=float)
    measured = [[measured_drift.changes(u, "θ")[0] for u in units_of(units, e)] for e in members]
    exact, large = (
        np.array([measured_drift.laws(e, kind).mean_theta[0] for e in members])
        for kind in (measured_drift.moments, measured_drift.gaussian)
    )
    lines = [
        line("prediction", batches, exact),
        line("resolution control", batches, large, Role.RESOLUTION),
        line("resolution control", batches, exact / (1 + a), Role.RESOLUTION),
    ]
    labels = ("batch size B", "E[Δθ] / A")
    points = [medians("replicates", batches, np.array(measured).T)]
    return panel(f"a = {a:g}", labels, points, lines, (False, False))


def _below(alive: OneStep, dead: OneStep) -> tuple[Decision, Decision]:
    """Where no sample is active leaky units feel noise, ReLU units none."""

    expected = float(measured_drift.laws(alive).var_r[0])
    return (
        Decision(
            name=f"a = {alive.slope:g}, no sample active: the noise that is left",
            prediction=scatter_prediction(),
            predict=lambda unit: 1.0,
            observe=lambda unit: float(measured_drift.changes(unit, "r²")[0]) / expected,
            experiments=(alive,),
            looks=LOOKS,
        ),
        Decision(
            name="ReLU, no sample active: nothing moves",
            prediction=still_prediction(),
            predict=lambda unit: 0.0,
            observe=lambda unit: float(measured_drift.changes(unit, "r²")[0]),
            experiments=(dead,),
            looks=LOOKS,
        ),
    )


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

    by_leak = {a: tuple(member(a, batch) for batch in LEAKY_STARTS) for a in LEAKS}
    grid = tuple(one for members in by_leak.values() for one in members)
    alive = steps_at((BELOW,), RATE, slope=LEAKS[0], draws=150)
    dead = steps_at((BELOW,), RATE, draws=20)
    layers, correlated = (
        layers_at(LAYER_STARTS, rate_of(16), batch=16, slope=LEAKS[1], centered=centered)
        for centered in (False, True)
    )
    by_layers = constants(f"{LAYERS}a = {LEAKS[1]:g}, B = 16: E[Δθ] at r = −0.5 and 0", layers)
    decisions = [
        *(
            constants(
                f"a = {one.slope:g}, B = {one.batch}: E[Δθ] at r = {one.starts[0]:g} and {ABOVE:g}",
                one,
            )
            for one in grid
        ),
        *_below(alive, dead),
        by_layers,
        experiment_control(
            by_layers,
            f"{LAYERS}noise that is correlated in each batch, as it sums to zero",
            (correlated,),
            LOOKS,
            observe=lambda unit: measured_drift.relative(unit, kind=measured_drift.uncentered),
        ),
        Decision(
            name="times 1 − a",
            prediction=theta_prediction(2),
            predict=lambda unit: np.full(2, 1 / (1 + settings_of(unit, OneStep).slope)),
            observe=measured_drift.relative,
            experiments=grid,
            looks=LOOKS,
            role=Role.RESOLUTION,
            distance=min(1 - 1 / (1 + a) for a in LEAKS),
        ),
        other_moments("Gaussian moments", grid, measured_drift.gaussian, [0]),
    ]

    def figures(outcome: Outcome) -> Sequence[Figure]:
        panels = [_leak_panel(a, members, outcome.units) for a, members in by_leak.items()]
        caption = (
            "Mean change of θ in one step against the batch size, at r = −1.2, −1.4 and −1.5 for "
            "B = 8, 16 and 32: medians over replicates with bars for nine of ten. The line is "
            "computed with the exact moments of a batch of B; the controls have those of a large "
            "batch, or the factor 1 − a."
        )
        return (scaling(outcome, "Leaky ReLU", caption, panels, outcome.units),)

    return body(
        (*grid, alive, dead, layers, correlated),
        decisions,
        lambda: (*drift_steps(), *batch_steps(), *leaky_steps()),
        figures,
    )
