"""The fixed kinds of figure, from plain data to SVG.

A claim names a kind and gives its series; `render` draws it. The same figure always gives the
same bytes: the SVG has no date, its identifiers do not depend on the process, jitter is
computed and not drawn at random.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

from reports.figures import (
    activation,
    agreement,
    counts,
    directions,
    field,
    groups,
    heatmap,
    intervals,
    scaling,
    sphere,
    style,
)
from validate.results.records import Figure

KINDS: dict[str, tuple[tuple[str, ...], Callable[[Mapping[str, Any]], Canvas]]] = {
    "counts": (counts.KEYS, counts.draw),
    "agreement": (agreement.KEYS, agreement.draw),
    "directions": (directions.KEYS, directions.draw),
    "activation": (activation.KEYS, activation.draw),
    "field": (field.KEYS, field.draw),
    "sphere": (sphere.KEYS, sphere.draw),
    "groups": (groups.KEYS, groups.draw),
    "intervals": (intervals.KEYS, intervals.draw),
    "scaling": (scaling.KEYS, scaling.draw),
    "heatmap": (heatmap.KEYS, heatmap.draw),
}


# show a single run and not what was decided over all units: no verdict follows from them
OF_ONE_RUN = ("heatmap", "field", "sphere", "directions", "activation")


class FigureError(ValueError):
    """A figure of an unknown kind, or one whose series does not fit its kind."""


def render(figure: Figure) -> str:
    """The figure as SVG text.

    Raises:
        FigureError: (a `ValueError`) naming the unknown kind or what is wrong with the series.
    """
    if figure.kind not in KINDS:
        raise FigureError(f"unknown kind of figure {figure.kind!r}; known: {', '.join(KINDS)}")
    keys, draw = KINDS[figure.kind]
    missing = [key for key in keys if key not in figure.series]
    if missing:
        raise FigureError(f"a figure of kind {figure.kind!r} needs the series {missing[0]!r}")
    with mpl.rc_context(style.SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message="vert: bool was deprecated")  # within seaborn
        try:
            canvas = draw(figure.series)
        except KeyError as error:
            text = f"a figure of kind {figure.kind!r} lacks {error.args[0]!r} in its series"
            raise FigureError(text) from error
        except (TypeError, ValueError, IndexError, AttributeError) as error:
            reason = " ".join(str(error).split())
            raise FigureError(f"a figure of kind {figure.kind!r}: {reason}") from error
        if figure.kind not in OF_ONE_RUN:
            style.badge(canvas, figure.verdict)
        return style.to_svg(canvas)
