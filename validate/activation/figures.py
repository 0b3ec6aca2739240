"""Figures of the activation checker from plain arrays: σ, the direction field, the neurons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Real

from theory.direction import Direction, angles_between, plane_angle
from theory.direction_sets import APART
from validate.results.records import Figure
from validate.results.words import OPTIMIZERS

SHOWN = 80  # neurons drawn in a panel
NEAREST, FARTHEST = 1e-3, 3.0  # |x| at which an activation is drawn


@dataclass(frozen=True)
class Neurons:
    """Trained neurons under one optimizer, with what was predicted for them.

    Attributes:
        predicted: the predicted orientations.
        weights: shape (neurons, d + 1), input weights with the bias last, of any length.
        signs: shape (neurons,), signs of the output weights.
    """

    predicted: Sequence[Direction]
    weights: Float[np.ndarray, "neurons inputs"]
    signs: Real[np.ndarray, " neurons"]


def grid() -> Float[np.ndarray, " points"]:
    """Where to evaluate an activation for its figure: on both sides of 0, dense near 0."""
    x = np.geomspace(NEAREST, FARTHEST, 160)
    return np.concatenate([-x[::-1], x])


def activation_figure(
    name: str,
    x: Float[np.ndarray, " points"],
    sigma: Float[np.ndarray, " points"],
    leading: Float[np.ndarray, " points"] | None,
    order: int | None,
    value_at_zero: float | None = 0.0,
    settings_hash: str = "",
) -> Figure:
    """σ with its leading part, and how |σ(x) − σ(0)| shrinks towards 0.

    Args:
        x: arguments, such as `grid`.
        sigma: σ(x); values that are not finite are left out.
        leading: σ(0) plus the leading part at x, None where there is none.
        order: the order of the leading part.
        value_at_zero: σ(0).
    """
    kept = np.isfinite(sigma) if leading is None else np.isfinite(sigma) & np.isfinite(leading)
    return Figure(
        kind="activation",
        title="The activation and its leading part at 0",
        caption="On logarithmic axes (right) a power is a straight line whose slope is its order.",
        series={
            "x": _listed(x[kept]),
            "sigma": _listed(sigma[kept]),
            "leading": None if leading is None else _listed(leading[kept]),
            "name": name,
            "order": order,
            "value_at_zero": value_at_zero,
        },
        settings_hash=settings_hash,
    )


def field_panel(
    title: str,
    at: Float[np.ndarray, "arrows 2"],
    step: Float[np.ndarray, "arrows 2"],
    neurons: Neurons,
) -> dict[str, Any]:
    """One panel of a `field` figure; the neurons are scaled so that the largest fits.

    Args:
        at: (weight, bias) of every arrow.
        step: the direction in which a neuron there moves, of any length.
        neurons: of one-dimensional input with bias.
    """
    chosen = _some(len(neurons.signs))
    weights, signs = neurons.weights[chosen], neurons.signs[chosen]
    reach = float(np.max(np.abs(at), initial=0.0)) or 1.0
    largest = float(np.max(np.abs(weights), initial=0.0)) or 1.0
    points = weights * (0.92 * reach / largest)
    arrows = np.hstack([at, step])
    return {
        "title": title,
        "arrows": [dict(zip(("x", "y", "dx", "dy"), _listed(row), strict=True)) for row in arrows],
        "rays": [
            {"angle_degrees": one.angle_degrees, "sign": one.sign} for one in neurons.predicted
        ],
        "points": [
            {"x": _short(x), "y": _short(y), "sign": 1 if sign > 0 else -1}
            for (x, y), sign in zip(points, signs, strict=True)
        ],
    }


def field_figure(panels: Sequence[dict[str, Any]], settings_hash: str = "") -> Figure:
    """Where neurons move in the (weight, bias) plane, and where they ended."""
    return Figure(
        kind="field",
        title="Direction field of the input weights",
        caption="Arrows: where a neuron with positive output weight moves (the other way with a "
        "negative one), darker where it is faster. Trained neurons are scaled to fit.",
        series={"panels": list(panels), "xlabel": "w", "ylabel": "b"},
        settings_hash=settings_hash,
    )


def neurons_figure(
    seen: Mapping[str, Neurons], margin: float | None = None, settings_hash: str = ""
) -> Figure:
    """Trained neurons against predicted orientations, drawn as the dimension allows.

    On the circle for two components, on the sphere for three, else as the angle between each
    neuron and the nearest prediction of its sign.

    Args:
        seen: by optimizer ("gd", "adam"), all of one dimension.
        margin: degrees within which a neuron counts as predicted; drawn with the angles.

    Raises:
        ValueError: if the dimensions differ or there is no optimizer.
    """
    dimensions = {one.weights.shape[1] for one in seen.values()}
    if len(dimensions) != 1:
        raise ValueError(f"one dimension for all neurons, not {sorted(dimensions)}")
    draw = {2: _on_circle, 3: _on_sphere}.get(dimensions.pop())
    if draw is not None:
        return draw(seen, settings_hash)
    return _as_angles(seen, margin, settings_hash)


def _on_circle(seen: Mapping[str, Neurons], settings_hash: str) -> Figure:
    panels = [
        {
            "title": OPTIMIZERS.get(key, key),
            "predicted": [_ray(p.direction, p.sign) for p in one.predicted],
            "measured": [_ray(w, sign) for w, sign in _drawn(one)],
        }
        for key, one in seen.items()
    ]
    return Figure(
        kind="directions",
        title="Predicted directions and trained neurons",
        caption="Rays are predicted orientations, dots are trained neurons.",
        series={"panels": panels},
        settings_hash=settings_hash,
    )


def _on_sphere(seen: Mapping[str, Neurons], settings_hash: str) -> Figure:
    panels = [
        {
            "title": OPTIMIZERS.get(key, key),
            "predicted": [_point(p.direction, p.sign) for p in one.predicted],
            "measured": [_point(w, sign) for w, sign in _drawn(one)],
        }
        for key, one in seen.items()
    ]
    return Figure(
        kind="sphere",
        title="Directions on the sphere",
        caption="Both halves of the sphere of directions, the last component upward. Rings are "
        "predicted orientations, dots are trained neurons.",
        series={"panels": panels, "bound": None, "counts": []},
        settings_hash=settings_hash,
    )


def _as_angles(seen: Mapping[str, Neurons], margin: float | None, settings_hash: str) -> Figure:
    groups = [
        {
            "label": OPTIMIZERS.get(key, key),
            "role": "claim",
            "values": [_short(angle) for angle in nearest_angles(one)],
        }
        for key, one in seen.items()
    ]
    return Figure(
        kind="groups",
        title="Angle between neurons and prediction",
        caption="Every dot is a trained neuron: its angle to the nearest predicted orientation "
        f"of its sign ({APART:g}° where there is none).",
        series={"groups": groups, "ylabel": "angle to the prediction (°)", "margin": margin},
        settings_hash=settings_hash,
    )


def nearest_angles(neurons: Neurons) -> Float[np.ndarray, " neurons"]:
    """Degrees between each neuron and the nearest predicted orientation of its sign."""
    angles = np.full(len(neurons.signs), APART)
    size = np.linalg.norm(neurons.weights, axis=1, keepdims=True)
    unit = neurons.weights / np.where(size > 0, size, 1.0)
    for sign in (1, -1):
        same = [p.direction for p in neurons.predicted if p.sign == sign]
        chosen = (neurons.signs > 0) == (sign > 0)
        if same and chosen.any():
            angles[chosen] = np.min(angles_between(unit[chosen], np.array(same)), axis=1)
    return angles


def _drawn(neurons: Neurons) -> list[tuple[Any, Any]]:
    """Weights and signs of the neurons that are drawn."""
    chosen = _some(len(neurons.signs))
    return list(zip(neurons.weights[chosen], neurons.signs[chosen], strict=True))


def _some(count: int) -> Any:
    """Positions of at most `SHOWN` of ``count`` members, evenly picked."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, SHOWN)).astype(int))


def _ray(vector: Iterable[float], sign: Any) -> dict[str, Any]:
    weight, bias = vector
    return {"angle_degrees": _short(plane_angle(weight, bias)), "sign": 1 if sign > 0 else -1}


def _point(vector: Iterable[float], sign: Any) -> dict[str, Any]:
    unit = np.array(list(vector))
    unit = unit / (np.linalg.norm(unit) or 1.0)
    return {"direction": [_short(u) for u in unit], "sign": 1 if sign > 0 else -1}


def _listed(values: Float[np.ndarray, " n"]) -> list[float]:
    return [float(value) for value in values]


def _short(value: Any) -> float:
    return round(float(value), 4)
