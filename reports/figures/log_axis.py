"""Ticks of logarithmic axes: at least three with labels, however little of them is in view."""

import math
from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from reports.text import number

LEAST = 3
STEPS = ((1, 3), (1, 2, 5), (1, 2, 4), (1, 2, 3, 5), (1, 1.5, 2, 3, 4, 5, 7))  # of a decade
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def log_ticks(axis: Axis, plain: bool = True) -> None:
    """Ticks at powers of ten where so many are in view, else between them too.

    Labels are plain numbers, of powers of ten alone with ``plain`` false those.
    """

    def told(value: float | int, _: float | int) -> str:
        if value <= 0:
            return ""
        powers = not plain and len(_powers(*sorted(axis.get_view_interval()))) >= LEAST
        return _power(value) if powers else number(value)

    axis.set_major_locator(Ticks(numticks=6))
    axis.set_major_formatter(told)
    axis.set_minor_locator(NullLocator())


class Ticks(LogLocator):
    """Powers of ten, or the coarsest steps of a decade that give `LEAST` ticks."""

    def tick_values(self, vmin: float, vmax: float) -> Any:
        low, high = sorted((float(vmin), float(vmax)))
        if low <= 0 or not math.isfinite(high) or len(_powers(low, high)) >= LEAST:
            return super().tick_values(vmin, vmax)
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for steps in STEPS:
            found = [step * 10.0**power for power in decades for step in steps]
            if sum(low <= value <= high for value in found) >= LEAST:
                return np.asarray(found)
        return MaxNLocator(4).tick_values(low, high)


def _powers(low: float, high: float) -> range:
    """Exponents of the powers of ten in view."""
    if low <= 0 or not math.isfinite(high):
        return range(0)
    return range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)


def _power(value: float | int) -> str:
    """A power of ten as text: the figures' fonts have the superscripts."""
    return "10" + str(round(math.log10(value))).translate(_RAISED)
