"""The claim on when filters with a shut gate come back: a shift and weight decay together."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.batchnorm.recovery import Recovery
from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.recovery_prediction import recovery_prediction, recovery_steps
from validate.claim import Body, Decision, Outcome, Regime, Role, experiment_control
from validate.claims.batchnorm.measured import recovery as measured_recovery
from validate.claims.batchnorm.measured.recovery import first_active, predicted, rounded
from validate.figure_forms.scaling import dots, line, panel, scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

BLOCK, LOOKS = 256, (1, 2)
PATIENCE = 1600  # steps: the slowest filters come back after about 410, four times earlier


def filters(**changes: Any) -> Recovery:
    """The experiment, with the block of these claims."""

    return Recovery(**{"block": BLOCK, **changes})


def optimizers() -> dict[str, Recovery]:
    """Experiments by name; ηλ such that recovery takes hundreds of steps."""
    return {
        "gradient descent": filters(steps=PATIENCE),
        "momentum 0.9": filters(optimizer="momentum", rate=0.01, decay=0.04, steps=4000),
        "AdamW": filters(optimizer="adamw", rate=0.01, decay=1.0, steps=PATIENCE),
    }


def _adam() -> tuple[Recovery, ...]:
    """Adam with L2 inside the gradient, which leaves the ray; two decays, to show what it does."""
    return tuple(
        filters(optimizer="adam", rate=0.02, decay=decay, steps=4000, block=BLOCK // 2)
        for decay in (0.5, 2.0)
    )


@claim(
    "batchnorm.recovery",
    title="Post-shifted BN: when filters with a shut gate come back",
    source="our derivation, on the remedy of arXiv:2001.11216",
    statement="With weight decay λ and a shift α a filter with an exactly shut gate is active "
    "again at the first step at or past t* = ln((−β − τγ)/α) / (−ln(1 − ηλ)), with momentum about "
    "(1 − μ) times as many; AdamW at rate ηλ as gradient descent. This is an identity: no chance "
    "enters while no input can reach through the gate.",
    place=10,
    readings=(
        Reading(
            "With weight decay post-shifted batch normalization brings a filter with an exactly "
            "shut gate back, after t* steps.",
        ),
    ),
)
def recovery() -> Body:

    lawful, adam = optimizers(), _adam()
    common: dict[str, Any] = {"predict": rounded, "observe": first_active, "looks": LOOKS}
    claimed = tuple(
        Decision(
            name=f"{name}: active again at the first step past t*",
            prediction=recovery_prediction(momentum=experiment.optimizer == "momentum"),
            experiments=(experiment,),
            **common,
        )
        for name, experiment in lawful.items()
    )
    plain, momentum = claimed[:2]
    # the distances are those at the smallest t*, 178 steps without momentum and 450 with it
    decisions = (
        *claimed,
        dataclasses.replace(
            plain,
            name="t* without the factor 1/(ηλ)",
            predict=measured_recovery.without_rate,
            role=Role.RESOLUTION,
            distance=170.0,
        ),
        dataclasses.replace(
            momentum,
            name="momentum: t* without the factor 1 − μ",
            predict=measured_recovery.without_momentum,
            role=Role.RESOLUTION,
            distance=4000.0,
        ),
        experiment_control(plain, "Adam with L2 inside the gradient: the same t*", adam, LOOKS),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        trained = (*outcome.units, *outcome.of_controls)

        def points(name: str, experiments: tuple[Recovery, ...]) -> dict[str, Any]:
            units = [unit for unit in trained if unit.experiment in experiments]
            measured = [float(unit.measurement["active"] or np.nan) for unit in units]
            return dots(name, np.array([predicted(unit) for unit in units]), np.array(measured))

        times = np.array([predicted(unit) for unit in trained])
        ends = np.array([times.min(), times.max()])
        first = lawful["gradient descent"]
        panels = [
            panel(
                "Steps until a filter is active again",
                ("t*", "measured"),
                [
                    *(points(name, (made,)) for name, made in lawful.items()),
                    points("Adam with L2 (no such law)", adam),
                ],
                [
                    line("prediction", ends, ends),
                    line(
                        "resolution control: no 1/(ηλ)",
                        ends,
                        ends * first.rate * first.decay,
                        Role.RESOLUTION,
                    ),
                ],
            )
        ]
        caption = (
            "One point a filter. Under Adam with L2 inside the gradient they leave the law: their "
            "time hardly depends on λ, where t* is proportional to 1/λ."
        )
        return (scaling(outcome, "Recovery of collapsed filters", caption, panels, outcome.units),)

    return Body(
        grid=(*lawful.values(), *adam),
        decisions=decisions,
        derivation=recovery_steps,
        regime=(
            Regime(
                "share of filters with a data gradient before they were active again",
                measured_recovery.early_gradients,
                at_most=0.0,
            ),
        ),
        figures=figures,
        references=(REFERENCE,),
        notes=measured_recovery.recovery_notes,
    )
