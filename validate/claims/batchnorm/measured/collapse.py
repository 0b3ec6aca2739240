"""Collapsed filters of trained networks: effects on a unit, panels and tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.batchnorm.collapse import Collapse
from validate.claim import Unit, settings_of
from validate.decisions.intervals import mean_within
from validate.figure_forms.scaling import panel, spread
from validate.results.records import Table

LEVEL = 0.01  # of the intervals in the table, which decide nothing
SHIFTED = "post-shifted "


def arm(decay: float, shift: float) -> str:
    """One kind of network: with or without shift and weight decay."""
    name = f"{SHIFTED}BN" if shift else "BN"
    return f"{name}, decay {decay:g}" if decay else f"{name}, no decay"


def value(unit: Unit, rate: float, decay: float, shift: float, key: str = "collapsed") -> float:
    """What was measured on a unit's network with these settings."""
    made = settings_of(unit, Collapse)
    return unit.measurement[key][made.trained.index((rate, decay))][made.shifts.index(shift)]


def growth(unit: Unit, low: float, high: float) -> float:
    """How many more filters collapse with BN at the higher learning rate, as a share.

    With the weight decay of the experiment, the first if it has several.
    """
    decay = settings_of(unit, Collapse).trained[0][1]
    return value(unit, high, decay, 0.0) - value(unit, low, decay, 0.0)


def effect(unit: Unit, rate: float, decay: float, key: str) -> float:
    """How much more there is of something with post-shifted BN than with BN."""
    plain, shift = settings_of(unit, Collapse).shifts
    return value(unit, rate, decay, shift, key) - value(unit, rate, decay, plain, key)


def collected(units: Sequence[Unit], key: str) -> dict[str, dict[float, list[float]]]:
    """Values of all networks by arm and learning rate, in the order of the rates."""
    found: dict[str, dict[float, list[float]]] = {}
    for unit in units:
        made = settings_of(unit, Collapse)
        for rate, decay in sorted(made.trained):
            for shift in made.shifts:
                mine = found.setdefault(arm(decay, shift), {}).setdefault(rate, [])
                mine.append(value(unit, rate, decay, shift, key))
    return dict(sorted(found.items()))


def ladder_panel(title: str, what: str, units: Sequence[Unit], key: str) -> dict[str, Any]:
    """Medians against the learning rate for each arm; bars hold nine networks of ten."""
    points = [
        spread(name, np.array(list(by_rate)), list(by_rate.values()))
        for name, by_rate in collected(units, key).items()
    ]
    return panel(title, ("learning rate", what), points, [], (True, False))


def table(title: str, units: Sequence[Unit]) -> Table:
    """Means of every arm and rate, and what the shift does to the accuracy, with its interval.

    The interval is Student's of level 99 % over pairs of networks; it decides nothing.
    """
    shares, accuracies = (collected(units, key) for key in ("collapsed", "accuracy"))
    rows = [
        (
            name,
            f"{rate:g}",
            str(len(values)),
            f"{np.mean(values):.3f}",
            f"{np.mean(accuracies[name][rate]):.3f}",
            _effect(accuracies, name, rate),
        )
        for name, by_rate in shares.items()
        for rate, values in by_rate.items()
    ]
    return Table(
        title=title,
        header=("network", "η", "networks", "collapsed", "accuracy", "effect of the shift"),
        rows=tuple(rows),
    )


def _effect(found: dict[str, dict[float, list[float]]], name: str, rate: float) -> str:
    """Mean paired difference of accuracy, shifted minus not."""
    if not name.startswith(SHIFTED):
        return ""
    pairs = np.subtract(found[name][rate], found[name.removeprefix(SHIFTED)][rate])
    if len(pairs) < 3:
        return f"{pairs.mean():+.3f}"
    return "{:+.3f} [{:+.3f}, {:+.3f}]".format(*mean_within(pairs.tolist(), LEVEL))
