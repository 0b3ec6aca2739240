"""Claims on the long run of batch-normalized units under gradient noise.

Whatever is heavy is imported inside the functions: listing claims costs nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from validate.registry import claim

if TYPE_CHECKING:
    from sim.bn_ladder import CollapseLadder
    from sim.bn_passage import Passages
    from validate.claim import Body, Outcome, Unit
    from validate.results import Figure

PAPER = "arXiv:2001.11216"
# a t interval needs 226 replicates at level 3·10⁻⁶, that of one point of one of 200 decisions
BLOCK, LOOKS = 240, (1, 2)
# η, γ₀ and B: all different, and A₀ as well
COMBINATIONS = ((0.5, 1.0, 32), (1.0, 1.25, 64), (0.56, 0.5, 128))
# a decade of learning rates in 150 steps: A₀T from 0.4 to 40 at γ₀ = 1, B = 64
RATES = tuple(0.413 * 10 ** (k / 4) for k in range(5))
RATE_UNITS = (180, 80, 80, 80, 80)


def _finite(units: Sequence[Unit]) -> float:
    return max(unit.experiment.strength for unit in units)  # type: ignore[attr-defined]


# -- first passage ----------------------------------------------------------------------------


@claim(
    "batchnorm.first-passage",
    title="How many filters collapse by a time",
    source=f"our derivation, on the setting of {PAPER}",
    statement="Under gradient noise the share of units with batch normalization that have "
    "collapsed by step T is a function of A₀T = η²s²T/(Bγ₀²) alone, computed without a free "
    "constant: the law of a first passage in a cone.",
)
def first_passage() -> Body:
    import numpy as np

    from sim.bn_passage import Passages
    from theory.batchnorm import REFERENCE
    from theory.bn_collapse import cone_steps, passage_prediction
    from validate.claim import Body, Decision, Regime, Role
    from validate.passed import (
        below,
        curve_decision,
        deviations,
        law,
        passage_panel,
        predicted,
        settings,
    )
    from validate.scaling import scaling

    grid = tuple(
        Passages(
            rate=rate,
            gamma=gamma,
            batch=batch,
            units=104,
            clocks=(0.5, 1.0, 2.0, 3.0),
            follow=k == 2,
            block=BLOCK,
        )
        for k, (rate, gamma, batch) in enumerate(COMBINATIONS)
    )
    names = {e: f"η = {e.rate:g}, γ₀ = {e.gamma:g}, B = {e.batch}" for e in grid}
    prediction = passage_prediction()
    first, second, third = grid
    decisions = (
        *(curve_decision(LOOKS, names[e], prediction, (e,)) for e in grid),
        Decision(
            name="state at T instead of first passage",
            prediction=deviations(prediction, len(third.clocks)),
            predict=lambda unit: np.array(predicted(settings(unit))),
            observe=below,
            experiments=(third,),
            looks=LOOKS,
            role=Role.NEGATIVE,
            distance=2 * prediction.margin,
        ),
        curve_decision(LOOKS, "A₀ half as large", prediction, grid, lambda e: 0.5),
        curve_decision(
            LOOKS,
            f"A₀ ∝ η instead of η², right for η = {first.rate:g}",
            prediction,
            (second,),
            lambda e: first.rate / e.rate,
        ),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        units = {names[e]: [u for u in outcome.units if u.experiment == e] for e in grid}
        panels = [passage_panel("first passage", units, lambda e, x: law(e)(x / 2))]
        caption = (
            "Share of units that have been below r = −2 by step T, against A₀T: three combinations "
            "of learning rate, γ₀ and batch size on one curve, computed in the limit of small "
            "steps (the decisions take the first order of the step into account, up to 0.02). "
            "The control has half the noise."
        )
        return (scaling(outcome, "Collapse by a time", caption, panels, outcome.units),)

    return Body(
        grid=grid,
        decisions=decisions,
        derivation=cone_steps,
        regime=(Regime("largest A₀", _finite, at_most=0.012),),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: [
            "A unit counts as collapsed once r = β/|γ| < −2 after some step: 2.3 % of the samples "
            "or less are active. It may come back; its state at T is another, smaller number.",
            "F is computed to 0.001 for a large batch; batches of 32 shift it by 0.001. Looking "
            "once a step lowers it by up to 0.02 at these A₀, which is predicted as well.",
        ],
    )


# -- the paper's sentence ---------------------------------------------------------------------


@claim(
    "batchnorm.collapse-probability",
    title="Collapse probability ∝ η²/γ² in the long run",
    source=PAPER,
    statement="The probability that a unit has collapsed after a given number of steps is "
    "proportional to the square of the learning rate over that of the scale: the paper's sentence "
    "on one step, read as one on the long run.",
    may_disagree=True,
    contradicts=f"{PAPER}: the sparsifying probability is proportional to the square of the "
    "learning rate and inversely proportional to the square of the scale, if it is read as a "
    "statement on many steps. On one step it is confirmed.",
)
def collapse_probability() -> Body:
    import numpy as np

    from sim.bn_ladder import CollapseLadder
    from theory.batchnorm import REFERENCE
    from theory.bn_collapse import cone_steps, power_prediction, slopes_prediction
    from validate.claim import Body, Decision, Role
    from validate.passed import deviations, ladder, predicted_shares, shares, slopes

    experiment = CollapseLadder(rates=RATES, units=RATE_UNITS, steps=150, block=BLOCK)
    power, exact = power_prediction(RATES), slopes_prediction()
    common: dict[str, Any] = {"experiments": (experiment,), "looks": LOOKS}
    local: dict[str, Any] = {
        "prediction": deviations(exact, len(RATES) - 1),
        "observe": lambda unit: slopes(RATES, shares(unit)),
        **common,
    }
    decisions = (
        Decision(
            name="P ∝ η² over a decade of learning rates",
            prediction=power,
            predict=lambda unit: power.expected,
            observe=shares,
            **common,
        ),
        Decision(
            name="local slopes of F(A₀T)",
            predict=lambda unit: slopes(RATES, np.array(predicted_shares(ladder(unit)))),
            role=Role.POSITIVE,
            **local,
        ),
        Decision(
            name="local slopes of a power law ∝ η",
            predict=lambda unit: np.ones(len(RATES) - 1),
            role=Role.NEGATIVE,
            distance=2 * exact.margin,
            **local,
        ),
    )
    return Body(
        grid=(experiment,),
        decisions=decisions,
        derivation=cone_steps,
        regime=(),
        figures=lambda outcome: _ladder_figure(outcome, experiment),
        references=(REFERENCE,),
        notes=lambda units: [_slope_note(experiment)],
    )


def _ladder_figure(outcome: Outcome, experiment: CollapseLadder) -> Sequence[Figure]:
    import numpy as np

    from validate.claim import Role
    from validate.passed import law, predicted_shares, shares, slopes
    from validate.scaling import dots, line, medians, panel, scaling

    law_of = law(experiment.members[0])
    rates = np.array(RATES)
    clock = experiment.steps * np.array([member.strength for member in experiment.members])
    x = np.geomspace(clock[0] / 1.3, clock[-1] * 1.3, 60)
    eta = np.sqrt(x / clock[0]) * rates[0]
    measured = np.array([shares(unit) for unit in outcome.units])
    square = (rates / rates[2]) ** 2 * predicted_shares(experiment)[2]
    middle = np.sqrt(rates[1:] * rates[:-1])
    panels = [
        panel(
            f"collapsed within {experiment.steps} steps",
            ("learning rate η", "share collapsed"),
            [medians("ensembles", rates, measured)],
            [
                line("F(A₀T)", eta, law_of(x), Role.POSITIVE),
                line("∝ η²", rates[:3], square[:3]),
            ],
        ),
        panel(
            "local slopes",
            ("learning rate η", "d log P / d log η"),
            [dots("ensembles", middle, slopes(RATES, measured.mean(axis=0)))],
            [
                line("F(A₀T)", eta, law_of.slope(x), Role.POSITIVE),
                line("∝ η²", rates, np.full(len(rates), 2.0)),
            ],
            (True, False),
        ),
    ]
    caption = (
        "Share of units collapsed after a fixed number of steps against the learning rate. The "
        "power law of the paper's sentence holds for one step; in the long run the slope falls "
        "from above 3 to below 0.3 and is 2 at one learning rate only."
    )
    return (scaling(outcome, "Collapse against learning rate", caption, panels, outcome.units),)


def _slope_note(experiment: CollapseLadder) -> str:
    from validate.passed import law

    found = law(experiment.members[0])
    at = [found.clock_of_slope(slope) for slope in (2.25, 2.0, 1.75)]
    return (
        f"The slope of F is 2 at A₀T = {at[1]:.2f} and within 2 ± 0.25 from {at[0]:.2f} to "
        f"{at[2]:.2f}: there the sentence is nearly true, for learning rates within "
        f"{(at[2] / at[0]) ** 0.5 - 1:.0%} of each other. For one step it holds, see the claims on "
        "the drift."
    )


# -- the tail ---------------------------------------------------------------------------------


@claim(
    "batchnorm.heavy-tail",
    title="The mean collapse time is infinite",
    source="our derivation",
    statement="The share of units that have not collapsed falls like (A₀T)^(−p) with p < 1, the "
    "lowest exponent of the cone: 0.365 for τ = 2. The mean time to collapse is infinite.",
)
def heavy_tail() -> Body:
    from sim.bn_passage import Passages
    from theory.batchnorm import REFERENCE
    from theory.bn_collapse import cone_steps, tail_prediction, tail_steps
    from theory.bn_cone import cone, tail_exponent
    from theory.bn_moments import gaussian_moments
    from theory.bn_passage import isotropic_exponent
    from validate.claim import Body, Decision, Regime, Role
    from validate.passed import settings, tail

    # from r₀ = 0.5 the slope is near its limit early, which saves steps
    experiment = Passages(
        rate=1.26, batch=32, units=80, start=0.5, clocks=(4.0, 16.0, 64.0), block=BLOCK
    )
    exponent = tail_exponent(cone(gaussian_moments, experiment.threshold))
    prediction = tail_prediction(exponent)
    wrong = {
        "γ held fixed: p = 1/2": 0.5,
        "noise of all samples, active or not": isotropic_exponent(experiment.threshold),
        "a finite mean: p = 1": 1.0,
    }
    common: dict[str, Any] = {"observe": tail, "experiments": (experiment,), "looks": LOOKS}
    decisions = (
        Decision(
            name="1 − F ∝ (A₀T)^(−p)",
            prediction=prediction,
            predict=lambda unit: exponent,
            **common,
        ),
        *(
            Decision(
                name=name,
                prediction=dataclasses.replace(prediction, expected=value),
                predict=lambda unit, value=value: value,
                role=Role.NEGATIVE,
                distance=abs(value - exponent),
                **common,
            )
            for name, value in wrong.items()
        ),
    )
    return Body(
        grid=(experiment,),
        decisions=decisions,
        derivation=lambda: (*cone_steps(), *tail_steps(exponent)),
        regime=(Regime("largest A₀", _finite, at_most=0.06),),
        figures=lambda outcome: _tail_figure(outcome, exponent),
        references=(REFERENCE,),
        notes=lambda units: [
            f"The slope of F itself over the window is {_window_slope(settings(units[0])):.3f}; "
            f"its limit is p = {exponent:.4f}. Looking once a step changes the constant, not p."
        ],
    )


def _window_slope(experiment: Passages) -> float:
    import numpy as np

    from validate.passed import clocks, law

    log, left = np.log(clocks(experiment)), np.log(1 - law(experiment)(clocks(experiment)))
    return float(-np.polyfit(log, left, 1)[0])


def _tail_figure(outcome: Outcome, exponent: float) -> Sequence[Figure]:
    import numpy as np

    from validate.claim import Role
    from validate.passed import clocks, law, passed, settings
    from validate.scaling import line, medians, panel, scaling

    experiment = settings(outcome.units[0])
    at = clocks(experiment)
    x = np.geomspace(at[0] / 2, at[-1] * 2, 60)
    left = 1 - law(experiment)(x)
    measured = np.array([1 - passed(unit) for unit in outcome.units])
    lines = [
        line("1 − F", x, left),
        line("γ held fixed: p = 1/2", x, left[0] * (x / x[0]) ** -0.5, Role.NEGATIVE),
    ]
    panels = [
        panel(
            f"tail, p = {exponent:.3f}",
            ("A₀T", "share not collapsed"),
            [medians("ensembles", at, measured)],
            lines,
        )
    ]
    caption = (
        "Share of units that have not collapsed by step T. Its slope tends to −p; where p ≤ 1 the "
        "mean time is infinite, and medians or F itself describe collapse."
    )
    return (scaling(outcome, "Tail of the collapse time", caption, panels, outcome.units),)
