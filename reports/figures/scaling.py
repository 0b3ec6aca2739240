"""Kind ``scaling``: measured points and predicted lines, on linear or logarithmic axes.

Series: ``panels`` [{title, xlabel, ylabel, xlog, ylog, points [{label, x, y, lo, hi}],
lines [{label, role, x, y}]}]. ``lo`` and ``hi`` are the ends of the points' bars, both lists or
both null; ``role`` is that of a decision ("claim" for the prediction).
"""

import math
from collections.abc import Mapping, Sequence
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
    "claim": ("-", (0, (7, 1.5)), (0, (2, 1))),
    "resolution": ((0, (4, 2)), (0, (1.5, 1)), (0, (8, 2))),
    "experiment": ((0, (4, 1.5, 1, 1.5)), (0, (4, 1, 1, 1, 1, 1))),
    "positive": ((0, (1, 1.5)), (0, (1, 3))),
}  # for the first label of a role, the second and so on


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
    looks = _dashes(panels), _dots(panels)
    for ax, panel in zip(axes, panels, strict=False):
        handles |= _draw_panel(ax, panel, 62 // columns, *looks)
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


def _dashes(panels: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Any]:
    """By role and label: two wrong laws differ, and one is alike in all panels."""
    labels: dict[str, dict[str, None]] = {}
    for one in (line for panel in panels for line in panel["lines"]):
        labels.setdefault(one["role"], {})[one["label"]] = None
    return {
        (role, label): DASHES[role][k % len(DASHES[role])]
        for role, found in labels.items()
        for k, label in enumerate(found)
    }


def _dots(panels: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Color and marker of points by their label, alike in all panels."""
    labels = dict.fromkeys(points["label"] for panel in panels for points in panel["points"])
    alone = all(len(panel["points"]) == 1 for panel in panels)
    return {
        label: {
            "color": style.INK if alone else style.PALETTE[k % 10],
            "marker": MARKERS[0 if alone else k % len(MARKERS)],
        }
        for k, label in enumerate(labels)
    }


def _draw_panel(
    ax: Axes,
    panel: Mapping[str, Any],
    width: int,
    dashes: Mapping[tuple[str, str], Any],
    dots: Mapping[str, Mapping[str, Any]],
) -> dict[str, Line2D]:
    """Draws one panel and returns a legend entry for each label."""
    handles = {}
    for line in panel["lines"]:
        look: dict[str, Any] = {
            "color": style.ROLE_COLORS[line["role"]],
            "ls": dashes[line["role"], line["label"]],
        }
        ax.plot(line["x"], line["y"], zorder=2, **look)
        handles[line["label"]] = Line2D([], [], **look)
    for points in panel["points"]:
        look = {
            **dots[points["label"]],
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
