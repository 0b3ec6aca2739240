"""The claim on t* at batches at which rare inputs reach through the gate."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.batchnorm.recovery import OpenRecovery
from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.recovery_prediction import near_prediction, recovery_steps
from validate.claim import Body, Decision, Outcome, Role, Unit, experiment_control
from validate.claims.batchnorm.measured.recovery import (
    early_gradients,
    relative_time,
    time_panel,
    without_threshold,
)
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

# filters at a look; with 98 of 100 near t* the smaller number decides as well
BLOCKS, LOOKS = {64: 512, 256: 256}, (1, 2)
CONTROL_BLOCK = 128


def _filters(batch: int, **changes: Any) -> OpenRecovery:

    return OpenRecovery(**{"batch": batch, "block": BLOCKS[batch], "steps": 1600, **changes})


@claim(
    "batchnorm.recovery-open",
    title="Post-shifted BN: when filters come back at ordinary batches",
    source="our derivation, on the remedy of arXiv:2001.11216",
    statement="At batches of 64 and 256, at which rare inputs reach through the gate before, nine "
    "of ten filters or more are active again within 15 % of t* under post-shifted batch "
    "normalization, gradient descent and weight decay.",
    place=10.5,
    readings=(
        Reading(
            "With weight decay post-shifted batch normalization brings collapsed filters back at "
            "batches of 64 and 256 too, most of them within 15 % of t*.",
        ),
    ),
)
def recovery_open() -> Body:

    named = {f"B = {batch}": _filters(batch) for batch in BLOCKS}
    adam = _filters(64, optimizer="adam", rate=0.02, decay=0.5, steps=4000, block=CONTROL_BLOCK)
    claimed = tuple(
        Decision(
            name=f"{name}: active again within 15 % of t*",
            prediction=near_prediction(),
            predict=lambda unit: 1.0,
            observe=relative_time,
            experiments=(made,),
            looks=LOOKS,
        )
        for name, made in named.items()
    )
    usual = claimed[0]
    decisions = (
        *claimed,
        dataclasses.replace(
            usual,
            name="B = 64: the time to β = −α, without τ",
            predict=without_threshold,
            role=Role.RESOLUTION,
            distance=0.3,  # ln(−β/α)/ln((−β − τγ)/α) − 1 is 0.15 to 0.8, at −7 and −4
        ),
        experiment_control(usual, "Adam with L2 inside the gradient, B = 64", (adam,), LOOKS),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        trained = (*outcome.units, *outcome.of_controls)
        units = {
            name: [unit for unit in trained if unit.experiment == made]
            for name, made in {**named, "Adam with L2, B = 64": adam}.items()
        }
        caption = "One point a filter; rare inputs move some off t*, Adam with L2 nearly all."
        panels = [time_panel(units)]
        return (scaling(outcome, "Recovery at ordinary batches", caption, panels, outcome.units),)

    return Body(
        grid=(*named.values(), adam),
        decisions=decisions,
        derivation=recovery_steps,
        regime=(),
        figures=figures,
        references=(REFERENCE,),
        notes=_notes,
    )


def _notes(units: Sequence[Unit]) -> list[str]:

    told = []
    for batch in BLOCKS:
        of_size = [u for u in units if u.experiment.settings()["batch"] == batch]
        mean = np.mean([relative_time(unit) for unit in of_size])
        early = early_gradients(of_size)
        told.append(
            f"B = {batch}: {early:.0%} of the filters felt a data gradient before they were active "
            f"again; their time is {mean:.3f} t* on average."
        )
    return told
