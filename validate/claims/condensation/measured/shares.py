"""Shares of neurons at the orientations and of the dead: predicted, measured and wrong ones.

A division of the neurons of one unit is a tuple: the share at each predicted orientation, in the
order of the theory, then of those that die, then of those that live but are near no orientation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.condensation.experiment import Condensation
from theory.condensation.convergence import orientations_under
from theory.condensation.fates.flow import SHRUNK
from theory.condensation.fates.plane import fates
from theory.condensation.fates.shares import CAPTURED
from theory.condensation.orientations.plane import Orientation
from validate.claim import Outcome, Unit, once_per_unit
from validate.claims.condensation.measured.assumptions import failed
from validate.claims.condensation.measured.data import data_of
from validate.claims.condensation.measured.orientations import leading_form, order, settings
from validate.decisions.intervals import student
from validate.figure_forms.by_unit import equality
from validate.figure_forms.scaling import scaling
from validate.results.records import Figure, Table

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
        pairs = zip(self.by_law, self.basins, strict=True)
        return int(np.argmax([abs(law - basin) for law, basin in pairs]))


@once_per_unit
def fated(unit: Unit) -> Fated:
    """The theory of a unit."""
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
def counted(unit: Unit) -> tuple[int, ...]:
    """How many neurons of a unit are where after training.

    Those that did not finish, where they are many, are at no orientation.
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


def measured(unit: Unit) -> Division:
    """Where the neurons of a unit are after training, as shares.

    Neurons that were not kept have shrunk to a thousandth or do not move: they died. In a wide
    network they are those that grew by less than ten.
    """
    return tuple(number / settings(unit).neurons for number in counted(unit))


def immortal(unit: Unit) -> Division:
    """A wrong division: that of the neurons that live, as if it were that of all."""
    *alive, dead, _ = fated(unit).by_weights
    return (*(share / (1 - dead) for share in alive), 0.0, 0.0)


def largest_difference(first: Division, second: Division) -> float:
    """Largest difference of a share in two divisions."""
    return float(np.abs(np.subtract(first, second)).max())


def figure(outcome: Outcome, on: tuple[Condensation, ...]) -> Figure:
    """Measured against predicted shares: at the orientations, of the dead, by initial weights."""

    def panel(title: str, at: Any, ways: Mapping[str, str], wrong: Any = None) -> dict[str, Any]:
        return equality(
            outcome,
            title,
            ("predicted share", "measured share"),
            dict.fromkeys(ways, on),
            {
                label: lambda unit, way=way: getattr(fated(unit), way)[at]
                for label, way in ways.items()
            },
            lambda unit: measured(unit)[at],
            wrong,
        )

    basins, flips = "basins, without flips", "with flips and deaths"
    none_dies = {"resolution control": np.zeros_like}
    panels = (
        panel("at orientations, by the data", ALIVE, {basins: "basins", flips: "by_law"}),
        panel("dead, by the data", DEAD, {"data sets": "by_law"}, none_dies),
        panel("at orientations, by the weights", ALIVE, {flips: "by_weights"}),
    )
    return scaling(outcome, "Shares of neurons", CAPTION, panels)


def table(units: Sequence[Unit]) -> Table:
    """By activation: the share that dies, predicted and measured, and the largest differences."""
    header = (
        *("activation", "p", "data sets", "die: by the data", "by the weights", "measured"),
        f"measured − by the data ({LEVEL:.0%})",
        "largest difference of a share, by the weights",
    )
    rows = []
    for name in dict.fromkeys(settings(unit).activation for unit in units):
        members = [unit for unit in units if settings(unit).activation == name]
        ways = [(fated(one).by_law, fated(one).by_weights, measured(one)) for one in members]
        law, given, lost = np.array([[way[DEAD] for way in one] for one in ways]).T
        off = lost - law
        mean, sd = off.mean(keepdims=True), off.std(ddof=1, keepdims=True)
        low, high = (float(end[0]) for end in student(mean, sd, len(off), 1 - LEVEL))
        rows.append(
            (
                name,
                str(order(members[0])),
                str(len(members)),
                *(f"{value:.1%}" for value in (law.mean(), given.mean(), lost.mean())),
                f"{low:+.1%} to {high:+.1%}",
                f"{max(_missed(unit) for unit in members):.3f}",
            )
        )
    return Table(title="Neurons that die, by activation", header=header, rows=tuple(rows))


def _missed(unit: Unit) -> float:
    """Largest difference of a share from that predicted by the initial weights."""
    return largest_difference(measured(unit), fated(unit).by_weights)


def note(units: Sequence[Unit]) -> str:
    """How many neurons of all end elsewhere than their initial weights say, at least."""
    neurons = sum(settings(unit).neurons for unit in units)
    moved = sum(
        settings(unit).neurons * np.abs(np.subtract(measured(unit), fated(unit).by_weights)).sum()
        for unit in units
    )
    exact = sum(_missed(unit) < 1e-9 for unit in units)
    return (
        f"Of {neurons} neurons about {moved / 2:.0f} ended in another place than predicted from "
        f"their initial weights (half the sum of the differences in number); on {exact} of "
        f"{len(units)} data sets all numbers are exactly those predicted."
    )
