"""Kind ``field``: a direction field in the plane, with predicted rays and neurons.

Series: ``panels`` [{title, arrows [{x, y, dx, dy}], rays [{angle_degrees, sign}], points
[{x, y, sign}]}], ``xlabel``, ``ylabel``. Arrows are drawn with one length, darker where (dx, dy)
is longer within its panel; a ray is predicted, a point is a neuron where it was measured.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures import directions, style

KEYS = ("panels", "xlabel", "ylabel")
IN_A_ROW = 4  # up to this many panels share a row; more go in rows of three
BELOW: dict[str, Any] = {"loc": "outside lower center", "ncols": 4}
LIGHT, DARK = 0.82, 0.35  # gray of the shortest and the longest (dx, dy)
ARROWS: dict[str, Any] = {
    **{"angles": "xy", "scale_units": "xy", "scale": 1.0, "pivot": "mid", "zorder": 1},
    **{"width": 0.0045, "headwidth": 4.5, "headlength": 5, "headaxislength": 4},
}


def draw(series: Mapping[str, Any]) -> Figure:
    """A square for each panel, centered at the origin."""
    panels = series["panels"]
    columns = max(len(panels), 1) if len(panels) <= IN_A_ROW else 3
    rows = max(1, math.ceil(len(panels) / columns))
    room_beside = columns <= 2  # for the legend
    side = 1.9 if room_beside else style.WIDTH / columns + 0.1
    figure = style.canvas(rows * side + (0.05 if room_beside else 0.35))
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, panel in zip(axes, panels, strict=False):
        _draw_panel(ax, panel)
        ax.set_xlabel(style.label(series["xlabel"], 24, 1), labelpad=1)
    for ax in axes[: len(panels) : columns]:
        ax.set_ylabel(style.label(series["ylabel"], 24, 1), labelpad=1)
    for ax in axes[len(panels) :]:
        ax.set_axis_off()
    place: Any = {"loc": "outside right center"} if room_beside else BELOW
    figure.legend(handles=directions.legend(), **place)
    return figure


def _draw_panel(ax: Axes, panel: Mapping[str, Any]) -> None:
    arrows = _columns(panel["arrows"], ("x", "y", "dx", "dy"))
    points = _columns(panel["points"], ("x", "y", "sign"))
    reach = 1.08 * (np.max(np.abs(np.hstack([arrows[:2], points[:2]])), initial=0.0) or 1.0)
    ax.plot([-reach, reach], [0, 0], color=style.FAINT, lw=0.6, zorder=0)
    ax.plot([0, 0], [-reach, reach], color=style.FAINT, lw=0.6, zorder=0)
    _draw_arrows(ax, arrows)
    for ray in panel["rays"]:
        _draw_ray(ax, ray, reach)
    _draw_points(ax, points)
    ax.set_title(style.label(panel["title"], 30, 2), pad=3)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.locator_params(nbins=4)


def _columns(rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> Float[np.ndarray, "k n"]:
    """The values of each key over all rows."""
    return np.array([[float(row[key]) for row in rows] for key in keys]).reshape(len(keys), -1)


def _draw_arrows(ax: Axes, arrows: Float[np.ndarray, "4 n"]) -> None:
    size = np.hypot(arrows[2], arrows[3])
    arrows, size = arrows[:, size > 0], size[size > 0]
    if not size.size:
        return
    x, y, dx, dy = arrows
    spread = max(np.ptp(x), np.ptp(y)) or 1.0
    length = 0.85 * spread / max(math.sqrt(len(x)) - 1, 1)
    # sizes grow like a power of the distance from the origin: the cube root keeps all visible
    gray = LIGHT + (DARK - LIGHT) * np.cbrt(size / np.max(size))
    colors = [(float(level),) * 3 for level in gray]
    heads = (length * dx / size, length * dy / size)
    ax.quiver(x, y, *heads, color=colors, **ARROWS)


def _draw_ray(ax: Axes, ray: Mapping[str, Any], reach: float) -> None:
    """From the origin to the edge of the square."""
    angle = math.radians(ray["angle_degrees"])
    x, y = math.cos(angle), math.sin(angle)
    far = reach / max(abs(x), abs(y))
    look = {"color": directions.color(ray["sign"]), "ls": directions.LINE_STYLES[ray["sign"] > 0]}
    ax.plot([0, far * x], [0, far * y], zorder=2, **look)


def _draw_points(ax: Axes, points: Float[np.ndarray, "3 n"]) -> None:
    x, y, sign = points
    for positive, marker in ((True, "o"), (False, "^")):
        chosen = (sign > 0) == positive
        color = directions.color(1 if positive else -1)
        look: dict[str, Any] = {"s": 13, "marker": marker, "color": color, "edgecolors": "white"}
        ax.scatter(x[chosen], y[chosen], alpha=0.85, linewidths=0.3, zorder=3, **look)
