"""Filters that come back without a shift: what is measured on a layer, laws, a panel."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.batchnorm.reopening import Reopenings
from theory.batchnorm.reopening.chance import reopening
from theory.batchnorm.reopening.inputs import Inputs, Normalized
from theory.batchnorm.reopening.share import reopened
from validate.claim import Outcome, Unit
from validate.figure_forms.scaling import dots, line, panel

GROUPS = 6  # of filters with close β/γ at the start, in figures


def returned(unit: Unit) -> float:
    """Share of a layer's filters that were active again."""
    return float(np.mean(unit.measurement["returned"]))


def settings(made: Reopenings) -> dict[str, Any]:
    """What the law depends on besides the inputs and the starts."""
    return {
        "rate": made.rate,
        "decay": made.decay,
        "threshold": made.threshold,
        "steps": made.steps,
    }


def law(made: Reopenings, inputs: Inputs | None = None, **changes: Any) -> float:
    """The predicted share of an experiment; with other inputs or settings a wrong one."""
    return reopened(
        inputs or Normalized(made.batch), made.starts(), **{**settings(made), **changes}
    )


def start_panel(title: str, named: Mapping[str, Reopenings], outcome: Outcome) -> dict[str, Any]:
    """Share that came back against β/γ at the start, and the law."""
    points, lines = [], []
    units = (*outcome.units, *outcome.of_controls)
    for name, made in named.items():
        layers = [u.measurement["returned"] for u in units if u.experiment == made]
        ratios, scales = made.starts()
        chances = reopening(Normalized(made.batch), **settings(made))(ratios, scales)
        at = _grouped(ratios)
        points.append(dots(name, at, _grouped(np.mean(layers, axis=0))))
        lines.append(line("prediction", at, _grouped(chances)))
    labels = ("β/γ at the start", "share that came back")
    return panel(title, labels, points, lines, (False, False))


def _grouped(filters: np.ndarray) -> np.ndarray:
    """Means over `GROUPS` groups of neighbors."""
    return filters.reshape(GROUPS, -1).mean(1)
