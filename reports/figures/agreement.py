"""Kind ``agreement``: measured against predicted angles, and the distribution of the errors.

Series: ``groups`` [{label, predicted [deg], measured [deg]}], ``margin``, ``unit``, ``errors``
[{label, role ("claim", "resolution" or "experiment"), values [deg]}].
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures import style
from reports.text import quantity

KEYS = ("groups", "margin", "unit", "errors")
UNITS = {"degree": "°", "degrees": "°"}
MARKERS = "os^Dv<>P"
RASTER_ABOVE = 3000  # more points than this go in as one image, so that the file stays small
MANY = 9  # groups that need three columns of names


def draw(series: Mapping[str, Any]) -> Figure:
    """Left: measured against predicted; right: empirical distribution of the errors."""
    names = [style.label(error["label"], 26, 3) for error in series["errors"]]
    columns = 2 if len(series["groups"]) < MANY else 3
    under = max(
        (len(series["groups"]) + columns) // columns,
        sum(name.count("\n") + 1 for name in names) // 2,
    )
    figure = style.canvas(2.0 + 0.13 * under)
    left, right = figure.subplots(1, 2)
    _draw_points(left, series, columns)
    _draw_errors(right, series)
    return figure


def _draw_points(ax: Axes, series: Mapping[str, Any], columns: int) -> None:
    margin = float(series["margin"])
    values = style.flat([g[k] for g in series["groups"] for k in ("predicted", "measured")])
    low, high = style.wide_enough(min(values, default=0), max(values, default=360))
    ends = np.array([low, high])
    ax.fill_between(ends, ends - margin, ends + margin, color=style.FAINT, lw=0)
    ax.plot(ends, ends, color=style.INK, lw=0.9, label="theory (band: margin)", zorder=1)
    many = len(values) > 2 * RASTER_ABOVE
    for position, group in enumerate(series["groups"]):
        ax.scatter(
            group["predicted"],
            group["measured"],
            s=11,
            marker=MARKERS[position % len(MARKERS)],
            color=style.PALETTE[position % len(style.PALETTE)],
            alpha=0.75,
            linewidths=0,
            rasterized=many,
            label=style.label(group["label"], 24, 2),
            zorder=2,
        )
    ax.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    unit = UNITS.get(series["unit"], style.label(series["unit"]))
    ax.set_xlabel(f"predicted ({unit})")
    ax.set_ylabel(f"measured ({unit})")
    style.legend_below(ax, columns)


def _draw_errors(ax: Axes, series: Mapping[str, Any]) -> None:
    margin = float(series["margin"])
    positive = [v for v in style.flat([e["values"] for e in series["errors"]]) if v > 0]
    floor = min([*positive, margin or 1e-3]) / 2
    style.log_x(ax)
    unit = UNITS.get(series["unit"], style.label(series["unit"]))
    styles = iter(("--", ":", "-.", (0, (5, 1, 1, 1, 1, 1))) * 8)
    for error in series["errors"]:
        claim = error["role"] == "claim"
        if not error["values"]:
            continue
        ax.ecdf(
            np.maximum(np.asarray(error["values"], float), floor),
            color=style.ROLE_COLORS[error["role"]],
            ls="-" if claim else next(styles),
            lw=1.8 if claim else 1.2,
            label=style.label(error["label"], 26, 3),
        )
    text = f"margin {quantity(margin, series['unit'])}"
    ax.axvline(margin or floor, color=style.INK, lw=0.9, ls=(0, (3, 2)), label=text)
    ax.set(ylim=(-0.02, 1.02), xlabel=f"error ({unit}, log scale)")
    ax.set_ylabel("orientations with\nat most this error")
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    style.legend_below(ax)
