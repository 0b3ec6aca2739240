"""The claim on t* at batches at which rare inputs reach through the gate."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.batchnorm.recovery import OpenRecovery
from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.recovery_prediction import near_prediction, recovery_steps
from validate.claim import Body, Decision, Unit, settings_of
from validate.claims.batchnorm.measured.recovery import (
    early_gradients,
    first_or_last,
    predicted,
    relative_time,
    without_threshold,
)
from validate.figure_forms.by_unit import equality
from validate.figure_forms.scaling import one_figure
from validate.registry import Reading, claim

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
        usual.wrong_law(
            "B = 64: the time to β = −α, without τ",
            without_threshold,
            distance=0.3,  # ln(−β/α)/ln((−β − τγ)/α) − 1 is 0.15 to 0.8, at −7 and −4
        ),
        usual.wrong_experiment("Adam with L2 inside the gradient, B = 64", adam),
    )
    return Body(
        decisions=decisions,
        derivation=recovery_steps,
        figures=one_figure(
            "Recovery at ordinary batches",
            "One point a filter; rare inputs move some off t*, Adam with L2 nearly all.",
            lambda outcome: equality(
                outcome,
                "Steps until a filter is active again",
                ("t*", "measured"),
                {**named, "Adam with L2, B = 64": adam},
                predicted,
                first_or_last,
            ),
        ),
        references=(REFERENCE,),
        notes=lambda units: [_note(units, batch) for batch in BLOCKS],
    )


def _note(units: Sequence[Unit], batch: int) -> str:
    of_size = [unit for unit in units if settings_of(unit, OpenRecovery).batch == batch]
    return (
        f"B = {batch}: {early_gradients(of_size):.0%} of the filters felt a data gradient before "
        "they were active again; their time is "
        f"{np.mean([relative_time(unit) for unit in of_size]):.3f} t* on average."
    )
