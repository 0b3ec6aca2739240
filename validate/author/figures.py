"""The figure of a check where its author draws none: what is measured against the law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from validate.author import kinds
from validate.author.bodies import Check
from validate.author.simulations.series import Series
from validate.claim import Outcome, Role, Unit
from validate.decisions.intervals import mean_within
from validate.decisions.kinds.exponent import slopes
from validate.figure_forms.intervals import intervals
from validate.figure_forms.scaling import LEVEL, dots, line, medians, panel, scaling
from validate.results.records import Figure

BARS = "Medians of the replicates; bars hold nine of ten."
OF_SLOPES = "Lines have the predicted slope; the measured one stands with its interval of 99 %. "
EQUAL = 1e-9  # relative: laws of settings that differ by less are one
WIDER = 0.1  # of the range: how far lines go beyond it


def figures(check: Check, kind: kinds.Kind, outcome: Outcome) -> Sequence[Figure]:
    """One figure, or none where no unit was judged."""
    groups = _groups(check, outcome)
    if not groups:
        return ()
    title = f"Measured against the law: {check.observed}"
    if isinstance(kind, kinds.OrderingKind):
        return (intervals(outcome, _decisions(check, outcome), "Share of pairs in this order"),)
    if isinstance(kind, kinds.ExponentKind):
        panels, caption = (
            _powers(check, kind, groups),
            "Lines have the predicted slope; that measured stands with its interval of 99 %. ",
        )
    elif isinstance(kind, kinds.CurveKind):
        panels, caption = _curves(check, kind, groups), "Lines are what the law says. "
    else:
        panels, caption = [_numbers(check, kind, groups)], _of_line(kind)
    units = [unit for found in groups.values() for unit in found]
    return (scaling(outcome, title, caption + BARS, panels, units),)


def _of_line(kind: kinds.Kind) -> str:
    if isinstance(kind, kinds.BoundKind):
        return "The line is the bound: it holds of what lies on or below it. "
    return "The line is the law, dashed ones are wrong laws. "


def _groups(check: Check, outcome: Outcome) -> dict[str, list[Unit]]:
    """The units of every entry of ``on``."""
    found: dict[str, list[Unit]] = {}
    for name, meant in check.on.items():
        units = [unit for unit in outcome.units if _same(unit.experiment, meant)]
        if units:
            found[name] = units
    return found


def _same(trained: Any, meant: Any) -> bool:
    """Whether it is the same but for the block that was planned for it."""
    if isinstance(meant, Series):
        parts = getattr(trained, "parts", ())
        return len(parts) == len(meant.parts) and all(map(_same, parts, meant.parts))
    if type(trained) is not type(meant):
        return False
    one, other = kinds.values_of(trained, None), kinds.values_of(meant, None)
    return {**one, "block": 0} == {**other, "block": 0}


def _decisions(check: Check, outcome: Outcome) -> list[Any]:
    from validate.author.bodies import body

    return list(body(check).decisions)


def _law(check: Check, kind: kinds.Kind, unit: Unit, formula: Any = None) -> Any:
    formula = check.right if formula is None else formula
    if isinstance(kind, kinds.RelativeKind):  # the figure shows the numbers themselves
        return formula(kinds.values_of(unit.experiment, unit.measurement))
    return kind.predicted(formula, check.right, unit.experiment, unit.measurement)


def _seen(check: Check, kind: kinds.Kind, unit: Unit) -> Any:
    if isinstance(kind, kinds.RelativeKind):
        return kind.observe(unit.measurement)
    return kind.observed(check.right, unit.experiment, unit.measurement)


def _numbers(
    check: Check, kind: kinds.Kind, groups: Mapping[str, Sequence[Unit]]
) -> dict[str, Any]:
    """Measured against predicted, one point a setting, and each wrong law as a dashed line.

    Where all settings have one law they stand side by side.
    """
    law = {n: float(np.mean([_law(check, kind, u) for u in us])) for n, us in groups.items()}
    order = sorted(groups, key=law.__getitem__)
    values = np.array([law[name] for name in order])
    one_law = np.ptp(values) <= EQUAL * np.abs(values).max()
    x = np.arange(1.0, len(order) + 1) if one_law else values
    points = [
        medians(name, at, np.array([[_seen(check, kind, u)] for u in groups[name]]))
        for name, at in zip(order, x[:, None], strict=True)
    ]
    ends = _beyond(x)
    lines = [line("law", ends, np.full(2, values[0]) if one_law else ends)]
    for wrong, formula in check.wrong.items():
        at = [np.mean([_law(check, kind, u, formula) for u in groups[n]]) for n in order]
        along = (x, np.array(at, dtype=float)) if len(order) > 1 else (ends, np.repeat(at, 2))
        lines.append(line(wrong, *along, Role.RESOLUTION))
    labels = ("setting" if one_law else "law", check.observed)
    return panel("", labels, points, lines, (False, False))


def _beyond(values: np.ndarray) -> np.ndarray:
    """Both ends of a range, and somewhat more."""
    low, high = values[0], values[-1]
    more = WIDER * (high - low or abs(high) or 1.0)
    return np.array([low - more, high + more])


def _powers(
    check: Check, kind: kinds.ExponentKind, groups: Mapping[str, Sequence[Unit]]
) -> list[dict[str, Any]]:
    x = np.array(kind.power.window, dtype=float)
    panels = []
    for name, units in groups.items():
        y = np.array([_seen(check, kind, unit) for unit in units])
        slope = mean_within(slopes(np.log(x), np.log(y), local=False)[:, 0], LEVEL)
        middle = np.exp(np.log(np.median(y, axis=0)).mean())
        start = np.exp(np.log(x).mean())

        def law(formula: Any, unit: Unit = units[0], at: Any = (middle, start)) -> np.ndarray:
            return at[0] * (x / at[1]) ** _law(check, kind, unit, formula)

        lines = [
            line("law", x, law(check.right)),
            *(line(n, x, law(f), Role.RESOLUTION) for n, f in check.wrong.items()),
        ]
        labels = (kind.power.setting, check.observed)
        measured = "slope {:.3g} ({:.3g} to {:.3g})".format(*slope)
        panels.append(panel(name, labels, [medians(measured, x, y)], lines))
    return panels


def _curves(
    check: Check, kind: kinds.CurveKind, groups: Mapping[str, Sequence[Unit]]
) -> list[dict[str, Any]]:
    panels = []
    for name, units in groups.items():
        y = np.array([_seen(check, kind, unit) for unit in units])
        x = _grid(check, units[0], y.shape[1])
        laws = np.mean([_law(check, kind, unit) for unit in units], axis=0)
        wrong = [
            line(n, x, np.asarray(_law(check, kind, units[0], f)), Role.RESOLUTION)
            for n, f in check.wrong.items()
        ]
        points = [medians("measured", x, y) if len(units) > 1 else dots("measured", x, y[0])]
        labels = ("point", check.observed)
        panels.append(panel(name, labels, points, [line("law", x, laws), *wrong], (False, False)))
    return panels


def _grid(check: Check, unit: Unit, points: int) -> np.ndarray:
    """The first array that the law is a function of, else the numbers of the points."""
    values = kinds.values_of(unit.experiment, unit.measurement)
    for given in check.right.given:
        found = np.asarray(values.get(given.source or "", ()))
        if found.shape == (points,):
            return found.astype(float)
    return np.arange(1.0, points + 1)
