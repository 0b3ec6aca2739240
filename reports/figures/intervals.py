"""Kind ``intervals``: measured shares with their intervals, thresholds and verdicts.

Series: ``rows`` [{label, role, measured, lo, hi, threshold, side ("below" or "above"),
verdict}], ``xlabel``.
"""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reports.figures import style
from reports.text import VERDICT_COLORS, VERDICT_WORDS
from validate.results.records import Verdict

KEYS = ("rows", "xlabel")
SIDES = {"below": "<", "above": ">"}


def draw(series: Mapping[str, Any]) -> Figure:
    """A forest plot: one row for each decision, the first on top."""
    rows = series["rows"]
    figure = style.canvas(0.75 + 0.25 * max(len(rows), 1))
    ax = figure.subplots()
    for position, row in enumerate(rows):
        _draw_row(ax, position, row)
    numbers = [row[k] for row in rows for k in ("measured", "lo", "hi", "threshold")]
    known = [float(value) for value in numbers if value is not None]
    ax.set_xlim(*style.wide_enough(min(known, default=0), max(known, default=1)))
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), [style.label(row["label"], 40, 2) for row in rows])
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color=style.FAINT, lw=0.5)
    ax.set_axisbelow(True)
    xlabel = style.label(series["xlabel"], 80)
    ax.set_xlabel(xlabel)
    if "share" in xlabel.lower() and all(0 <= value <= 1 for value in known):
        ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    figure.legend(
        handles=_legend({row["role"] for row in rows}), loc="outside lower center", ncols=4
    )
    return figure


def _draw_row(ax: Axes, position: int, row: Mapping[str, Any]) -> None:
    color = style.ROLE_COLORS[row["role"]]
    if row["lo"] is not None and row["hi"] is not None:
        ax.plot([row["lo"], row["hi"]], [position] * 2, color=color, lw=2, solid_capstyle="butt")
    if row["measured"] is not None:
        ax.plot(row["measured"], position, "o", color=color, ms=5)
    threshold = row["threshold"]
    ax.plot([threshold] * 2, [position - 0.32, position + 0.32], color=style.INK, lw=1.3)
    marker = SIDES[row["side"]]
    ax.plot(threshold, position - 0.32, marker, color=style.INK, ms=4, clip_on=False)
    verdict = Verdict(row["verdict"])
    ax.annotate(
        VERDICT_WORDS[verdict],
        (1.0, position),
        xycoords=("axes fraction", "data"),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=7.5,
        fontweight="bold",
        color=VERDICT_COLORS[verdict],
    )


def _legend(roles: set[str]) -> list[Line2D]:
    return [
        *(
            Line2D([], [], color=style.ROLE_COLORS[role], marker="o", ms=4, label=words)
            for role, words in style.ROLE_WORDS.items()
            if role in roles
        ),
        Line2D([], [], color=style.INK, marker="|", ms=8, lw=0, label="threshold, side required"),
    ]
