"""The claim on how many neurons end at each orientation, and how many die.

A division of the neurons of one unit is a tuple: the share at each predicted orientation, in the
order of the theory, then of those that die, then of those that live but are near no orientation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sim.condensation.data_sources import DataName
from sim.condensation.experiment import Condensation
from theory.condensation.convergence import orientations_under
from theory.condensation.fates import laws
from theory.condensation.fates.flow import SHRUNK
from theory.condensation.fates.plane import fates
from theory.condensation.fates.shares import CAPTURED
from theory.condensation.orientations.plane import Orientation
from validate.claim import Body, Decision, Outcome, Unit, once_per_unit
from validate.claims.condensation.measured import grids
from validate.claims.condensation.measured.assumptions import body, failed
from validate.claims.condensation.measured.cells import cells_of, data_of
from validate.claims.condensation.measured.grids import by_descent, shuffled
from validate.claims.condensation.measured.orientations import leading_form, order, settings
from validate.decisions.intervals import mean_within
from validate.figure_forms.by_unit import equality
from validate.figure_forms.made import table
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure, Table

ACTIVATIONS = (
    *("relu(x)", "leaky_relu(x)", "abs(x)", "tanh(x)"),
    *("x*tanh(x)", "1-cos(x)", "x**2*tanh(x)", "x**3*tanh(x)"),
)
LOOKS = (3, 4, 5, 6)  # those of the claim on orientations, whose runs are used
WRONG = 6  # units a round of each experiment that is wrong on purpose
LABELS: DataName = "random-labels"
LEVEL = 0.95  # of the intervals in the table
ALIVE, DEAD = slice(None, -2), -2  # places in a division
CAPTION = (
    "Measured against predicted shares on every data set; lines are equality. Left: at each "
    "orientation, predicted from the data, with flips of the output sign and deaths, and by basins "
    "alone. Middle: neurons that die; the control is that none does. Left and middle scatter "
    "because 100 to 400 neurons are counted. Right: predicted from each neuron's own initial "
    "weights."
)
Division = tuple[float, ...]


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
    readings=Reading(
        "The initial weights decide where a neuron ends, the data how many end where and how "
        "many die."
    ),
)
def shares() -> Body:
    # the runs of the claim on orientations under gradient descent, of some activations
    every = grids.grid_of(by_descent, (*grids.GD_CELLS, *grids.KINKED_CELLS))
    grid = tuple(one for one in every if one.activation in ACTIVATIONS)
    return body(
        _decisions(grid),
        laws.fate_steps,
        lambda outcome: (_figure(outcome, grid),),
        cells_of(grid),
        notes=lambda units: (_note(units),),
        tables=lambda units: (_table(units),),
    )


def _decisions(grid: tuple[Condensation, ...]) -> tuple[Decision, ...]:
    decide = partial(Decision, experiments=grid, looks=LOOKS)
    by_weights = decide(
        "all shares, from the initial weights",
        laws.fates_prediction(),
        lambda unit: fated(unit).by_weights,
        _measured,
        mutants={"no neuron dies": _immortal},
    )
    by_law = decide(
        "all shares, from the data",
        laws.law_prediction(),
        lambda unit: fated(unit).by_law,
        _counted,
    )
    on_average = decide(
        "on average: the share that flips change most, from the data",
        laws.mean_prediction(),
        lambda unit: fated(unit).by_law[fated(unit).moved],
        lambda unit: _measured(unit)[fated(unit).moved],
        looks=(3, 6),  # a t interval needs more units, the fewer the fewer looks there are
    )
    # other initial weights, which the law from the data would not mind
    right = (
        by_descent("relu(x)", "gaussian-coefficients", WRONG),
        by_descent(grids.SQUARE, LABELS, WRONG),
    )
    redrawn = (grids.instead(one, WRONG, redrawn=True) for one in right)
    others = (shuffled(by_descent(one, LABELS, WRONG), WRONG) for one in grids.COMMON)
    return (
        *(by_weights, by_law, on_average),
        by_weights.wrong_where_apart(
            "basins, without flips", lambda unit: fated(unit).basins, _largest_difference
        ),
        by_weights.wrong_where_apart("no neuron dies", _immortal, _largest_difference),
        by_weights.wrong_experiment(
            "trained from other initial weights", *redrawn, looks=LOOKS[:1]
        ),
        by_law.wrong_experiment("labels shuffled before training", *others, looks=LOOKS[:1]),
    )


@dataclass(frozen=True)
class Fated:
    """What the theory says of one unit before training.

    Attributes:
        orientations: those predicted.
        by_law: the division that the data give, for Gaussian weights.
        by_weights: the one that the data and the unit's own initial weights give.
    """

    orientations: tuple[Orientation, ...]
    by_law: Division
    by_weights: Division

    @property
    def basins(self) -> Division:
        """A wrong division: by basins of directions alone, as if no output weight changed sign."""
        shares = [one.share for one in self.orientations]
        return (*shares, max(0.0, 1 - sum(shares)), 0.0)

    @property
    def moved(self) -> int:
        """The place where flips change the share most: an orientation, or death."""
        return int(np.argmax(np.abs(np.subtract(self.by_law, self.basins))))


@once_per_unit
def fated(unit: Unit) -> Fated:
    experiment, data = settings(unit), data_of(unit)
    found = orientations_under(leading_form(unit), experiment.protocol(data))
    ways = fates(leading_form(unit), found)
    # networks of one neuron end where it has shrunk; in a wide one it may grow again
    shrunk = 0.0 if experiment.wide else SHRUNK
    # too many to be carried by the measurement; asked for here alone
    weights = experiment.initial_weights(unit.seed, unit.replicate, data.augmented.shape[1])
    w, a = weights[:, :-1], weights[:, -1]
    law, dead = ways.shares(shrunk)
    angles, sizes = np.arctan2(w[:, 1], w[:, 0]), np.linalg.norm(w, axis=1)
    given, lost = ways.of_starts(angles, a / sizes, shrunk)
    return Fated(found, (*law, dead, 0.0), (*given, lost, 0.0))


@once_per_unit
def _counted(unit: Unit) -> tuple[int, ...]:
    """How many neurons of a unit are where after training.

    Neurons that were not kept have shrunk to a thousandth or do not move: they died. In a wide
    network they are those that grew by less than ten. Those that did not finish, where they are
    many, are at no orientation.
    """
    found, neurons = fated(unit).orientations, settings(unit).neurons
    kept = np.array(unit.measurement["directions"]).reshape(-1, 2)
    signs = np.array(unit.measurement["signs"], dtype=int)
    cosines = kept @ np.array([one.direction for one in found]).T
    cosines[signs[:, None] != np.array([one.sign for one in found])] = -1.0
    close = cosines.max(axis=1) > np.cos(np.radians(CAPTURED))
    counts = np.bincount(cosines.argmax(axis=1)[close], minlength=len(found))
    lost = round(unit.measurement["unfinished"] * neurons) if failed(unit) else 0
    return (*counts.tolist(), neurons - len(kept) - lost, len(kept) - int(close.sum()) + lost)


def _measured(unit: Unit) -> Division:
    """Where the neurons of a unit are after training, as shares."""
    return tuple(number / settings(unit).neurons for number in _counted(unit))


def _immortal(unit: Unit) -> Division:
    """A wrong division: that of the neurons that live, as if it were that of all."""
    *alive, dead, _ = fated(unit).by_weights
    return (*(share / (1 - dead) for share in alive), 0.0, 0.0)


def _largest_difference(first: Division, second: Division) -> float:
    """Largest difference of a share in two divisions."""
    return float(np.abs(np.subtract(first, second)).max())


def _missed(unit: Unit) -> float:
    """Largest difference of a share from that predicted by the initial weights."""
    return _largest_difference(_measured(unit), fated(unit).by_weights)


def _figure(outcome: Outcome, on: tuple[Condensation, ...]) -> Figure:
    """Measured against predicted shares: at the orientations, of the dead, by initial weights."""

    def panel(title: str, at: Any, ways: Mapping[str, str], wrong: Any = None) -> dict[str, Any]:
        predicted = {
            label: lambda unit, way=way: getattr(fated(unit), way)[at]
            for label, way in ways.items()
        }
        axes, groups = ("predicted share", "measured share"), dict.fromkeys(ways, on)
        return equality(
            outcome, title, axes, groups, predicted, lambda unit: _measured(unit)[at], wrong
        )

    basins, flips = "basins, without flips", "with flips and deaths"
    none_dies = {"resolution control": np.zeros_like}
    panels = (
        panel("at orientations, by the data", ALIVE, {basins: "basins", flips: "by_law"}),
        panel("dead, by the data", DEAD, {"data sets": "by_law"}, none_dies),
        panel("at orientations, by the weights", ALIVE, {flips: "by_weights"}),
    )
    return scaling(outcome, "Shares of neurons", CAPTION, panels)


def _table(units: Sequence[Unit]) -> Table:
    """By activation: the share that dies, predicted and measured, and the largest differences."""

    def row(name: str) -> dict[str, str]:
        members = [unit for unit in units if settings(unit).activation == name]
        ways = [(fated(one).by_law, fated(one).by_weights, _measured(one)) for one in members]
        law, given, lost = np.array([[way[DEAD] for way in one] for one in ways]).T
        _, low, high = mean_within(lost - law, 1 - LEVEL)
        return {
            "activation": name,
            "p": str(order(members[0])),
            "data sets": str(len(members)),
            "die: by the data": f"{law.mean():.1%}",
            "by the weights": f"{given.mean():.1%}",
            "measured": f"{lost.mean():.1%}",
            f"measured − by the data ({LEVEL:.0%})": f"{low:+.1%} to {high:+.1%}",
            "largest difference of a share, by the weights": f"{max(map(_missed, members)):.3f}",
        }

    names = dict.fromkeys(settings(unit).activation for unit in units)
    return table("Neurons that die, by activation", map(row, names))


def _note(units: Sequence[Unit]) -> str:
    """How many neurons of all end elsewhere than their initial weights say, at least."""
    neurons = sum(settings(unit).neurons for unit in units)
    moved = sum(
        settings(unit).neurons * np.abs(np.subtract(_measured(unit), fated(unit).by_weights)).sum()
        for unit in units
    )
    exact = sum(_missed(unit) < 1e-9 for unit in units)
    return (
        f"Of {neurons} neurons about {moved / 2:.0f} ended in another place than predicted from "
        f"their initial weights (half the sum of the differences in number); on {exact} of "
        f"{len(units)} data sets all numbers are exactly those predicted."
    )
