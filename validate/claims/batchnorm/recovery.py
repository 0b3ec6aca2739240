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
    from theory.prediction import Count
    from validate.claim import Body, Outcome, Unit
    from validate.results.records import Figure

# as many at the first look as an interval at its share of α needs
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


@claim(
    "batchnorm.recovery",
    title="Post-shifted BN: when collapsed filters come back",
    source="our derivation, on the remedy of arXiv:2001.11216",
    statement="With weight decay λ and a shift α a filter that is inactive on all data is active "
    "again after t* = ln((−β − τγ)/α) / (−ln(1 − ηλ)) steps, with momentum about (1 − μ) times as "
    "many; AdamW at rate ηλ as gradient descent.",
    place=10,
    readings=(
        Reading(
            "With weight decay post-shifted batch normalization brings a collapsed filter back, "
            "after t* steps.",
        ),
    ),
)
def recovery() -> Body:
    import numpy as np

    from theory.batchnorm.one_step import REFERENCE
    from theory.batchnorm.recovery import recovery_prediction, recovery_steps
    from validate.claim import Body, Decision, Regime, Role
    from validate.claims.batchnorm.measured import recovery as measured_recovery
    from validate.claims.batchnorm.measured.recovery import predicted, ratio
    from validate.figure_forms.scaling import dots, line, panel, scaling

    lawful = _optimizers()
    adam = tuple(
        _recovery(optimizer="adam", rate=0.02, decay=decay, steps=4000, block=BLOCK // 2)
        for decay in (0.5, 2.0)
    )
    prediction = recovery_prediction()
    common: dict[str, Any] = {"observe": ratio, "looks": LOOKS}
    wrong: dict[str, Any] = {
        **common,
        "prediction": prediction,
        "role": Role.RESOLUTION,
        "distance": 0.5,
    }
    # another law in units of t*: results are shown as deviations from it
    law: dict[str, Any] = {**wrong, "prediction": dataclasses.replace(prediction, expected=0.0)}
    decisions = (
        *(
            Decision(
                name=f"{name}: active again after t* steps",
                prediction=recovery_prediction(momentum=experiment.optimizer == "momentum"),
                predict=lambda unit: prediction.expected,
                experiments=(experiment,),
                **common,
            )
            for name, experiment in lawful.items()
        ),
        Decision(
            name="t* without the factor 1/(ηλ)",
            predict=measured_recovery.without_rate,
            experiments=(lawful["gradient descent"],),
            **law,
        ),
        Decision(
            name="momentum: t* without the factor 1 − μ",
            predict=measured_recovery.without_momentum,
            experiments=(lawful["momentum 0.9"],),
            **law,
        ),
        Decision(
            name="Adam with L2 inside the gradient: the same t*",
            predict=lambda unit: prediction.expected,
            experiments=adam,
            **wrong,
        ),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        def points(name: str, experiments: tuple[Recovery, ...]) -> dict[str, Any]:
            units = [unit for unit in outcome.units if unit.experiment in experiments]
            measured = [float(unit.measurement["active"] or np.nan) for unit in units]
            return dots(name, np.array([predicted(unit) for unit in units]), np.array(measured))

        times = np.array([predicted(unit) for unit in outcome.units])
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
            "One point a filter. Filters under Adam with L2 inside the gradient leave the law."
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
        notes=lambda units: measured_recovery.recovery_notes(units, adam),
    )


def _comes_back() -> Count:
    """That filters do come back: 1 for a filter that was active again."""
    import sympy

    from theory.batchnorm.recovery import no_recovery_prediction
    from theory.prediction import Count

    kept = no_recovery_prediction()
    shared = {
        field.name: getattr(kept, field.name)
        for field in dataclasses.fields(kept)
        if field.name in {"symbols", "assumptions", "margin", "margin_reason"}
    }
    return Count(formula=sympy.Not(kept.formula), required_share=0.9, **shared)


@claim(
    "batchnorm.no-recovery",
    title="Without a shift or without decay nothing comes back",
    source="our derivation, on the remedy of arXiv:2001.11216",
    statement="With weight decay alone (γ, β) of a filter that is inactive on all data shrinks "
    "along a ray: under batch normalization it stays collapsed, at least four times longer than "
    "any filter with a shift. With a shift but without weight decay it stays collapsed too.",
    place=11,
    readings=(
        Reading(
            "Without the shift, or without weight decay, a collapsed filter stays collapsed.",
        ),
    ),
)
def no_recovery() -> Body:
    from theory.batchnorm.one_step import REFERENCE
    from theory.batchnorm.recovery import no_recovery_prediction, recovery_steps
    from validate.claim import Body, Decision, Role
    from validate.claims.batchnorm.measured.recovery import recovered
    from validate.figure_forms.intervals import intervals

    prediction, back = no_recovery_prediction(), _comes_back()
    shifted = _optimizers()["gradient descent"]
    plain = _recovery(shift=0.0, steps=PATIENCE)
    still = _recovery(decay=0.0, steps=PATIENCE)
    common: dict[str, Any] = {"observe": recovered, "looks": LOOKS}
    stays: dict[str, Any] = {"prediction": prediction, "predict": lambda unit: 0.0, **common}
    returns: dict[str, Any] = {"prediction": back, "predict": lambda unit: 1.0, **common}
    decisions = (
        Decision(name="BN with weight decay stays collapsed", experiments=(plain,), **stays),
        Decision(
            name="post-shifted BN without decay stays collapsed", experiments=(still,), **stays
        ),
        Decision(
            name="shift without decay comes back",
            experiments=(still,),
            role=Role.RESOLUTION,
            distance=1.0,
            **returns,
        ),
        Decision(
            name="shift with decay comes back",
            experiments=(shifted,),
            role=Role.POSITIVE,
            **returns,
        ),
    )
    return Body(
        grid=(shifted, plain, still),
        decisions=decisions,
        derivation=recovery_steps,
        regime=(),
        figures=lambda outcome: (intervals(outcome, decisions, "Filters that come back"),),
        references=(REFERENCE,),
        notes=_patience,
    )


def _patience(units: Sequence[Unit]) -> list[str]:
    return [
        f"Filters were watched for {PATIENCE} steps; with shift and decay the slowest came back "
        f"after {max(unit.measurement['active'] or 0 for unit in units)}."
    ]
