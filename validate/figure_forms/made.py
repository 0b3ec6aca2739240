"""Figures and tables from what they show, with what every one of them has."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from validate.claim import Outcome, Unit
from validate.results.records import Figure, Table
from validate.run.record import units_hash


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


def table(title: str, rows: Iterable[Mapping[str, str]]) -> Table:
    """A table from what each row has in every column, by the heads of the columns."""
    every = list(rows)
    header = tuple(every[0])
    return Table(title=title, header=header, rows=tuple(tuple(row.values()) for row in every))
