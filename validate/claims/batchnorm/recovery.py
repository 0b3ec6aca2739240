"""Claims on what brings collapsed filters back: a shift and weight decay together.

Whatever is heavy is imported inside the functions: listing claims costs nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from validate.registry import Reading, claim

if TYPE_CHECKING:
    from sim.batchnorm.recovery import Recovery
    from validate.claim import Body, Outcome, Unit
    from validate.results.records import Figure

BLOCK, LOOKS = 256, (1, 2)
PATIENCE = 1600  # steps: the slowest filters come back after about 410, four times earlier


def _recovery(**changes: Any) -> Recovery:
    from sim.batchnorm.recovery import Recovery

    return Recovery(**{"block": BLOCK, **changes})


def _optimizers() -> dict[str, Recovery]:
    """Experiments by name; ηλ such that recovery takes hundreds of steps."""
    return {
        "gradient descent": _recovery(steps=PATIENCE),
        "momentum 0.9": _recovery(optimizer="momentum", rate=0.01, decay=0.04, steps=4000),
        "AdamW": _recovery(optimizer="adamw", rate=0.01, decay=1.0, steps=PATIENCE),
    }


def _adam() -> tuple[Recovery, ...]:
    """Adam with L2 inside the gradient, which leaves the ray; two decays, to show what it does."""
    return tuple(
        _recovery(optimizer="adam", rate=0.02, decay=decay, steps=4000, block=BLOCK // 2)
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
    import numpy as np

    from theory.batchnorm.one_step import REFERENCE
    from theory.batchnorm.recovery import recovery_prediction, recovery_steps
    from validate.claim import Body, Decision, Regime, Role, experiment_control
    from validate.claims.batchnorm.measured import recovery as measured_recovery
    from validate.claims.batchnorm.measured.recovery import first_active, predicted, rounded
    from validate.figure_forms.scaling import dots, line, panel, scaling

    lawful, adam = _optimizers(), _adam()
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


@claim(
    "batchnorm.no-recovery",
    title="With a shut gate nothing comes back without a shift or without decay",
    source="our derivation, on the remedy of arXiv:2001.11216",
    statement="With weight decay alone (γ, β) of a filter with an exactly shut gate shrinks along "
    "a ray: under batch normalization it stays collapsed. With a shift but without weight decay it "
    "stays collapsed too. Both are identities; at batch sizes at which rare inputs reach through "
    "the gate, filters do come back (batchnorm.reopening).",
    place=11,
    readings=(
        Reading(
            "With an exactly shut gate a collapsed filter stays collapsed without the shift, or "
            "without weight decay.",
        ),
    ),
)
def no_recovery() -> Body:
    from theory.batchnorm.one_step import REFERENCE
    from theory.batchnorm.recovery import ray_prediction, recovery_prediction, recovery_steps
    from validate.claim import Body, Decision, Role, experiment_control
    from validate.claims.batchnorm.measured.recovery import (
        at_threshold,
        first_active,
        first_ratio,
        last_ratio,
        ratio_panel,
        rounded,
    )
    from validate.figure_forms.scaling import scaling

    shifted = _optimizers()["gradient descent"]
    plain = _recovery(shift=0.0, steps=PATIENCE)
    still = _recovery(decay=0.0, steps=PATIENCE)
    stays: dict[str, Any] = {
        "prediction": ray_prediction(),
        "predict": first_ratio,
        "observe": last_ratio,
        "looks": LOOKS,
    }
    decay_alone = Decision(
        name="BN with weight decay stays on its ray", experiments=(plain,), **stays
    )
    decisions = (
        decay_alone,
        Decision(name="post-shifted BN without decay stays", experiments=(still,), **stays),
        Decision(
            name="shift without decay comes back",
            experiments=(still,),
            role=Role.RESOLUTION,
            distance=1.0,
            **{**stays, "predict": at_threshold},
        ),
        experiment_control(decay_alone, "shift with decay stays on its ray", (shifted,), LOOKS),
        Decision(
            name="shift with decay comes back at the first step past t*",
            prediction=recovery_prediction(),
            predict=rounded,
            observe=first_active,
            experiments=(shifted,),
            looks=LOOKS,
            role=Role.POSITIVE,
        ),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        named = {
            "shift and decay": shifted,
            "decay alone": plain,
            "shift alone": still,
        }
        units = {
            name: [u for u in (*outcome.units, *outcome.of_controls) if u.experiment == made]
            for name, made in named.items()
        }
        caption = (
            "(β + α)/γ of each filter when it was active again or, if it never was, after "
            f"{PATIENCE} steps, against that at the start. Without shift or decay both are one."
        )
        panels = [ratio_panel(units)]
        return (scaling(outcome, "Filters on their ray", caption, panels, outcome.units),)

    return Body(
        grid=(shifted, plain, still),
        decisions=decisions,
        derivation=recovery_steps,
        regime=(),
        figures=figures,
        references=(REFERENCE,),
        notes=_patience,
    )


def _patience(units: Sequence[Unit]) -> list[str]:
    return [
        f"Filters were watched for {PATIENCE} steps; with shift and decay the slowest came back "
        f"after {max(unit.measurement['active'] or 0 for unit in units)}. The batch is so small "
        "that no normalized input can reach through the gate."
    ]
