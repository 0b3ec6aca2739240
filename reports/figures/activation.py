"""Kind ``activation``: an activation function and its leading part at 0.

Series: ``x`` [float], ``sigma`` [σ(x)], ``leading`` [σ(0) + leading part, or None], ``name``,
``order`` (int or None), and ``value_at_zero`` (float; 0 where it is left out).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from reports.figures import style
from reports.text import number

KEYS = ("x", "sigma", "leading", "name", "order")
ROUNDING = 1e-12  # differences from σ(0) below this share of the largest |σ| are rounding
DASHES: Any = (0, (4, 2))


def draw(series: Mapping[str, Any]) -> Figure:
    """Left: σ and its leading part; right: |σ(x) − σ(0)| against |x|, both logarithmic."""
    x, sigma = _increasing(series["x"], series["sigma"])
    leading = None if series["leading"] is None else _increasing(series["x"], series["leading"])[1]
    figure = style.canvas(1.6)
    left, right = figure.subplots(1, 2)
    _draw_linear(left, x, sigma, leading, series)
    zero = float(series.get("value_at_zero") or 0.0)
    _draw_logarithmic(right, x, sigma - zero, None if leading is None else leading - zero)
    return figure


def _increasing(x: Any, y: Any) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    across, up = np.asarray(x, float), np.asarray(y, float)
    if across.shape != up.shape or across.ndim != 1:
        raise ValueError("'x', 'sigma' and 'leading' must be lists of one length")
    order = np.argsort(across, kind="stable")
    return across[order], up[order]


def _draw_linear(
    ax: Axes,
    x: Float[np.ndarray, " n"],
    sigma: Float[np.ndarray, " n"],
    leading: Float[np.ndarray, " n"] | None,
    series: Mapping[str, Any],
) -> None:
    ax.axvline(0, color=style.FAINT, lw=0.6, zorder=0)
    ax.plot(x, sigma, color=style.PLUS, lw=1.8, label=style.label(series["name"], 34, 1))
    if leading is not None:
        order = "" if series["order"] is None else f", order {int(series['order'])}"
        ax.plot(x, leading, color=style.INK, ls=DASHES, lw=1, label=f"leading part{order}")
    if len(sigma):
        ax.set_ylim(*style.wide_enough(float(np.min(sigma)), float(np.max(sigma))))
    ax.set(xlabel="x", ylabel="σ(x)")
    _legend(ax)


def _draw_logarithmic(
    ax: Axes,
    x: Float[np.ndarray, " n"],
    change: Float[np.ndarray, " n"],
    leading: Float[np.ndarray, " n"] | None,
) -> None:
    ax.set(xscale="log", yscale="log", xlabel="|x|", ylabel="|σ(x) − σ(0)|")
    floor = ROUNDING * np.max(np.abs(change), initial=0.0)
    looks: Any = (("x > 0", style.PLUS, "-"), ("x < 0", style.MINUS, (0, (2, 1.2))))
    for sign, (label, color, dashes) in zip((1, -1), looks, strict=True):
        side = sign * x > 0
        kept = side & (np.abs(change) > floor)
        if kept.any():
            at = (np.abs(x[kept]), np.abs(change[kept]))
            ax.plot(*at, color=color, ls=dashes, lw=1.8, label=label)
        if leading is not None and (side & (leading != 0)).any():
            drawn = side & (leading != 0)
            ax.plot(np.abs(x[drawn]), np.abs(leading[drawn]), color=style.INK, ls=DASHES, lw=1)
    seen = np.abs(change[np.abs(change) > floor])
    if seen.size:
        ax.set_ylim(np.min(seen) / 2, np.max(seen) * 2)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(numticks=6))
        axis.set_major_formatter(lambda value, _: number(value))
        axis.set_minor_formatter(NullFormatter())
    _legend(ax)


def _legend(ax: Axes) -> None:
    """Above the axes, where it covers nothing."""
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)
