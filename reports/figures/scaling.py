"""Kind ``scaling``: measured points and predicted lines, on linear or logarithmic axes.

Series: ``panels`` [{title, xlabel, ylabel, xlog, ylog, points [{label, x, y, lo, hi}],
lines [{label, role, x, y}]}]. ``lo`` and ``hi`` are the ends of the points' bars, both lists or
both null; ``role`` is that of a decision ("claim" for the prediction).
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from reports.figures import style
from reports.figures.log_axis import log_ticks

KEYS = ("panels",)
MARKERS = "o^sDv"
DASHES = {
    "claim": "-",
    "resolution": (0, (4, 2)),
    "experiment": (0, (4, 1.5, 1, 1.5)),
    "positive": (0, (1, 1.5)),
}


def draw(series: Mapping[str, Any]) -> Figure:
    """Panels side by side: two in a row where they come in pairs, else three."""
    panels = series["panels"]
    columns = min(2 if len(panels) in (2, 4) else 3, max(len(panels), 1))
    rows = max(1, math.ceil(len(panels) / columns))
    figure = style.canvas(rows * (1.65 if rows == 1 else 1.45) + 0.3)
    engine = figure.get_layout_engine()
    if rows > 1 and isinstance(engine, ConstrainedLayoutEngine):
        engine.set(h_pad=0.07)  # titles keep clear of the labels above
    axes = np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel()
    handles: dict[str, Line2D] = {}
    for ax, panel in zip(axes, panels, strict=False):
        handles |= _draw_panel(ax, panel, 62 // columns)
    for ax in axes[len(panels) :]:
        ax.set_axis_off()
    if handles:
        figure.legend(
            handles=list(handles.values()),
            labels=[style.label(text, 44, 2) for text in handles],
            loc="outside lower center",
            ncols=min(3, len(handles)),
        )
    return figure


def _draw_panel(ax: Axes, panel: Mapping[str, Any], width: int) -> dict[str, Line2D]:
    """Draws one panel and returns a legend entry for each label."""
    handles = {}
    for line in panel["lines"]:
        look: dict[str, Any] = {
            "color": style.ROLE_COLORS[line["role"]],
            "ls": DASHES[line["role"]],
        }
        ax.plot(line["x"], line["y"], zorder=2, **look)
        handles[line["label"]] = Line2D([], [], **look)
    for k, points in enumerate(panel["points"]):
        look = {
            "color": style.INK if len(panel["points"]) == 1 else style.PALETTE[k % 10],
            "marker": MARKERS[k % len(MARKERS)],
            "ms": 2.5 if len(points["x"]) > 30 else 4,
            "lw": 0,
            "mew": 0,
        }
        x, y = (np.asarray(points[axis], dtype=float) for axis in "xy")
        if points["lo"] is not None:
            bars = [y - np.asarray(points["lo"]), np.asarray(points["hi"]) - y]
            ax.errorbar(x, y, bars, fmt="none", ecolor=look["color"], elinewidth=0.9, capsize=2)
        ax.plot(x, y, zorder=3, alpha=0.5 if len(x) > 30 else 1.0, **look)
        handles[points["label"]] = Line2D([], [], **{**look, "ms": 4})
    _scale(ax, panel)
    ax.set_title(style.label(panel["title"], width, 2), pad=4)
    ax.set_xlabel(style.label(panel["xlabel"], width, 2))
    ax.set_ylabel(style.label(panel["ylabel"], 20, 3))
    ax.grid(color=style.FAINT, lw=0.5)
    ax.set_axisbelow(True)
    return handles


def _scale(ax: Axes, panel: Mapping[str, Any]) -> None:
    for axis, log in ((ax.xaxis, panel["xlog"]), (ax.yaxis, panel["ylog"])):
        if log:
            (ax.set_xscale if axis is ax.xaxis else ax.set_yscale)("log")
            log_ticks(axis, plain=False)
        else:
            if _whole(panel, "x" if axis is ax.xaxis else "y"):
                axis.set_major_locator(MaxNLocator(nbins=8, integer=True))
            axis.set_major_formatter(ScalarFormatter(useMathText=False, useOffset=False))


def _whole(panel: Mapping[str, Any], axis: str) -> bool:
    """Whether all of the points are at whole numbers, such as layers or steps."""
    values = style.flat([points[axis] for points in panel["points"]])
    return bool(values) and all(value == round(value) for value in values if math.isfinite(value))
