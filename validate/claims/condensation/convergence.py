"""The claim on how fast orientations are approached."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sim.condensation.approach import Approach
from sim.condensation.variants.decaying import DecayingApproach
from theory.condensation.approach import approach_prediction, approach_steps
from theory.condensation.laws import REFERENCE, dynamics_steps
from validate.cells import Cells
from validate.claim import Body, Decision, Outcome, Regime, Role, experiment_control
from validate.claims.condensation.measured import convergence as measured_convergence
from validate.claims.condensation.measured.cells import cell, drawn
from validate.claims.condensation.measured.convergence import (
    measured_kappa,
    predicted_kappa,
    unrestricted_kappa,
)
from validate.claims.condensation.measured.speeds import (
    LOOKS,
    NAMES,
    POWERS,
    SOURCES,
    TANH,
    largest,
    off,
)
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

BLOCK = 56
# the next order turns directions by the square of |w·x|, here far below the angles of the window
TINY_INPUT = 1e-6
CHOSEN = (
    "data sets that have an orientation of known exponent with enough starts around it, which is "
    "decided before training (on others there is no angle to follow)"
)


@claim(
    "condensation.convergence",
    title="How fast neurons turn to their orientation",
    source="our derivation",
    statement="The angle between a neuron and its final orientation is proportional to G^(−κ), G "
    "the growth |w|/|w₀| and κ = 1 − μ/(pH), where μ is the largest eigenvalue of the Hessian of "
    "sign(a)·H in the tangent space of the unit sphere; κ = 1 for p = 1.",
    place=9,
    shares=24,
    readings=(
        Reading(
            "The angle to the final orientation falls like a power of growth that the data give.",
        ),
    ),
)
def convergence() -> Body:

    by_order = {
        p: tuple(Approach(activation=activation, data=source, block=BLOCK) for source in SOURCES)
        for p, activation in {1: TANH, **POWERS}.items()
    }
    names = {p: f"{NAMES[members[0].activation]}, p = {p}" for p, members in by_order.items()}
    prediction = approach_prediction()
    distance = 2 * prediction.margin
    common: dict[str, Any] = {
        "observe": lambda unit: measured_kappa(unit) / predicted_kappa(unit),
        "looks": LOOKS,
    }
    wrong: dict[str, Any] = {
        "prediction": off(prediction),
        "role": Role.RESOLUTION,
        "distance": distance,
        **common,
    }
    right = tuple(
        Decision(
            name=f"{names[p]}: angle ∝ G^(−κ)",
            prediction=prediction,
            predict=lambda unit: prediction.expected,
            experiments=experiments,
            **common,
        )
        for p, experiments in by_order.items()
    )
    # more units than others have: outcomes are as skewed, and a first look shall do
    decaying = tuple(
        DecayingApproach(activation=TANH, data=source, block=2 * BLOCK) for source in SOURCES
    )
    decisions = (
        *right,
        Decision(
            name="p = 2, 3: κ = 1 as for p = 1, where κ is larger",
            predict=lambda unit: 1 / predicted_kappa(unit),
            judged=lambda unit: 1 - 1 / predicted_kappa(unit) > distance,
            experiments=(*by_order[2], *by_order[3]),
            **wrong,
        ),
        Decision(
            name="p = 2: Hessian not restricted to the tangent space",
            predict=lambda unit: unrestricted_kappa(unit) / predicted_kappa(unit),
            judged=lambda unit: 1 - unrestricted_kappa(unit) / predicted_kappa(unit) > distance,
            experiments=by_order[2],
            **wrong,
        ),
        experiment_control(right[0], f"{names[1]}: under weight decay", decaying, LOOKS),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        units = {
            p: [unit for unit in outcome.units if unit.experiment in members]
            for p, members in by_order.items()
        }
        panels = [
            measured_convergence.run_panel({p: members[0] for p, members in units.items()}),
            *(measured_convergence.kappa_panel(names[p], units[p]) for p in POWERS),
        ]
        caption = (
            "Left: angle to the orientation against growth along one run for each p; the lines "
            "have the predicted slope and pass through the first point. Others: exponent measured "
            "along runs (mean over a data set's neurons) against the predicted one; the control is "
            "κ = 1."
        )
        return (scaling(outcome, "Convergence exponent", caption, panels, outcome.units),)

    return Body(
        grid=tuple(dict.fromkeys(e for decision in decisions for e in decision.experiments)),
        decisions=decisions,
        derivation=lambda: (*dynamics_steps(), *approach_steps()),
        regime=(
            Regime(
                "largest |w·x̃| at the end of the window",
                partial(largest, "amplitude"),
                at_most=TINY_INPUT,
            ),
            Regime(
                "largest share of neurons that did not finish",
                partial(largest, "unfinished"),
                at_most=0.0,
            ),
        ),
        figures=figures,
        references=(REFERENCE,),
        notes=measured_convergence.notes,
        cells=Cells(of=cell, drawn=drawn, chosen=CHOSEN),
    )
