"""The claim on how many neurons end at each orientation, and how many die."""

from sim.condensation.data_sources import DataName
from sim.condensation.experiment import Condensation
from theory.condensation.fates.laws import (
    fate_steps,
    fates_prediction,
    law_prediction,
    mean_prediction,
)
from theory.condensation.laws import REFERENCE, dynamics_steps
from validate.claim import Body, Decision
from validate.claims.condensation.measured.assumptions import regime
from validate.claims.condensation.measured.cells import cells_of
from validate.claims.condensation.measured.grids import GD_CELLS, KINKED_CELLS, by_descent, grid_of
from validate.claims.condensation.measured.instead import COMMON, instead, shuffled
from validate.claims.condensation.measured.shares import (
    counted,
    fated,
    figure,
    immortal,
    largest_difference,
    measured,
    note,
    table,
)
from validate.registry import Reading, claim

ACTIVATIONS = (
    *("relu(x)", "leaky_relu(x)", "abs(x)", "tanh(x)"),
    *("x*tanh(x)", "1-cos(x)", "x**2*tanh(x)", "x**3*tanh(x)"),
)
LOOKS = (3, 4, 5, 6)  # those of the claim on orientations, whose runs are used
WRONG = 6  # units a round of each experiment that is wrong on purpose
LABELS: DataName = "random-labels"
MEAN_LOOKS = (3, 6)  # a t interval needs more units, the fewer the fewer looks there are


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
    # the runs of the claim on orientations under gradient descent, of some activations
    every = grid_of(by_descent, (*GD_CELLS, *KINKED_CELLS))
    grid = tuple(one for one in every if one.activation in ACTIVATIONS)
    return Body(
        decisions=_decisions(grid),
        derivation=lambda: (*dynamics_steps(), *fate_steps()),
        regime=regime(),
        cells=cells_of(grid),
        figures=lambda outcome: (figure(outcome, grid),),
        references=(REFERENCE,),
        notes=lambda units: (note(units),),
        tables=lambda units: (table(units),),
    )


def _decisions(grid: tuple[Condensation, ...]) -> tuple[Decision, ...]:
    by_weights = Decision(
        name="all shares, from the initial weights",
        prediction=fates_prediction(),
        predict=lambda unit: fated(unit).by_weights,
        observe=measured,
        experiments=grid,
        looks=LOOKS,
        mutants={"no neuron dies": immortal},
    )
    by_law = Decision(
        name="all shares, from the data",
        prediction=law_prediction(),
        predict=lambda unit: fated(unit).by_law,
        observe=counted,
        experiments=grid,
        looks=LOOKS,
    )
    on_average = Decision(
        name="on average: the share that flips change most, from the data",
        prediction=mean_prediction(),
        predict=lambda unit: fated(unit).by_law[fated(unit).moved],
        observe=lambda unit: measured(unit)[fated(unit).moved],
        experiments=grid,
        looks=MEAN_LOOKS,
    )
    # other initial weights, which the law from the data would not mind
    right = (
        by_descent("relu(x)", "gaussian-coefficients", WRONG),
        by_descent("x*tanh(x)", LABELS, WRONG),
    )
    redrawn = (instead(one, WRONG, redrawn=True) for one in right)
    others = (shuffled(by_descent(activation, LABELS, WRONG), WRONG) for activation in COMMON)
    return (
        *(by_weights, by_law, on_average),
        by_weights.wrong_where_apart(
            "basins, without flips", lambda unit: fated(unit).basins, largest_difference
        ),
        by_weights.wrong_where_apart("no neuron dies", immortal, largest_difference),
        by_weights.wrong_experiment(
            "trained from other initial weights", *redrawn, looks=LOOKS[:1]
        ),
        by_law.wrong_experiment("labels shuffled before training", *others, looks=LOOKS[:1]),
    )
