"""Timings as a table for the terminal."""

from collections.abc import Sequence

from rich.table import Table

from validate.command.bench.timing import Timing
from validate.command.terminal import literal, open_console

_SCALES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def duration(seconds: float) -> str:
    """Three digits with the unit that fits."""
    scale, unit = next((one for one in _SCALES if seconds >= one[0]), _SCALES[-1])
    return f"{seconds / scale:.3g} {unit}"


def factor(ratio: float) -> str:
    """Three digits without an exponent."""
    return f"{float(f'{ratio:.3g}'):,.0f}" if ratio >= 1000 else f"{ratio:.3g}"


def print_timings(timings: Sequence[Timing]) -> None:
    """What is simulated, the time for one unit, and how much slower the baseline is."""
    table = Table("simulation", "time", "baseline", "ratio (lowest to highest)")
    for one in timings:
        table.add_row(
            literal(one.name),
            f"{duration(one.seconds)} per {one.unit}",
            literal(f"{duration(one.baseline_seconds)}, {one.against}"),
            f"{factor(one.ratio)} ({factor(one.ratios[0])} to {factor(one.ratios[-1])})",
        )
    open_console().print(table)
