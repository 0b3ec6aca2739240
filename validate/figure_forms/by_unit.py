"""Panels of figures of kind ``scaling`` from what is measured on the units of experiments.

Groups are experiments by label; their units are found, those trained for controls too, and groups
without any are left out. Laws are functions of arrays of x, drawn as lines (several of one name
where they give several rows): right ones by name, and wrong ones, of resolution controls.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.experiment import Experiment
from validate.claim import Outcome, Role, Unit, units_of
from validate.figure_forms.scaling import dots, line, panel, spread

Groups = Mapping[str, Experiment | Sequence[Experiment]]
Laws = Mapping[str, Callable[[Any], ArrayLike]]
Labels = tuple[str, str]  # of the axes
Numbers = Callable[[Unit], ArrayLike]  # one of a unit, or several
Drawn = Callable[[str, np.ndarray, Sequence[Any]], dict[str, Any]]


def equality(
    outcome: Outcome,
    title: str,
    labels: Labels,
    groups: Groups,
    predicted: Numbers | Mapping[str, Numbers],
    measured: Numbers,
    wrong: Laws | None = None,
    log: tuple[bool, bool] = (False, False),
) -> dict[str, Any]:
    """Measured against predicted: a dot for each number, and the line on which both are equal.

    Where groups are the same units predicted in several ways, ``predicted`` has those by label.
    """
    by_label = predicted if isinstance(predicted, Mapping) else dict.fromkeys(groups, predicted)
    points = [
        dots(label, _numbers(by_label[label], units), _numbers(measured, units))
        for label, units in _found(outcome, groups).items()
    ]
    laws = {Role.CLAIM: {"prediction": lambda x: x}, Role.RESOLUTION: wrong or {}}
    return panel(title, labels, points, _lines(laws, _ends(points)), log)


def along(
    outcome: Outcome,
    title: str,
    labels: Labels,
    groups: Groups,
    x: Numbers,
    measured: Numbers | Mapping[str, Numbers],
    laws: Laws,
    wrong: Laws | None = None,
    log: tuple[bool, bool] = (True, True),
    over: ArrayLike | None = None,
    drawn: Drawn = spread,
    positive: Laws | None = None,
) -> dict[str, Any]:
    """What units show along a setting, by default medians with bars for nine of ten, and laws.

    Args:
        outcome: whose units are drawn.
        title: of the panel.
        labels: of its axes.
        groups: experiments by label.
        x: where a unit was measured, a number or an array.
        measured: what was measured on it there, of the same shape; by label where groups are the
            same units measured in several ways.
        laws: right ones by name.
        wrong: wrong ones by name.
        log: whether the axes are logarithmic.
        over: where lines are drawn, by default where something was measured.
        drawn: points from a label, x and the values at each: `spread`, or `means` of them.
        positive: laws of positive controls by name.
    """
    by_label = measured if isinstance(measured, Mapping) else dict.fromkeys(groups, measured)
    points = [
        _points(drawn, label, units, x, by_label[label])
        for label, units in _found(outcome, groups).items()
    ]
    at = sorted({value for one in points for value in one["x"]}) if over is None else over
    named = {Role.CLAIM: laws, Role.RESOLUTION: wrong or {}, Role.POSITIVE: positive or {}}
    return panel(title, labels, points, _lines(named, np.asarray(at)), log)


def _found(outcome: Outcome, groups: Groups) -> dict[str, list[Unit]]:
    every = (*outcome.units, *outcome.of_controls)
    found = {
        label: units_of(every, *([made] if isinstance(made, Experiment) else made))
        for label, made in groups.items()
    }
    return {label: units for label, units in found.items() if units}


def _numbers(of: Numbers, units: Sequence[Unit]) -> np.ndarray:
    return np.concatenate([np.ravel(of(unit)).astype(float) for unit in units])


def _points(
    drawn: Drawn, label: str, units: Sequence[Unit], x: Numbers, measured: Numbers
) -> dict[str, Any]:
    at: dict[float, list[float]] = defaultdict(list)
    for unit in units:
        for one, value in zip(np.atleast_1d(x(unit)), np.atleast_1d(measured(unit)), strict=True):
            at[float(one)].append(float(value))
    return drawn(label, np.array(sorted(at)), [at[one] for one in sorted(at)])


def _ends(points: Sequence[Mapping[str, Any]]) -> np.ndarray:
    x = [value for one in points for value in one["x"]]
    return np.array([min(x), max(x)])


def _lines(laws: Mapping[Role, Laws], x: np.ndarray) -> list[dict[str, Any]]:
    return [
        line(name, x, y, role)
        for role, named in laws.items()
        for name, law in named.items()
        for y in np.atleast_2d(np.asarray(law(x), dtype=float))
    ]
