"""Kind ``counts``: how often each number of orientations was measured, against the bound.

Series: ``categories`` [str], ``bound`` [int per category], ``values`` [[int per unit] per
category], ``xlabel``, ``ylabel``; optional ``exact`` [bool]: the number must be ``bound``, not at
most that.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from reports.figures import style

KEYS = ("categories", "bound", "values", "xlabel", "ylabel")


def draw(series: Mapping[str, Any]) -> Figure:
    """Bars as wide as the share of units, one column for each category."""
    levels = max([0, *series["bound"], *(n for units in series["values"] for n in units)])
    figure = style.canvas(max(2.9, 0.16 * levels + 1.2))  # room for a number in every bar
    ax = figure.subplots()
    exact = bool(series.get("exact", False))
    draw_shares(ax, series["categories"], series["bound"], series["values"], exact=exact)
    ax.set_xlabel(style.label(series["xlabel"], 90))
    ax.set_ylabel(style.label(series["ylabel"], 34))
    return figure


def draw_shares(
    ax: Axes,
    categories: Sequence[str],
    bounds: Sequence[int],
    values: Sequence[Sequence[int]],
    characters: int = 90,
    exact: bool = False,
) -> None:
    """One column for each category: shares of units by count, the bound, and what violates it.

    ``characters`` is the room for the labels of all categories together. With ``exact`` the bounds
    are the expected numbers, boxed, and every other one is in the other color.
    """
    if not len(categories) == len(bounds) == len(values):
        raise ValueError("'categories', 'bound' and 'values' differ in length")
    seen = [count for units in values for count in units]
    low, high = min([0, *seen, *bounds]), max([1, *seen, *bounds]) + 1
    for position, (bound, units) in enumerate(zip(bounds, values, strict=True)):
        if exact:
            corner = (position - 0.49, bound - 0.46)
            ax.add_patch(Rectangle(corner, 0.98, 0.92, fill=False, ec=style.INK, lw=1))
        else:
            _draw_bound(ax, position, bound, high)
        right = partial(_is_right, bound=bound, exact=exact)
        _draw_column(ax, position, right, units, max(0.34, 0.045 * len(values)))
    if bounds and not exact:
        left = bounds[0] <= bounds[-1]
        place = {"ha": "left" if left else "right", "va": "top", "fontsize": 7}
        at = (-0.47 if left else len(bounds) - 0.53, high + 0.42)
        ax.annotate("violates the bound", at, color="#a04000", **place)
    _label_columns(ax, categories, characters)
    ax.set_xlim(-0.5, max(len(categories), 1) - 0.5)
    ax.set_ylim(low - 0.5, high + 0.5)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))


def _label_columns(ax: Axes, categories: Sequence[str], characters: int) -> None:
    """Level labels where they fit, else slanted ones."""
    room = characters // max(len(categories), 1)
    fits = all(len(name) <= room * (2 if " " in name else 1) for name in categories)
    labels = [style.label(name, *((room, 3) if fits else (32, 1))) for name in categories]
    slanted = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(range(len(categories)), labels, **({} if fits else slanted))


def _draw_bound(ax: Axes, position: int, bound: int, high: int) -> None:
    sides = [position - 0.5, position + 0.5]
    ax.fill_between(sides, bound + 0.5, high + 0.5, color=style.VIOLATION, alpha=0.1, lw=0)
    ax.plot(sides, [bound + 0.5] * 2, color=style.INK, lw=1.3)


def _is_right(count: int, bound: int, exact: bool) -> bool:
    return count == bound if exact else count <= bound


def _draw_column(
    ax: Axes, position: int, right: Callable[[int], bool], units: Sequence[int], wide: float
) -> None:
    """Bars of one category; the number stands in those of at least the share ``wide``."""
    for count, number in sorted(Counter(units).items()):
        share = number / len(units)
        color = style.PLUS if right(count) else style.VIOLATION
        ax.barh(count, 0.86 * share, left=position - 0.43 * share, height=0.72, color=color)
        inside = share > wide
        ax.text(
            position if inside else position + 0.43 * share + 0.02,
            count,
            f"{100 * share:.0f} %" if share >= 0.01 else "<1 %",
            ha="center" if inside else "left",
            va="center",
            fontsize=6.5,
            color="white" if inside else style.INK,
        )
