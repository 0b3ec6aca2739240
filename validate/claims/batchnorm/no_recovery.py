"""The claim that nothing comes back through a shut gate without a shift or without decay."""

from collections.abc import Sequence
from typing import Any

from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.recovery_prediction import ray_prediction, recovery_prediction, recovery_steps
from validate.claim import Body, Decision, Outcome, Role, Unit, experiment_control
from validate.claims.batchnorm.measured.recovery import (
    at_threshold,
    first_active,
    first_ratio,
    last_ratio,
    ratio_panel,
    rounded,
)
from validate.claims.batchnorm.recovery import LOOKS, PATIENCE, filters, optimizers
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure


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

    shifted = optimizers()["gradient descent"]
    plain = filters(shift=0.0, steps=PATIENCE)
    still = filters(decay=0.0, steps=PATIENCE)
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
