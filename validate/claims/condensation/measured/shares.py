"""Shares of neurons at the orientations and of the dead: predicted, measured and wrong ones.

A division of the neurons of one unit is a tuple: the share at each predicted orientation, in the
order of the theory, then of those that die, then of those that live but are near no orientation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from theory.condensation.convergence import orientations_under
from theory.condensation.fates.flow import SHRUNK
from theory.condensation.fates.plane import fates
from theory.condensation.fates.shares import CAPTURED
from theory.condensation.orientations.plane import Orientation
from validate.claim import Role, Unit, once_per_unit
from validate.claims.condensation.measured.assumptions import failed
from validate.claims.condensation.measured.data import data_of
from validate.claims.condensation.measured.orientations import leading_form, order, settings
from validate.decisions.intervals import student
from validate.figure_forms.scaling import dots, line, panel
from validate.results.records import Table

LEVEL = 0.95  # of the intervals in the table
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
    form = leading_form(unit)
    found = orientations_under(form, experiment.protocol(data))
    ways = fates(form, found)
    # networks of one neuron end where it has shrunk; in a wide one it may grow again
    shrunk = 0.0 if experiment.wide else SHRUNK
    # too many to be carried by the measurement; asked for here alone
    weights = experiment.initial_weights(unit.seed, unit.replicate, data.augmented.shape[1])
    w, a = weights[:, :-1], weights[:, -1]
    law, dead = ways.shares(shrunk)
    given, lost = ways.of_starts(
        np.arctan2(w[:, 1], w[:, 0]), a / np.linalg.norm(w, axis=1), shrunk
    )
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
    return float(np.max(np.abs(np.array(first) - np.array(second))))


def panels(units: Sequence[Unit]) -> list[dict[str, Any]]:
    """Measured against predicted shares: at the orientations, of the dead, by initial weights."""
    at = np.array([v for unit in units for v in measured(unit)[:-2]])
    dead = np.array([measured(unit)[-2] for unit in units])

    def alive(pick: Callable[[Fated], Division]) -> Float[np.ndarray, " points"]:
        return np.array([v for unit in units for v in pick(fated(unit))[:-2]])

    law, given = alive(lambda one: one.by_law), alive(lambda one: one.by_weights)
    wrong = alive(lambda one: one.basins)
    mortal = np.array([fated(unit).by_law[-2] for unit in units])
    basins = dots("basins, without flips", wrong, at)
    by_law, by_weights = (dots("with flips and deaths", x, at) for x in (law, given))
    return [
        _panel("at orientations, by the data", [basins, by_law]),
        _panel("dead, by the data", [dots("data sets", mortal, dead)], control=True),
        _panel("at orientations, by the weights", [by_weights]),
    ]


def _panel(title: str, points: list[dict[str, Any]], control: bool = False) -> dict[str, Any]:
    top = max(max(group["x"]) for group in points)
    ends = np.array([0.0, top])
    lines = [line("prediction", ends, ends)]
    if control:
        lines.append(line("resolution control", np.zeros(2), ends, Role.RESOLUTION))
    return panel(title, ("predicted share", "measured share"), points, lines, (False, False))


def table(units: Sequence[Unit], label: Callable[[Unit], str]) -> Table:
    """By activation: the share that dies, predicted and measured, and the largest differences."""
    rows = []
    for name in dict.fromkeys(label(unit) for unit in units):
        members = [unit for unit in units if label(unit) == name]
        lost = np.array([measured(unit)[-2] for unit in members])
        law, given = (
            np.array([pick(fated(unit)) for unit in members])
            for pick in (lambda one: one.by_law[-2], lambda one: one.by_weights[-2])
        )
        off = lost - law
        mean, sd = off.mean(keepdims=True), off.std(ddof=1, keepdims=True)
        low, high = (float(end[0]) for end in student(mean, sd, len(off), 1 - LEVEL))
        worst = [largest_difference(measured(u), fated(u).by_weights) for u in members]
        rows.append(
            (
                name,
                str(order(members[0])),
                str(len(members)),
                *(f"{value:.1%}" for value in (law.mean(), given.mean(), lost.mean())),
                f"{low:+.1%} to {high:+.1%}",
                f"{max(worst):.3f}",
            )
        )
    header = (
        *("activation", "p", "data sets", "die: by the data", "by the weights", "measured"),
        f"measured − by the data ({LEVEL:.0%})",
        "largest difference of a share, by the weights",
    )
    return Table(title="Neurons that die, by activation", header=header, rows=tuple(rows))


def note(units: Sequence[Unit]) -> str:
    """How many neurons of all end elsewhere than their initial weights say, at least."""
    neurons = sum(settings(unit).neurons for unit in units)
    moved = sum(
        settings(unit).neurons
        * float(np.abs(np.array(measured(unit)) - np.array(fated(unit).by_weights)).sum())
        for unit in units
    )
    exact = sum(largest_difference(measured(u), fated(u).by_weights) < 1e-9 for u in units)
    return (
        f"Of {neurons} neurons about {moved / 2:.0f} ended in another place than predicted from "
        f"their initial weights (half the sum of the differences in number); on {exact} of "
        f"{len(units)} data sets all numbers are exactly those predicted."
    )
