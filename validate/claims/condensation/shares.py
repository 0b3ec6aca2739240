"""The claim on how many neurons end at each orientation, and how many die."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from sim.condensation.data_sources import DataName
from sim.condensation.experiment import Condensation
from theory.condensation.fates.laws import (
    fate_steps,
    fates_prediction,
    law_prediction,
    mean_prediction,
)
from theory.condensation.laws import REFERENCE, dynamics_steps
from validate.claim import Body, Decision, Outcome, Role, Unit, experiment_control
from validate.claims.condensation.measured import shares as measured_shares
from validate.claims.condensation.measured.assumptions import regime
from validate.claims.condensation.measured.cells import cells_of
from validate.claims.condensation.measured.grids import GD_CELLS, KINKED_CELLS, by_descent, grid_of
from validate.claims.condensation.measured.instead import COMMON, instead, shuffled
from validate.claims.condensation.measured.orientations import settings
from validate.claims.condensation.measured.shares import (
    Division,
    counted,
    fated,
    immortal,
    largest_difference,
    measured,
)
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

ACTIVATIONS = (
    *("relu(x)", "leaky_relu(x)", "abs(x)", "tanh(x)"),
    *("x*tanh(x)", "1-cos(x)", "x**2*tanh(x)", "x**3*tanh(x)"),
)
LOOKS = (3, 4, 5, 6)  # those of the claim on orientations, whose runs are used
WRONG = 6  # units a round of each experiment that is wrong on purpose
LABELS: DataName = "random-labels"
MEAN_LOOKS = (3, 6)  # a t interval needs more units, the fewer the fewer looks there are


def _grid() -> tuple[Condensation, ...]:
    """The runs of the claim on orientations under gradient descent, of some activations."""

    grid = grid_of(by_descent, (*GD_CELLS, *KINKED_CELLS))
    return tuple(one for one in grid if one.activation in ACTIVATIONS)


def _decisions(grid: tuple[Condensation, ...]) -> tuple[Decision, ...]:

    common: dict[str, Any] = {"experiments": grid, "looks": LOOKS}
    by_weights = Decision(
        name="all shares, from the initial weights",
        prediction=fates_prediction(),
        predict=lambda unit: fated(unit).by_weights,
        observe=measured,
        mutants={"no neuron dies": immortal},
        **common,
    )
    by_law = Decision(
        name="all shares, from the data",
        prediction=law_prediction(),
        predict=lambda unit: fated(unit).by_law,
        observe=counted,
        **common,
    )
    on_average = Decision(
        name="on average: the share that flips change most, from the data",
        prediction=mean_prediction(),
        predict=lambda unit: fated(unit).by_law[fated(unit).moved],
        observe=lambda unit: measured(unit)[fated(unit).moved],
        experiments=grid,
        looks=MEAN_LOOKS,
    )
    return (
        by_weights,
        by_law,
        on_average,
        _control(by_weights, "basins, without flips", lambda unit: fated(unit).basins),
        _control(by_weights, "no neuron dies", immortal),
        *_wrong_experiments(by_weights, by_law),
    )


def _wrong_experiments(by_weights: Decision, by_law: Decision) -> tuple[Decision, Decision]:
    """Other initial weights, which the law from the data would not mind, and shuffled labels."""

    right = (
        by_descent("relu(x)", "gaussian-coefficients", WRONG),
        by_descent("x*tanh(x)", LABELS, WRONG),
    )
    redrawn = tuple(instead(one, WRONG, redrawn=True) for one in right)
    # those of the claim on orientations
    others = tuple(shuffled(by_descent(activation, LABELS, WRONG), WRONG) for activation in COMMON)
    return (
        experiment_control(by_weights, "trained from other initial weights", redrawn, LOOKS[:1]),
        experiment_control(by_law, "labels shuffled before training", others, LOOKS[:1]),
    )


def _control(main: Decision, name: str, wrong: Callable[[Unit], Division]) -> Decision:
    """A wrong division, judged where it differs by more than two margins."""

    distance = 2 * main.prediction.margin

    def told_apart(unit: Unit) -> bool:
        return largest_difference(main.predict(unit), wrong(unit)) > distance

    return dataclasses.replace(
        main, name=name, predict=wrong, role=Role.RESOLUTION, judged=told_apart, distance=distance,
        mutants={},
    )  # fmt: skip


@claim(
    "condensation.shares",
    title="How many neurons end where, how many die",
    source="our derivation, on the setting of arXiv:2105.11686, Figs. 5 and 6",
    statement="Under gradient descent from small weights the initial weights decide where a neuron "
    "ends: it climbs sign(a)·H on its arc of the circle; where sign(a)·H is negative it shrinks, "
    "and its output weight changes sign on the way if p s² < 1 − exp(−2D), s = a/|w| and D the "
    "integral of p |H/H'|; then it ends at the other end of its arc. It dies where it finds no "
    "positive sign(a)·H, or no gradient at all. So the data alone give the share of the neurons at "
    "each orientation and the share that dies.",
    place=7,
    shares=64,
    readings=(
        Reading(
            "The initial weights decide where a neuron ends, the data how many end where and how "
            "many die.",
        ),
    ),
)
def shares() -> Body:

    grid = _grid()
    decisions = _decisions(grid)

    def figures(outcome: Outcome) -> Sequence[Figure]:
        caption = (
            "Measured against predicted shares on every data set; lines are equality. Left: at "
            "each orientation, predicted from the data, with flips of the output sign and deaths, "
            "and by basins alone. Middle: neurons that die; the control is that none does. Left "
            "and middle scatter because 100 to 400 neurons are counted. Right: predicted from each "
            "neuron's own initial weights."
        )
        panels = measured_shares.panels(outcome.units)
        return (scaling(outcome, "Shares of neurons", caption, panels, outcome.units),)

    return Body(
        grid=tuple(dict.fromkeys(e for decision in decisions for e in decision.experiments)),
        decisions=decisions,
        derivation=lambda: (*dynamics_steps(), *fate_steps()),
        regime=regime(),
        cells=cells_of(grid),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: (measured_shares.note(units),),
        tables=lambda units: (
            measured_shares.table(units, lambda unit: settings(unit).activation),
        ),
    )
