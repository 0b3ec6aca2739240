"""Kind ``counts``: how often each number of orientations was measured, against the bound.

Series: ``categories`` [str], ``bound`` [int per category], ``values`` [[int per unit] per
category], ``xlabel``, ``ylabel``; optional ``bound_is`` [str], what the bound is called, and
``exact`` [bool]: the number must be ``bound``, not at most that.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from reports.figures import style

KEYS = ("categories", "bound", "values", "xlabel", "ylabel")
LEAST = 0.03  # a smaller share has no label


def draw(series: Mapping[str, Any]) -> Figure:
    """Bars as wide as the share of units, one column for each category."""
    levels = [*series["bound"], *(n for units in series["values"] for n in units)] or [0]
    high = 0.12 * (max(levels) - min(levels)) + 1.2  # room for a number in every bar
    figure = style.canvas(max(2.2, high))
    ax = figure.subplots()
    exact = bool(series.get("exact", False))
    named = f"bound {style.label(series.get('bound_is', ''), 12, 1)}".strip()
    data = (series["categories"], series["bound"], series["values"])
    draw_shares(ax, *data, exact=exact, named=named)
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
    named: str = "bound",
) -> None:
    """One column for each category: shares of units by count, the bound, and what violates it.

    ``characters`` is the room for the labels of all categories together. With ``exact`` the bounds
    are the expected numbers, boxed, and every other one is in the other color. ``named`` is
    what the bound is called.
    """
    if not len(categories) == len(bounds) == len(values):
        raise ValueError("'categories', 'bound' and 'values' differ in length")
    seen = [count for units in values for count in units]
    gap = _gap({*seen, *bounds})
    thick = 0.72 if gap == 1 else 0.6 * gap  # bars with room for a label, in them and above them
    low, high = min([*seen, *bounds], default=0), max([1, *seen, *bounds]) + gap
    shares = [_shares(units) for units in values]
    for position, (bound, column) in enumerate(zip(bounds, shares, strict=True)):
        if exact:
            corner = (position - 0.49, bound - 0.46 * gap)
            ax.add_patch(Rectangle(corner, 0.98, 0.92 * gap, fill=False, ec=style.INK, lw=1))
        else:
            first = position == 0 or bounds[position - 1] != bound
            equal = " =" if named != "bound" else ""
            name = f"{named}{equal} {bound}" if first else ""
            beyond = bound + 0.5 * gap, high + 0.5 * gap
            above = 0.5 * thick if bound in shares[position] else 0
            _draw_bound(ax, position, bound, beyond, (bound + above + 0.06 * gap, name))
        right = partial(_is_right, bound=bound, exact=exact)
        after = shares[position + 1] if position + 1 < len(shares) else {}
        _draw_column(ax, position, right, column, after, (0.05 * len(values), thick))
    if bounds and not exact:
        left = bounds[0] <= bounds[-1]
        place = {"ha": "left" if left else "right", "va": "top", "fontsize": 7}
        at = (-0.47 if left else len(bounds) - 0.53, high + 0.42 * gap)
        ax.annotate("violates the bound", at, color="#a04000", **place)
    _label_columns(ax, categories, characters)
    ax.set_xlim(-0.5, max(len(categories), 1) - 0.5)
    ax.set_ylim(low - 0.5 * gap, high + 0.5 * gap)
    ax.set_yticks(sorted({*seen, *bounds}))


def _gap(levels: Set[int]) -> int:
    """The smallest distance between two levels: as much room as each has."""
    return min((b - a for a, b in pairwise(sorted(levels))), default=1)


def _label_columns(ax: Axes, categories: Sequence[str], characters: int) -> None:
    """Level labels where they fit, else slanted ones."""
    room = characters // max(len(categories), 1)
    fits = all(len(name) <= room * (2 if " " in name else 1) for name in categories)
    labels = [style.label(name, *((room, 3) if fits else (32, 1))) for name in categories]
    slanted = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(range(len(categories)), labels, **({} if fits else slanted))


def _draw_bound(
    ax: Axes, position: int, bound: int, beyond: tuple[float, float], named: tuple[float, str]
) -> None:
    """The line where the bound is, behind the bars, and what is ``beyond`` it, from and up to.

    The first of a level is ``named``, at a height.
    """
    sides = [position - 0.5, position + 0.5]
    ax.fill_between(sides, *beyond, color=style.VIOLATION, alpha=0.1, lw=0)
    ax.plot(sides, [bound] * 2, color=style.INK, lw=1.3, zorder=0.9)
    place = {"ha": "left", "va": "bottom", "fontsize": 7, "color": style.INK}
    ax.text(position - 0.47, *named, **place)


def _shares(units: Sequence[int]) -> dict[int, float]:
    """The share of units with each number, from the lowest on."""
    return {count: number / len(units) for count, number in sorted(Counter(units).items())}


def _is_right(count: int, bound: int, exact: bool) -> bool:
    return count == bound if exact else count <= bound


def _draw_column(
    ax: Axes,
    position: int,
    right: Callable[[int], bool],
    shares: Mapping[int, float],
    after: Mapping[int, float],
    room: tuple[float, float],
) -> None:
    """Bars of one category, each with its share as far as there is room for that.

    ``room`` is the width of a label in columns and the height of a bar in levels. A label stands in
    bars that are wider, else beside them, where bars of the column ``after`` leave it uncovered.
    """
    wide, high = room
    for count, share in shares.items():
        color = style.PLUS if right(count) else style.VIOLATION
        ax.barh(count, 0.86 * share, left=position - 0.43 * share, height=high, color=color)
        inside, end = 0.86 * share > wide, 0.43 * share + 0.02
        covered = count in after and end + wide > 1 - 0.43 * after[count]
        if share < LEAST or (covered and not inside):
            continue
        ax.text(
            position if inside else position + end,
            count,
            f"{100 * share:.0f} %",
            ha="center" if inside else "left",
            va="center",
            fontsize=7,
            color="white" if inside else style.INK,
            bbox={"boxstyle": "square,pad=0.1", "fc": color if inside else "white", "ec": "none"},
        )
