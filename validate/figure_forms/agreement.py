"""Series for figures of kind ``agreement``: measured against predicted angles."""

from collections.abc import Callable, Sequence

from theory.direction import Direction
from theory.direction_sets import distance_to
from validate.claim import Decision, Outcome, Role, Unit
from validate.figure_forms.made import figure
from validate.results.records import Figure


def agreement(
    outcome: Outcome,
    decisions: Sequence[Decision],
    label: Callable[[Unit], str],
    title: str,
    what: str,
) -> Figure:
    """Measured against predicted angle, and how far the prediction and its controls are off.

    ``what`` has such an angle, in the singular, as in "condensed orientation".
    """
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
                for unit in outcome.of(decision)
                for one in decision.observe(unit)
            ],
        }
        for decision in decisions
    ]
    return figure(
        outcome,
        "agreement",
        title,
        f"Left: every {what} against its prediction, the line is equality. "
        "Right: share of the measured ones within a given angle of the nearest predicted one "
        "of the same sign, for the prediction and for each control; the dashed line is "
        "the margin.",
        units,
        groups=list(groups.values()),
        margin=main.prediction.margin,
        unit="degree",
        errors=errors,
    )


def _nearest(at: Direction, found: Sequence[Direction]) -> Direction | None:
    same = [one for one in found if one.sign == at.sign]
    return min(same, key=at.angle_to, default=None)
