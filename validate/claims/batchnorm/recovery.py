"""The claims on filters with an exactly shut gate: only a shift and weight decay together help."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from sim.batchnorm.recovery import Recovery
from sim.engine.optimizers import MOMENTUM
from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.recovery_prediction import ray_prediction, recovery_prediction, recovery_steps
from validate.claim import Body, Decision, Regime, Role, Unit, settings_of
from validate.claims.batchnorm.measured.recovery import (
    early_gradients,
    first_active,
    first_ratio,
    last_ratio,
    predicted,
    rounded,
)
from validate.figure_forms.by_unit import equality
from validate.figure_forms.scaling import one_figure
from validate.registry import Reading, claim

BLOCK, LOOKS = 256, (1, 2)
PATIENCE = 1600  # steps: the slowest filters come back after about 410, four times earlier
SOURCE = "our derivation, on the remedy of arXiv:2001.11216"


def _filters(**changes: Any) -> Recovery:
    return Recovery(**{"block": BLOCK, "steps": PATIENCE, **changes})


def _comes_back(name: str, made: Recovery, role: Role = Role.CLAIM) -> Decision:
    """Active again at the first step past t*."""
    return Decision(
        name=name,
        prediction=recovery_prediction(momentum=made.optimizer == "momentum"),
        predict=rounded,
        observe=first_active,
        experiments=(made,),
        looks=LOOKS,
        role=role,
    )


@claim(
    "batchnorm.recovery",
    title="Post-shifted BN: when filters with a shut gate come back",
    source=SOURCE,
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
    # ηλ is such that recovery takes hundreds of steps
    lawful = {
        "gradient descent": _filters(),
        "momentum 0.9": _filters(optimizer="momentum", rate=0.01, decay=0.04, steps=4000),
        "AdamW": _filters(optimizer="adamw", rate=0.01, decay=1.0),
    }
    # leaves the ray; two decays, to show what it does
    adam = tuple(
        _filters(optimizer="adam", rate=0.02, decay=decay, steps=4000, block=BLOCK // 2)
        for decay in (0.5, 2.0)
    )
    claimed = tuple(
        _comes_back(f"{name}: active again at the first step past t*", made)
        for name, made in lawful.items()
    )
    plain, momentum = claimed[:2]
    factor = lawful["gradient descent"].rate * lawful["gradient descent"].decay
    # the distances are those at the smallest t*, 178 steps without momentum and 450 with it
    decisions = (
        *claimed,
        plain.wrong_law("t* without the factor 1/(ηλ)", partial(rounded, factor=factor), 170.0),
        momentum.wrong_law(
            "momentum: t* without the factor 1 − μ",
            partial(rounded, factor=1 / (1 - MOMENTUM)),
            4000.0,
        ),
        plain.wrong_experiment("Adam with L2 inside the gradient: the same t*", *adam),
    )
    return Body(
        decisions=decisions,
        derivation=recovery_steps,
        regime=(
            Regime(
                "share of filters with a data gradient before they were active again",
                early_gradients,
                at_most=0.0,
            ),
        ),
        figures=one_figure(
            "Recovery of collapsed filters",
            "One point a filter. Under Adam with L2 inside the gradient they leave the law: their "
            "time hardly depends on λ, where t* is proportional to 1/λ.",
            lambda outcome: equality(
                outcome,
                "Steps until a filter is active again",
                ("t*", "measured"),
                {**lawful, "Adam with L2 (no such law)": adam},
                predicted,
                first_active,
                {"resolution control: no 1/(ηλ)": lambda time: factor * time},
                log=(True, True),
            ),
        ),
        references=(REFERENCE,),
        notes=_gradient_note,
    )


def _gradient_note(units: Sequence[Unit]) -> list[str]:
    felt = [unit.measurement["gradient"] / predicted(unit) for unit in units]
    return [
        "A filter counts as active again at the step at which P > Φ(−τ). The first data gradient "
        f"that it feels comes later, at {np.median(felt):.2f} t* (median): it takes an input that "
        "reaches through the gate.",
    ]


@claim(
    "batchnorm.no-recovery",
    title="With a shut gate nothing comes back without a shift or without decay",
    source=SOURCE,
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
    shifted, plain, still = _filters(), _filters(shift=0.0), _filters(decay=0.0)
    decay_alone, shift_alone = (
        Decision(
            name=name,
            prediction=ray_prediction(),
            predict=first_ratio,
            observe=last_ratio,
            experiments=(made,),
            looks=LOOKS,
        )
        for name, made in (
            ("BN with weight decay stays on its ray", plain),
            ("post-shifted BN without decay stays", still),
        )
    )
    decisions = (
        decay_alone,
        shift_alone,
        shift_alone.wrong_law(
            "shift without decay comes back",
            lambda unit: -settings_of(unit, Recovery).threshold,  # what it would reach at least
            distance=1.0,
        ),
        decay_alone.wrong_experiment("shift with decay stays on its ray", shifted),
        _comes_back(
            "shift with decay comes back at the first step past t*", shifted, Role.POSITIVE
        ),
    )
    return Body(
        decisions=decisions,
        derivation=recovery_steps,
        figures=one_figure(
            "Filters on their ray",
            "(β + α)/γ of each filter when it was active again or, if it never was, after "
            f"{PATIENCE} steps, against that at the start. Without shift or decay both are one.",
            lambda outcome: equality(
                outcome,
                "Rays",
                ("(β + α)/γ at the start", "(β + α)/γ at the end"),
                {"shift and decay": shifted, "decay alone": plain, "shift alone": still},
                first_ratio,
                last_ratio,
            ),
        ),
        references=(REFERENCE,),
        notes=lambda units: [
            f"Filters were watched for {PATIENCE} steps; with shift and decay the slowest came "
            f"back after {max(unit.measurement['active'] or 0 for unit in units)}. The batch is so "
            "small that no normalized input can reach through the gate."
        ],
    )
