"""Figures and tables from what they show, with what every one of them has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from validate.claim import Outcome, Unit
from validate.results.records import Figure, Table
from validate.run.record import units_hash

T = TypeVar("T")


def figure(
    outcome: Outcome,
    kind: str,
    title: str,
    caption: str,
    units: Sequence[Unit] | None = None,
    **series: Any,
) -> Figure:
    """A figure of a fixed kind, by default of all units of the claim."""
    return Figure(
        kind=kind,
        title=title,
        caption=caption,
        series=series,
        verdict=outcome.verdict,
        settings_hash=units_hash(outcome.units if units is None else units),
    )


def table(title: str, rows: Iterable[T], columns: Mapping[str, Callable[[T], str]]) -> Table:
    """A row for each of some things, in columns that say what is written of one."""
    return Table(
        title=title,
        header=tuple(columns),
        rows=tuple(tuple(write(one) for write in columns.values()) for one in rows),
    )
