"""Collapsed filters of trained networks: an effect on a unit, a panel and a table."""

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


def effect(unit: Unit, rate: float, decay: float, key: str) -> float:
    """How much more there is of something with post-shifted BN than with BN."""
    plain, shifted = unit.measurement[key][settings_of(unit, Collapse).trained.index((rate, decay))]
    return shifted - plain


def by_arm(made: Collapse, units: Sequence[Unit], key: str) -> dict[str, dict[float, list[float]]]:
    """Values of all networks by shift and weight decay, and by learning rate."""
    return {
        f"{SHIFTED * bool(shift)}BN, {f'decay {decay:g}' if decay else 'no decay'}": {
            rate: [unit.measurement[key][made.trained.index((rate, decay))][k] for unit in units]
            for rate, other in sorted(made.trained)
            if other == decay
        }
        for k, shift in enumerate(made.shifts)
        for decay in sorted({decay for _, decay in made.trained}, reverse=True)
    }


def ladder_panel(
    title: str, what: str, made: Collapse, units: Sequence[Unit], key: str
) -> dict[str, Any]:
    """Medians against the learning rate for each arm; bars hold nine networks of ten."""
    arms = by_arm(made, units, key) if units else {}
    points = [spread(name, np.array([*arm]), [*arm.values()]) for name, arm in arms.items()]
    return panel(title, ("learning rate", what), points, [], (True, False))


def table(title: str, made: Collapse, units: Sequence[Unit]) -> Table:
    """Means of every arm and rate, and what the shift does to the accuracy, with its interval.

    The interval is Student's of level 99 % over pairs of networks; it decides nothing.
    """
    shares, accuracies = (by_arm(made, units, key) for key in ("collapsed", "accuracy"))

    def told(name: str, rate: float) -> str:
        """Mean paired difference of accuracy, shifted minus not."""
        if not name.startswith(SHIFTED):
            return ""
        pairs = np.subtract(accuracies[name][rate], accuracies[name.removeprefix(SHIFTED)][rate])
        if len(pairs) < 3:
            return f"{pairs.mean():+.3f}"
        return "{:+.3f} [{:+.3f}, {:+.3f}]".format(*mean_within(pairs.tolist(), LEVEL))

    rows = [
        (
            name,
            f"{rate:g}",
            str(len(units)),
            f"{np.mean(values):.3f}",
            f"{np.mean(accuracies[name][rate]):.3f}",
            told(name, rate),
        )
        for name, by_rate in shares.items()
        for rate, values in by_rate.items()
        if units
    ]
    header = ("network", "η", "networks", "collapsed", "accuracy", "effect of the shift")
    return Table(title=title, header=header, rows=tuple(rows))
