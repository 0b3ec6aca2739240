"""How long the prediction of the first stage lasts, and how neurons leave it.

Later stages are beyond the theory. On the settings of the public notebook of the paper's group
(ReLU, 100 neurons, learning rate 0.1) neurons are at 63–69° after 100 epochs, where 65.6° is
predicted, and at 33° after 500: our earlier observation, which no claim repeats.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from sim.condensation.experiments.departure import Departure, DepartureAsDrawn
from theory.condensation import departure as theory
from theory.condensation import departure_laws as laws
from theory.condensation.departure import LAST, LAW_LEVELS, LEVELS, QUIET, WITHIN
from validate.claim import Body, Decision, Outcome, Regime, Unit, once_per_unit, units_of
from validate.claims.condensation.measured.assumptions import body
from validate.claims.condensation.measured.cells import as_drawn, cell, chosen, data_of
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

LOOKS = (3, 4)  # 270 data sets at the first, of which three of four leave early enough
BLOCK = 30
WRONG = 5  # networks a round of what is wrong on purpose
WIDE: dict[str, Any] = {"low": -4.0, "high": 2.0}  # the inputs in Fig. 2 of the paper
TOGETHER = 1.0  # degrees; what is left of the start is then small against 5°
AT_QUIET = LEVELS.index(QUIET)
SHOWN = tuple(level for level in LEVELS if level <= LAST)
CAPTION = (
    "Angle of the neurons to the predicted line against the moments μ of the output, relative to "
    "those of the targets: medians over data sets with bars for nine of ten. Left, in units of "
    "sin β, with the law and the one of input weights alone; right, with what the exact flow of "
    "one neuron predicts, and the limit of 5°."
)
Levels = Float[np.ndarray, " levels"]


@claim(
    "condensation.duration",
    title="How long neurons stay",
    source="our derivation, on the setting of arXiv:2105.11686",
    statement="For multiplicity 1 under gradient flow condensed neurons turn away from their line "
    "as the output grows: by the angle μ sin(β)/3, μ the moments of the output against those of "
    "the targets and β an angle that the data give. So they stay within 5° of the predicted "
    "orientations until μ = 1/4, and leave when the exact flow of one neuron does. (What agrees "
    "elsewhere agrees in this first stage; later stages leave it.)",
    place=9.5,
    shares=20,
    readings=Reading(
        "Neurons stay within 5° of the predicted orientations until the moments of the output "
        "are a quarter of those of the targets; later they leave them."
    ),
)
def duration() -> Body:
    # one input, inputs of a wide range, and several inputs with another activation
    on = (
        Departure(BLOCK, data="gaussian-coefficients"),
        Departure(BLOCK, **WIDE),
        Departure(BLOCK, activation="atan(x)", inputs=3, samples=40),
    )
    frozen = Departure(WRONG, trained="inputs", **WIDE)
    return body(
        _decisions(on, frozen),
        laws.departure_steps,
        lambda outcome: _figures(outcome, on, frozen),
        chosen(
            "data sets with sin β ≥ 0.1 and second moments whose condition number is at most 10, "
            "which is decided before training",
            as_drawn(DepartureAsDrawn, on),
        ),
        regime=(
            Regime(
                "largest |f| / |y| at μ = 1/4",
                lambda units: max(float(_seen(unit, "output")[AT_QUIET]) for unit in units),
                at_most=0.25,
            ),
            Regime(
                "largest angle in degrees between a neuron and the others at μ = 0.005",
                lambda units: max(
                    unit.measurement["farthest"][0] - unit.measurement["angle"][0] for unit in units
                ),
                at_most=TOGETHER,
            ),
        ),
        notes=_notes,
    )


def _decisions(on: tuple[Departure, ...], frozen: Departure) -> tuple[Decision, ...]:
    first = np.array(LAW_LEVELS)
    turn = Decision(
        "angle = μ sin(β)/3 for μ from 0.005 to 0.05",
        laws.law_prediction(),
        lambda unit: 1.0,
        lambda unit: _seen(unit)[: len(first)] / _pull(unit).law(first),
        on,
        LOOKS,
    )
    stay = Decision(
        "neurons within 5° at μ = 1/4",
        laws.quiet_prediction(),
        lambda unit: WITHIN,
        lambda unit: float(_seen(unit, "farthest")[AT_QUIET]),
        on,
        LOOKS,
    )
    leave = Decision(
        "neurons pass 5° where the exact flow does",
        laws.leaving_prediction(),
        lambda unit: 1.0,
        lambda unit: _leaves(_seen(unit)) / _leaves(_exact(unit)),
        on,
        LOOKS,
        judged=lambda unit: _leaves(_exact(unit)) <= LAST,
    )
    large = Departure(WRONG, epsilon=0.05, **WIDE)
    return (
        *(turn, stay, leave),
        turn.wrong_law("angle = μ sin(β)/2", lambda unit: 1.5, distance=0.5),
        stay.wrong_law("neurons within 1° at μ = 1/4", lambda unit: 1.0, distance=4.0),
        leave.wrong_where_apart(
            "neurons pass 5° where the prolonged law does",
            lambda unit: _pull(unit).leaves_by_the_law() / _leaves(_exact(unit)),
            lambda right, wrong: wrong - right,
        ),
        turn.wrong_experiment("input weights alone are trained", frozen),
        stay.wrong_experiment("initial weights of size 0.05", large),
    )


@once_per_unit
def _pull(unit: Unit) -> theory.Pull:
    """What the data of a unit do to neurons."""
    return theory.pull_of(data_of(unit).augmented, data_of(unit).y)


@once_per_unit
def _exact(unit: Unit) -> Levels:
    """Angle by the exact flow of one neuron at each level."""
    return _pull(unit).flow()


def _seen(unit: Unit, name: str = "angle") -> Levels:
    """What was measured at each level; NaN where it was not reached."""
    return np.array(unit.measurement[name], dtype=float)


def _leaves(angle: Levels) -> float:
    """μ at which neurons pass 5°; the last level if they stay."""
    mu = theory.passed(angle)
    return LEVELS[-1] if math.isnan(mu) else mu


def _figures(outcome: Outcome, on: tuple[Departure, ...], frozen: Departure) -> Sequence[Figure]:
    axis, groups = "moments μ of the output", {cell(one): one for one in on}

    def levels(unit: Unit) -> tuple[float, ...]:  # where outputs stay small there are no others
        return LAW_LEVELS if unit.experiment == frozen else SHOWN

    def shown(unit: Unit) -> Levels:
        return _seen(unit)[: len(levels(unit))]

    def flows(mu: Levels) -> list[Levels]:
        curves = ([_exact(unit) for unit in units_of(outcome.units, one)] for one in on)
        return [np.median(one, axis=0)[: len(mu)] for one in curves]

    law = along(
        outcome, "Law of first order", (axis, "angle / sin β (°)"),
        {**groups, "input weights alone": frozen}, levels,
        lambda unit: shown(unit) / _pull(unit).sine,
        {"μ/3": lambda mu: np.degrees(mu / 3)}, {"μ/2": lambda mu: np.degrees(mu / 2)},
    )  # fmt: skip
    leaving = along(
        outcome, "Leaving", (axis, "angle (°)"), groups, levels, shown,
        {"exact flow of one neuron": flows}, {"5°": lambda mu: np.full_like(mu, WITHIN)},
        log=(False, False),
    )  # fmt: skip
    return (scaling(outcome, "How neurons leave their line", CAPTION, (law, leaving)),)


def _notes(units: Sequence[Unit]) -> list[str]:
    """When neurons leave, and how loud the output is then, cell by cell."""
    lines = []
    for name in dict.fromkeys(cell(unit.experiment) for unit in units):
        members = [unit for unit in units if cell(unit.experiment) == name]
        loud = np.median([_seen(unit, "output")[AT_QUIET] for unit in members])
        text = f"{name}: at μ = 1/4 the median of |f| / |y| is {loud:.2g}"
        leaving = [unit for unit in members if _leaves(_exact(unit)) <= LAST]
        if leaving:
            known, mu = (
                np.median([_leaves(angle(unit)) for unit in leaving]) for angle in (_exact, _seen)
            )
            text += (
                f"; {len(leaving)} of {len(members)} data sets are predicted to pass {WITHIN:g}° "
                f"by μ = {LAST:g}, at {known:.2f}, and do at {mu:.2f} (medians)"
            )
        lines.append(text)
    return lines
