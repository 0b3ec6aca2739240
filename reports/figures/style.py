"""What all figures share: size, fonts, colors, labels, the verdict badge and the SVG form."""

import io
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from reports.figures.log_axis import log_ticks
from reports.text import VERDICT_COLORS, VERDICT_WORDS, line
from validate.results.records import Verdict

WIDTH = 6.5  # inches: the text width of the report, so that font sizes are true in print
BADGE_HEIGHT = 0.24  # inches kept free above the axes for the verdict
GOLDEN = 0.6180339887498949

# seaborn's palette "colorblind" and style "ticks", written out: importing seaborn takes longer
# than drawing a figure
PALETTE = [
    *("#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc"),
    *("#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9"),
]
INK, GRAY, FAINT = "#222222", "#6b6b6b", "#d9d9d9"
PLUS, MINUS = "#0072b2", "#d55e00"
VIOLATION = "#d55e00"
ROLE_WORDS = {
    "claim": "prediction",
    "resolution": "resolution control",
    "experiment": "experiment control",
    "positive": "positive control",
}
ROLE_COLORS = {
    "claim": "#0072b2",
    "resolution": "#d55e00",
    "experiment": "#cc79a7",
    "positive": "#009e73",
}

SETTINGS: Any = {
    **dict.fromkeys(("text.color", "xtick.color", "ytick.color"), ".15"),
    "axes.axisbelow": True,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "svg.hashsalt": "theorycheck",
    "svg.fonttype": "path",
    "text.parse_math": False,
    "text.usetex": False,
    "font.family": ["DejaVu Sans"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.4,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "lines.linewidth": 1.2,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "savefig.dpi": 250,
    "figure.dpi": 100,
}


def canvas(height: float) -> Figure:
    """An empty figure of the report's text width; ``height`` in inches."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasSVG(figure)
    return figure


def badge(figure: Figure, verdict: Verdict | None) -> None:
    """The verdict in the upper right corner, in words and in color, above the axes."""
    if verdict is None:
        return
    total = figure.get_figheight() + BADGE_HEIGHT
    figure.set_figheight(total)
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0, 0, 1, 1 - BADGE_HEIGHT / total))
    figure.text(
        *(0.992, 1 - 0.05 / total, VERDICT_WORDS[verdict].upper()),
        ha="right",
        va="top",
        fontsize=7,
        fontweight="bold",
        color="white",
        bbox={"boxstyle": "round,pad=0.3", "fc": VERDICT_COLORS[verdict], "ec": "none"},
    )


def to_svg(figure: Figure) -> str:
    """The figure as SVG text, without date and creator."""
    buffer = io.BytesIO()
    metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(buffer, format="svg", transparent=True, metadata=metadata)
    return buffer.getvalue().decode("utf-8")


def label(text: Any, width: int = 28, lines: int = 3) -> str:
    """A label on at most ``lines`` lines of about ``width`` characters."""
    width = max(width, 4)
    wrapped = textwrap.wrap(line(str(text)), width, break_long_words=True) or [""]
    if len(wrapped) > lines:
        wrapped = [*wrapped[: lines - 1], wrapped[lines - 1][: width - 1] + "…"]
    return "\n".join(wrapped)


def jitter(count: int, spread: float) -> Float[np.ndarray, " count"]:
    """Evenly spread offsets in [-spread, spread], the same on every call."""
    return spread * (2 * ((0.5 + GOLDEN * np.arange(count)) % 1) - 1)


BELOW = 4.0  # letters from the axes to a legend under them: numbers and name of the x axis between


def legend_below(ax: Axes, columns: int = 2) -> None:
    """The legend under the axes, where it can cover nothing."""
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        anchor = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0), "borderaxespad": BELOW}
        ax.legend(handles, labels, ncols=min(columns, len(handles)), markerscale=1.3, **anchor)


def log_x(ax: Axes) -> None:
    """A logarithmic x axis with ticks in plain numbers."""
    ax.set_xscale("log")
    log_ticks(ax.xaxis)


def wide_enough(low: float | int, high: float | int) -> tuple[float, float]:
    """Axis limits with some room, also where all values are equal."""
    room = 0.06 * (high - low) or 0.5 * abs(high) or 0.5
    return low - room, high + room


def flat(lists: Sequence[Sequence[float | int]]) -> list[float]:
    return [float(value) for values in lists for value in values]
