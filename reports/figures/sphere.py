"""Kind ``sphere``: directions in three dimensions on equal-area discs, and counts.

Series: ``panels`` [{title, predicted [{direction [x, y, z], sign}], measured [the same]}],
``bound``, ``counts`` [{label, values [int]}]. Without counts the discs share one row and
``bound`` may be None.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from matplotlib.ticker import MaxNLocator

from reports.figures import counts, style

KEYS = ("panels", "bound", "counts")


def draw(series: Mapping[str, Any]) -> Figure:
    """A row of two discs (front and back) for each panel, and the counts at the right."""
    figure = _with_counts(series) if series["counts"] else _discs_only(series["panels"])
    figure.legend(handles=_legend(), loc="outside lower center", ncols=4)
    return figure


def _with_counts(series: Mapping[str, Any]) -> Figure:
    panels = series["panels"]
    rows = max(1, len(panels))
    figure = style.canvas(1.85 * rows + 0.45)
    grid = figure.add_gridspec(rows, 3, width_ratios=(1, 1, 0.85))
    for row, panel in enumerate(panels):
        front, back = (figure.add_subplot(grid[row, column]) for column in (0, 1))
        _draw_disc(front, panel, upper=True)
        _draw_disc(back, panel, upper=False)
    ax = figure.add_subplot(grid[:, 2])
    labels = [entry["label"] for entry in series["counts"]]
    values = [entry["values"] for entry in series["counts"]]
    counts.draw_shares(ax, labels, [int(series["bound"])] * len(labels), values, 30)
    ax.set_ylabel("orientations")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    return figure


def _discs_only(panels: Sequence[Mapping[str, Any]]) -> Figure:
    discs = 2 * max(1, len(panels))
    figure = style.canvas(min(2.4, style.WIDTH / discs + 0.1) + 0.45)
    axes = figure.subplots(1, discs, squeeze=False).ravel()
    for ax in axes:
        ax.set_axis_off()
    for position, panel in enumerate(panels):
        _draw_disc(axes[2 * position], panel, upper=True)
        _draw_disc(axes[2 * position + 1], panel, upper=False)
    return figure


def project(direction: Sequence[float | int]) -> tuple[float, float]:
    """Lambert's equal-area projection of a hemisphere onto the unit disc."""
    x, y, z = (float(value) for value in direction)
    length = math.sqrt(x * x + y * y + z * z) or 1.0
    flat = math.hypot(x, y)
    radius = math.sqrt(max(0.0, 1 - abs(z) / length))
    return (radius * x / flat, radius * y / flat) if flat else (0.0, 0.0)


def _draw_disc(ax: Axes, panel: Mapping[str, Any], upper: bool) -> None:
    ax.add_patch(Circle((0, 0), 1, fill=False, ec=style.GRAY, lw=0.7))
    ax.plot([-1, 1], [0, 0], color=style.FAINT, lw=0.6, zorder=0)
    ax.plot([0, 0], [-1, 1], color=style.FAINT, lw=0.6, zorder=0)
    for positive in (True, False):
        color = style.PLUS if positive else style.MINUS
        dots = _points(panel["measured"], upper, positive)
        ax.scatter(*dots, s=8, marker="o" if positive else "^", color=color, alpha=0.55, lw=0)
        rings = _points(panel["predicted"], upper, positive)
        ring = {"facecolors": "none", "edgecolors": style.INK, "linewidths": 0.9}
        ax.scatter(*rings, s=52, marker="o" if positive else "^", **ring)
    side = "third component ≥ 0" if upper else "third component < 0"
    ax.set_title(f"{style.label(panel['title'], 30, 1)}\n{side}" if upper else f"\n{side}", pad=3)
    ax.set(xlim=(-1.08, 1.08), ylim=(-1.08, 1.08), aspect="equal")
    ax.set_axis_off()


def _points(
    entries: Sequence[Mapping[str, Any]], upper: bool, positive: bool
) -> tuple[list[float], list[float]]:
    chosen = [
        project(entry["direction"])
        for entry in entries
        if (entry["sign"] > 0) is positive and (entry["direction"][2] >= 0) is upper
    ]
    return [x for x, _ in chosen], [y for _, y in chosen]


def _legend() -> list[Line2D]:
    ring: dict[str, Any] = {"lw": 0, "mfc": "none", "mec": style.INK, "markersize": 6}
    dot: dict[str, Any] = {"lw": 0, "markeredgewidth": 0, "markersize": 4}
    return [
        Line2D([], [], marker="o", label="predicted, output weight +", **ring),
        Line2D([], [], marker="^", label="predicted, output weight −", **ring),
        Line2D([], [], marker="o", color=style.PLUS, label="neuron, +", **dot),
        Line2D([], [], marker="^", color=style.MINUS, label="neuron, −", **dot),
    ]
