"""Series for figures of kind ``scaling``: laws as lines, measurements as points with bars."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from validate.claim import Outcome, Role, Unit
from validate.decisions.intervals import mean_within
from validate.figure_forms.made import figure
from validate.results.records import Figure

QUANTILES = (0.05, 0.5, 0.95)  # nine units of ten lie within a bar
LEVEL = 0.01  # of the intervals of means, which decide nothing


def scaling(
    outcome: Outcome,
    title: str,
    caption: str,
    panels: Sequence[Mapping[str, Any]],
    units: Sequence[Unit] | None = None,
) -> Figure:
    """A figure of kind ``scaling`` from panels, by default of all units of the claim."""
    return figure(outcome, "scaling", title, caption, units, panels=list(panels))


def one_figure(
    title: str, caption: str, *panels: Callable[[Outcome], Mapping[str, Any]]
) -> Callable[[Outcome], tuple[Figure]]:
    """For `Body.figures`: a figure of kind ``scaling`` of these panels of an outcome."""
    return lambda outcome: (scaling(outcome, title, caption, [of(outcome) for of in panels]),)


def panel(
    title: str,
    labels: tuple[str, str],
    points: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
    log: tuple[bool, bool] = (True, True),
) -> dict[str, Any]:
    """One panel; ``labels`` and ``log`` are those of the x and y axes."""
    return {
        "title": title,
        "xlabel": labels[0],
        "ylabel": labels[1],
        "xlog": log[0],
        "ylog": log[1],
        "points": list(points),
        "lines": list(lines),
    }


def dots(
    label: str, x: Float[np.ndarray, " points"], y: Float[np.ndarray, " points"]
) -> dict[str, Any]:
    """Points without bars."""
    return {"label": label, "x": _plain(x), "y": _plain(y), "lo": None, "hi": None}


def medians(
    label: str, x: Float[np.ndarray, " points"], y: Float[np.ndarray, "units points"]
) -> dict[str, Any]:
    """Medians over the units, with bars that hold nine units of ten."""
    return spread(label, x, list(np.asarray(y).T))


def spread(label: str, x: Float[np.ndarray, " points"], values: Sequence[Any]) -> dict[str, Any]:
    """Medians of the values at each x, with bars that hold nine of ten."""
    low, middle, high = np.array([np.quantile(one, QUANTILES) for one in values]).T
    return {"label": label, "x": _plain(x), "y": _plain(middle), "lo": _plain(low),
            "hi": _plain(high)}  # fmt: skip


def means(label: str, x: Float[np.ndarray, " points"], values: Sequence[Any]) -> dict[str, Any]:
    """Means of the values at each x, with Student's intervals of 99 %, if there are several."""
    if min(len(one) for one in values) < 2:
        return dots(label, x, np.array([np.mean(one) for one in values]))
    mean, low, high = np.array([mean_within(one, LEVEL) for one in values]).T
    return {"label": label, "x": _plain(x), "y": _plain(mean), "lo": _plain(low),
            "hi": _plain(high)}  # fmt: skip


def line(
    label: str,
    x: Float[np.ndarray, " points"],
    y: Float[np.ndarray, " points"],
    role: Role = Role.CLAIM,
) -> dict[str, Any]:
    """A predicted line, or one of a control."""
    return {"label": label, "role": str(role), "x": _plain(x), "y": _plain(y)}


def _plain(values: Float[np.ndarray, " points"]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]
