"""Series for the fixed kinds of figure, from units and observations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from theory.prediction import Bound, Successes
from validate.claim import Decision, Outcome, Role, Unit
from validate.claims.condensation.measured.orientations import count, neurons, order
from validate.decisions.direction_sets import Directed, angle_between, distance_to
from validate.results.records import Figure
from validate.run.record import units_hash

SHOWN = 60  # neurons drawn per panel


def intervals(outcome: Outcome, decisions: Sequence[Decision], title: str) -> Figure:
    """Measured share with its interval for every decision of a claim, against its threshold."""
    rows = []
    by_name = {o.name: o for o in [*outcome.observations, *outcome.controls]}
    for decision in decisions:
        observed = by_name.get(decision.name)
        if observed is None or observed.interval is None:
            continue
        threshold, side = _threshold(decision)
        rows.append(
            {
                "label": decision.name,
                "role": str(decision.role),
                "measured": observed.measured,
                "lo": observed.interval[0],
                "hi": observed.interval[1],
                "threshold": threshold,
                "side": side,
                "verdict": str(observed.verdict),
            }
        )
    return Figure(
        kind="intervals",
        title=title,
        caption="Measured share of units with its interval; the tick is the threshold, and the "
        "arrow the side on which the prediction agrees. Negative controls must fail.",
        series={"rows": rows, "xlabel": "share of units"},
        verdict=outcome.verdict,
        settings_hash=units_hash(outcome.units),
    )


def _threshold(decision: Decision) -> tuple[float, str]:
    prediction = decision.prediction
    if isinstance(prediction, Bound):
        return prediction.tolerated_rate, "below"
    if isinstance(prediction, Successes):
        return prediction.required_share, "above"
    raise TypeError(f"{type(prediction).__name__} has no share to draw")


def counts(outcome: Outcome, units: Sequence[Unit]) -> Figure:
    """Distribution of the number of orientations by multiplicity, with the bound 2p."""
    orders = sorted({order(unit) for unit in units})
    return Figure(
        kind="counts",
        title="Number of condensed orientations",
        caption="Share of data sets by the number of condensed orientations; the line is the "
        "bound 2p, above it the bound would be violated.",
        series={
            "categories": [f"p = {p}" for p in orders],
            "bound": [2 * p for p in orders],
            "values": [[count(u) for u in units if order(u) == p] for p in orders],
            "xlabel": "",
            "ylabel": "orientations",
        },
        verdict=outcome.verdict,
        settings_hash=units_hash(units),
    )


def counts_by(outcome: Outcome, groups: Mapping[str, Sequence[Unit]], caption: str) -> Figure:
    """Distribution of the number of orientations by group, each with the bound 2p of its own."""
    shown = {label: units for label, units in groups.items() if units}
    return Figure(
        kind="counts",
        title="Number of condensed orientations",
        caption=caption,
        series={
            "categories": list(shown),
            "bound": [2 * order(units[0]) for units in shown.values()],
            "values": [[count(u) for u in units] for units in shown.values()],
            "xlabel": "",
            "ylabel": "orientations",
        },
        verdict=outcome.verdict,
        settings_hash=units_hash(outcome.units),
    )


def agreement(
    outcome: Outcome,
    decisions: Sequence[Decision],
    label: Callable[[Unit], str],
) -> Figure:
    """Measured against predicted angle, and how far the prediction and its controls are off."""
    main = next(d for d in decisions if d.role is Role.CLAIM)
    units = main.units(outcome.units)
    groups = {label(u): {"label": label(u), "predicted": [], "measured": []} for u in units}
    for unit in units:
        for at in main.predict(unit):
            near = _nearest(at, main.observe(unit))
            if near is not None:
                # unwrapped, so that 359° measured and 1° predicted are drawn close together
                error = (near.angle_degrees - at.angle_degrees + 180) % 360 - 180
                groups[label(unit)]["predicted"].append(round(at.angle_degrees, 3))
                groups[label(unit)]["measured"].append(round(at.angle_degrees + error, 3))
    errors = [
        {
            "label": decision.name,
            "role": str(decision.role),
            "values": [
                round(distance_to(one, decision.predict(unit)), 4)
                for unit in decision.units(outcome.units)
                for one in decision.observe(unit)
            ],
        }
        for decision in decisions
    ]
    return Figure(
        kind="agreement",
        title="Angle of the condensed neurons",
        caption="Left: every condensed orientation against its prediction, the line is equality. "
        "Right: share of measured orientations within a given angle of the nearest predicted one "
        "of the same sign, for the prediction and for each negative control; the dashed line is "
        "the margin.",
        series={
            "groups": list(groups.values()),
            "margin": main.prediction.margin,
            "unit": "degree",
            "errors": errors,
        },
        verdict=outcome.verdict,
        settings_hash=units_hash(units),
    )


def _nearest(at: Directed, found: Sequence[Directed]) -> Directed | None:
    same = [one for one in found if one.sign == at.sign]
    return min(same, key=lambda one: angle_between(at, one), default=None)


def directions(
    outcome: Outcome,
    units: Sequence[Unit],
    predict: Callable[[Unit], Sequence[Directed]],
    titles: Sequence[str],
) -> Figure:
    """Predicted rays and measured neurons on the circle, one panel a unit."""
    panels = [
        {
            "title": title,
            "predicted": [_ray(at) for at in predict(unit)],
            "measured": [_ray(at) for at in _some(neurons(unit))],
        }
        for unit, title in zip(units, titles, strict=True)
    ]
    return Figure(
        kind="directions",
        title="Predicted directions and trained neurons",
        caption="The paper's Fig. 5/6 data: predicted directions (rays), trained neurons (dots).",
        series={"panels": panels},
        verdict=outcome.verdict,
        settings_hash=units_hash(units),
    )


def sphere(
    outcome: Outcome,
    shown: dict[str, Unit],
    predict: Callable[[Unit], Sequence[Directed]],
) -> Figure:
    """Directions of two-dimensional input with bias."""
    panels = [
        {
            "title": title,
            "predicted": [_point(at) for at in predict(unit)],
            "measured": [_point(at) for at in neurons(unit)],
        }
        for title, unit in shown.items()
    ]
    return Figure(
        kind="sphere",
        title="Directions on the sphere",
        caption="Trained neurons (dots) and predicted maxima (rings) on both hemispheres of "
        "(w₁, w₂, bias).",
        series={
            "panels": panels,
            "bound": None,
            "counts": [],
        },
        verdict=outcome.verdict,
        settings_hash=units_hash(outcome.units),
    )


def angle_groups(outcome: Outcome, decisions: Sequence[Decision], ylabel: str) -> Figure:
    """Angle of every neuron to the prediction and to each control, by decision."""
    groups = [
        {
            "label": decision.name,
            "role": str(decision.role),
            "values": [
                round(min(distance_to(one, predicted) for one in _some(neurons(unit), 5)), 3)
                for unit in decision.units(outcome.units)
                for predicted in [decision.predict(unit)]
                if unit.measurement["directions"]
            ],
        }
        for decision in decisions
    ]
    return Figure(
        kind="groups",
        title="Angle between neurons and direction",
        caption="Smallest angle between trained neurons and the predicted direction in each "
        "network, for the prediction and for the negative controls; the dashed line is the margin.",
        series={"groups": groups, "ylabel": ylabel, "margin": decisions[0].prediction.margin},
        verdict=outcome.verdict,
        settings_hash=units_hash(outcome.units),
    )


def _ray(at: Directed) -> dict[str, Any]:
    return {"angle_degrees": round(at.angle_degrees, 2), "sign": at.sign}


def _point(at: Directed) -> dict[str, Any]:
    return {"direction": [round(float(u), 4) for u in at.direction], "sign": at.sign}


def _some(found: Iterable[Directed], limit: int = SHOWN) -> list[Directed]:
    """At most ``limit`` members, evenly picked."""
    members = list(found)
    if len(members) <= limit:
        return members
    return [members[i] for i in np.linspace(0, len(members) - 1, limit).astype(int)]
