"""Kind ``groups``: one value for each unit, by group, with the margin.

Series: ``groups`` [{label, role (of `style.ROLE_WORDS`), values [float]}],
``ylabel``, ``margin`` (a number or None).
"""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from reports.figures import style
from reports.text import number

KEYS = ("groups", "ylabel", "margin")
LOG_RANGE = 300.0  # a wider range of positive values than this is shown on a log scale


def draw(series: Mapping[str, Any]) -> Figure:
    """Horizontal boxes with the single units as dots, so that long labels stay readable."""
    groups, margin = series["groups"], series["margin"]
    figure = style.canvas(0.85 + 0.36 * max(len(groups), 1))
    ax = figure.subplots()
    values = style.flat([group["values"] for group in groups])
    if values and min(values) > 0 and max(values) > LOG_RANGE * min(values):
        style.log_x(ax)
    for row, group in enumerate(groups):
        color = style.ROLE_COLORS[group["role"]]
        if group["values"]:
            _draw_row(ax, row, group["values"], color)
    if margin is not None:
        ax.set_title(" ", pad=2)  # room for what is written above the line
        ax.axvline(margin, color=style.INK, lw=1, ls=(0, (3, 2)))
        ax.annotate(
            f"margin {number(float(margin))}",
            (margin, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            fontsize=7,
        )
    ax.set_yticks(range(len(groups)), [style.label(group["label"], 30) for group in groups])
    ax.set_ylim(max(len(groups), 1) - 0.5, -0.5)
    ax.set_xlabel(style.label(series["ylabel"], 80))
    roles = [role for role in style.ROLE_WORDS if any(group["role"] == role for group in groups)]
    patches = [Patch(color=style.ROLE_COLORS[role], label=style.ROLE_WORDS[role]) for role in roles]
    if patches:
        figure.legend(handles=patches, loc="outside lower center", ncols=len(patches))
    return figure


def _draw_row(ax: Any, row: int, values: list[float | int], color: str) -> None:
    import seaborn as sns  # slow to import, and no other kind of figure needs it

    sns.boxplot(
        x=values,
        y=[row] * len(values),
        orient="h",
        native_scale=True,
        ax=ax,
        width=0.55,
        showfliers=False,
        linewidth=0.9,
        boxprops={"facecolor": "none", "edgecolor": color},
        whiskerprops={"color": color},
        capprops={"color": color},
        medianprops={"color": style.INK, "linewidth": 1.5},
    )
    heights = row + style.jitter(len(values), 0.17)
    ax.scatter(values, heights, s=8, color=color, alpha=0.55, linewidths=0, zorder=3)
    ax.set(xlabel="", ylabel="")
