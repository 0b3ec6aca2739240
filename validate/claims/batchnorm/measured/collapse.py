"""Collapsed filters of trained networks: effects on a unit, panels and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.batchnorm.collapse import Collapse
from validate.claim import Unit
from validate.decisions.intervals import student
from validate.figure_forms.scaling import panel
from validate.results.records import Table

LEVEL = 0.01  # of the intervals in the table, which decide nothing
CENTRAL = (0.05, 0.95)


@dataclass(frozen=True)
class Arm:
    """One kind of network: with or without shift and weight decay."""

    decay: float
    shift: float

    @property
    def name(self) -> str:
        kind = "post-shifted BN" if self.shift else "BN"
        return f"{kind}, decay {self.decay:g}" if self.decay else f"{kind}, no decay"


def settings(unit: Unit) -> Collapse:
    """The experiment of a unit, known to be one on collapse."""
    if not isinstance(unit.experiment, Collapse):
        raise TypeError(f"{unit.experiment.name} is no experiment on collapse")
    return unit.experiment


def value(unit: Unit, rate: float, decay: float, shifted: bool, key: str = "collapsed") -> float:
    """What was measured on a unit's network with these settings."""
    made = settings(unit)
    arm = next(k for k, shift in enumerate(made.shifts) if bool(shift) == shifted)
    return unit.measurement[key][made.trained.index((rate, decay))][arm]


def growth(unit: Unit, low: float, high: float) -> float:
    """How many more filters collapse with BN at the higher learning rate, as a share.

    With the weight decay of the experiment, the first if it has several.
    """
    decay = settings(unit).trained[0][1]
    return value(unit, high, decay, shifted=False) - value(unit, low, decay, shifted=False)


def prevented(unit: Unit, rate: float, decay: float) -> float:
    """How many fewer filters collapse with post-shifted BN than with BN, as a share."""
    return value(unit, rate, decay, shifted=False) - value(unit, rate, decay, shifted=True)


def gained(unit: Unit, rate: float, decay: float) -> float:
    """How many more test images a network with post-shifted BN recognizes, as a share."""
    shifted, plain = (value(unit, rate, decay, one, "accuracy") for one in (True, False))
    return shifted - plain


def collected(units: Sequence[Unit], key: str) -> dict[Arm, dict[float, list[float]]]:
    """Values of all networks by arm and learning rate, in the order of the rates."""
    found: dict[Arm, dict[float, list[float]]] = {}
    for unit in units:
        made = settings(unit)
        for rate, decay in sorted(made.trained):
            for shift in made.shifts:
                mine = found.setdefault(Arm(decay, shift), {}).setdefault(rate, [])
                mine.append(value(unit, rate, decay, bool(shift), key))
    return dict(sorted(found.items(), key=lambda item: item[0].name))


def ladder_panel(title: str, units: Sequence[Unit], key: str) -> dict[str, Any]:
    """Medians against the learning rate for each arm; bars hold nine networks of ten."""
    points = []
    for arm, by_rate in collected(units, key).items():
        low, middle, high = np.transpose(
            [np.quantile(values, [CENTRAL[0], 0.5, CENTRAL[1]]) for values in by_rate.values()]
        ).tolist()
        points.append({"label": arm.name, "x": list(by_rate), "y": middle, "lo": low, "hi": high})
    return panel(title, ("learning rate", title.lower()), points, [], (True, False))


def table(title: str, units: Sequence[Unit]) -> Table:
    """Means of every arm and rate, and what the shift does to the accuracy, with its interval.

    The interval is Student's of level 99 % over pairs of networks; it decides nothing.
    """
    shares, accuracies = (collected(units, key) for key in ("collapsed", "accuracy"))
    rows = []
    for arm in shares:
        for rate, values in shares[arm].items():
            right = accuracies[arm][rate]
            effect = _effect(accuracies, arm, rate) if arm.shift else ""
            rows.append(
                (
                    arm.name,
                    f"{rate:g}",
                    str(len(values)),
                    f"{np.mean(values):.3f}",
                    f"{np.mean(right):.3f}",
                    effect,
                )
            )
    return Table(
        title=title,
        header=("network", "η", "networks", "collapsed", "accuracy", "effect of the shift"),
        rows=tuple(rows),
    )


def _effect(found: dict[Arm, dict[float, list[float]]], arm: Arm, rate: float) -> str:
    """Mean paired difference of accuracy, shifted minus not."""
    plain = Arm(arm.decay, 0.0)
    pairs = np.subtract(found[arm][rate], found[plain][rate])
    if len(pairs) < 3:
        return f"{pairs.mean():+.3f}"
    mean, sd = np.array([[pairs.mean()]]), np.array([[pairs.std(ddof=1)]])
    low, high = student(mean, sd, len(pairs), LEVEL)
    return f"{pairs.mean():+.3f} [{low[0, 0]:+.3f}, {high[0, 0]:+.3f}]"
