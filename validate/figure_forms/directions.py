"""Series for figures that draw directions: on the circle, on the sphere, and angles by group.

``neurons`` gives the directions of a unit's neurons, as the claim measures them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from theory.direction import Direction
from theory.direction_sets import distance_to
from validate.claim import Decision, Outcome, Unit
from validate.figure_forms.made import figure
from validate.results.records import Figure

SHOWN = 60  # neurons drawn per panel


def directions(
    outcome: Outcome,
    units: Sequence[Unit],
    predict: Callable[[Unit], Sequence[Direction]],
    neurons: Callable[[Unit], Sequence[Direction]],
    titles: Sequence[str],
    caption: str,
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
    title = "Predicted directions and trained neurons"
    return figure(outcome, "directions", title, caption, units, panels=panels)


def sphere(
    outcome: Outcome,
    shown: dict[str, Unit],
    predict: Callable[[Unit], Sequence[Direction]],
    neurons: Callable[[Unit], Sequence[Direction]],
    caption: str,
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
    title = "Directions on the sphere"
    return figure(outcome, "sphere", title, caption, panels=panels, bound=None, counts=[])


def angle_groups(
    outcome: Outcome,
    decisions: Sequence[Decision],
    neurons: Callable[[Unit], Sequence[Direction]],
    ylabel: str,
) -> Figure:
    """Angle of every neuron to the prediction and to each control, by decision."""
    groups = [
        {
            "label": decision.name,
            "role": str(decision.role),
            "values": [
                round(min(distance_to(one, predicted) for one in _some(neurons(unit), 5)), 3)
                for unit in outcome.of(decision)
                for predicted in [decision.predict(unit)]
                if neurons(unit)
            ],
        }
        for decision in decisions
    ]
    return figure(
        outcome,
        "groups",
        "Angle between neurons and direction",
        "Smallest angle between trained neurons and the predicted direction in each "
        "network, for the prediction and for the controls; the dashed line is the margin.",
        groups=groups,
        ylabel=ylabel,
        margin=decisions[0].prediction.margin,
    )


def _ray(at: Direction) -> dict[str, Any]:
    return {"angle_degrees": round(at.angle_degrees, 2), "sign": at.sign}


def _point(at: Direction) -> dict[str, Any]:
    return {"direction": [round(float(u), 4) for u in at.direction], "sign": at.sign}


def _some(found: Iterable[Direction], limit: int = SHOWN) -> list[Direction]:
    """At most ``limit`` members, evenly picked."""
    members = list(found)
    if len(members) <= limit:
        return members
    return [members[i] for i in np.linspace(0, len(members) - 1, limit).astype(int)]
