"""Kind ``directions``: predicted directions as rays and measured neurons as dots on circles.

Series: ``panels`` [{title, predicted [{angle_degrees, sign}], measured [{angle_degrees, sign}]}].
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from reports.figures import style

KEYS = ("panels",)
COLUMNS = 4
LINE_STYLES: dict[bool, Any] = {True: "-", False: (0, (3, 1.5))}  # by a positive output weight


def draw(series: Mapping[str, Any]) -> Figure:
    """One small circle for each panel, four in a row."""
    panels = series["panels"]
    columns = min(COLUMNS, max(len(panels), 1))
    rows = max(1, math.ceil(len(panels) / columns))
    side = min(2.3, style.WIDTH / columns + 0.15)
    figure = style.canvas(rows * side + 0.3)
    axes = np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel()
    for ax in axes:
        ax.set_axis_off()
    for ax, panel in zip(axes, panels, strict=False):
        _draw_panel(ax, panel)
    figure.legend(handles=legend(), loc="outside lower center", ncols=4)
    return figure


def _draw_panel(ax: Axes, panel: Mapping[str, Any]) -> None:
    ax.add_patch(Circle((0, 0), 1, fill=False, ec=style.FAINT, lw=0.8))
    for angle in (0, 90, 180, 270):
        x, y = _at(angle, 1.42)
        ax.text(x, y, f"{angle}°", ha="center", va="center", fontsize=7, color=style.GRAY)
    for direction in panel["predicted"]:
        x, y = _at(direction["angle_degrees"], 1.0)
        line_style = LINE_STYLES[direction["sign"] > 0]
        ax.plot([0, x], [0, y], color=color(direction["sign"]), ls=line_style)
    _draw_neurons(ax, panel["measured"])
    ax.set_title(style.label(panel["title"], 24, 2), pad=2)
    ax.set(xlim=(-1.55, 1.55), ylim=(-1.55, 1.55), aspect="equal")


def _draw_neurons(ax: Axes, neurons: Sequence[Mapping[str, Any]]) -> None:
    radii = 1.12 + style.jitter(len(neurons), 0.09)
    for sign, marker in ((1, "o"), (-1, "^")):
        chosen = [i for i, neuron in enumerate(neurons) if (neuron["sign"] > 0) == (sign > 0)]
        points = [_at(neurons[i]["angle_degrees"], float(radii[i])) for i in chosen]
        if points:
            x, y = zip(*points, strict=True)
            ax.scatter(x, y, s=9, marker=marker, color=color(sign), alpha=0.6, linewidths=0)


def _at(degrees: float | int, radius: float) -> tuple[float, float]:
    return radius * math.cos(math.radians(degrees)), radius * math.sin(math.radians(degrees))


def color(sign: float | int) -> str:
    """The color of a direction whose output weights have this sign."""
    return style.PLUS if sign > 0 else style.MINUS


def legend() -> list[Line2D]:
    """What rays, dots and their colors mean."""
    plain: dict[str, Any] = {"lw": 0, "markersize": 4, "markeredgewidth": 0}
    return [
        Line2D([], [], color=style.PLUS, label="predicted, output weight +"),
        Line2D(
            [], [], color=style.MINUS, ls=LINE_STYLES[False], label="predicted, output weight −"
        ),
        Line2D([], [], color=style.PLUS, marker="o", label="neuron, +", **plain),
        Line2D([], [], color=style.MINUS, marker="^", label="neuron, −", **plain),
    ]
