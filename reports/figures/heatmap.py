"""Kind ``heatmap``: cosine similarities of neurons as colored squares, sorted by group.

Series: ``panels`` [{title, matrix [[cosine in percent]]}], ``columns`` (panels in a row).
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from reports.figures import style

KEYS = ("panels", "columns")
MOST_COLUMNS = 6
COLORS = "RdBu_r"  # diverging, with white at 0: readable with any color vision


def draw(series: Mapping[str, Any]) -> Figure:
    """One square for each panel; the color bar is shared."""
    panels = series["panels"]
    columns = min(max(int(series["columns"]), 1), MOST_COLUMNS, max(len(panels), 1))
    rows = max(1, math.ceil(len(panels) / columns))
    side = min(1.45, style.WIDTH / columns)
    titles = [style.label(panel["title"], 86 // columns, 5) for panel in panels]
    lines = max((title.count("\n") + 1 for title in titles), default=1)
    figure = style.canvas(rows * (side + 0.13 * lines) + 0.6)
    axes = np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel()
    for ax in axes:
        ax.set_axis_off()
    images = [_draw_panel(*each) for each in zip(axes, panels, titles, strict=False)]
    if images:
        bar = figure.colorbar(
            images[0], ax=axes.tolist(), location="bottom", aspect=50, fraction=0.03, pad=0.03
        )
        bar.set_label("cosine similarity of two neurons’ input weights")
        bar.outline.set_visible(False)  # type: ignore[operator]
    return figure


def _draw_panel(ax: Axes, panel: Mapping[str, Any], title: str) -> AxesImage:
    matrix = np.asarray(panel["matrix"], dtype=float) / 100
    if matrix.size and (matrix.ndim != 2 or len(set(matrix.shape)) > 1):
        raise ValueError(f"the matrix of '{panel['title']}' is not square")
    if matrix.size and not np.abs(matrix).max() <= 1:  # also where it is not a number
        raise ValueError(f"the matrix of '{panel['title']}' holds what is no cosine")
    shown = matrix if matrix.size else np.full((1, 1), np.nan)
    ax.set_title(title, pad=3, fontsize=7)
    return ax.imshow(shown, cmap=COLORS, vmin=-1, vmax=1, interpolation="nearest")
