"""The cells of a claim as a table, and what is selected of them in a few words."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.text import interval, line, number, quantity
from validate.results.records import Cell, CellMeasure, ClaimResult

NOTHING = "–"


def cells_table(
    claim: ClaimResult, told_as: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    """What is judged of each cell of a claim and measured on it alone; None without cells.

    Args:
        claim: with its cells.
        told_as: shorter words for names of decisions, where there are several.
    """
    if not claim.cells:
        return None
    several = len({one.decision for cell in claim.cells for one in cell.measured}) > 1
    trained = any(cell.as_drawn for cell in claim.cells)
    told_as = (told_as or {}) if several else None
    header = ["cell", "judged of drawn", "measured (99 % interval)"]
    rows = []
    for cell in claim.cells:
        row = [line(cell.name), _judged(cell), _said(cell.measured, told_as)]
        if trained:
            row += [_said(cell.rejected, told_as), _said(cell.as_drawn, told_as)]
        rows.append(row)
    if trained:
        header += ["on those left out", "without any choice"]
    return {"title": "Cell by cell", "header": header, "rows": rows}


def _judged(cell: Cell) -> str:
    told = f"{cell.judged} of {cell.drawn} ({cell.share:.0%})"
    return told if cell.in_pool else f"{told}: out of scope"


def _said(measures: Sequence[CellMeasure], told_as: Mapping[str, str] | None) -> str:
    """What was measured; with the decision, or its shorter words, unless there is only one."""
    told = []
    for one in measures:
        value, bounds, words = one.measured, one.interval, ""
        if one.failing is not None:  # whether it is a share that must be large or a rate, small
            words = " as predicted"
            if value == one.failing:
                value, bounds = 1 - value, (1 - bounds[1], 1 - bounds[0])
        said = f"{quantity(value, one.unit)} [{interval(bounds, one.unit)}]{words}, "
        said += f"{number(one.n)} units"
        told.append(said if told_as is None else f"{_decision(one, told_as)}: {said}")
    return "; ".join(told) or NOTHING


def _decision(one: CellMeasure, told_as: Mapping[str, str]) -> str:
    return told_as.get(one.decision, line(one.decision))


def judged_of_drawn(cells: Sequence[Cell]) -> str:
    """The share judged of the cells in the pool, smallest to largest, and cells out of scope."""
    shares = sorted(one.share for one in cells if one.in_pool)
    ends = list(dict.fromkeys(f"{share:.0%}" for share in (*shares[:1], *shares[-1:])))
    told = "all" if ends in ([], ["100%"]) else " to ".join(ends)
    out = [f"{line(one.name)} ({one.share:.0%})" for one in cells if not one.in_pool]
    return told + (f"; out of scope: {'; '.join(out)}" if out else "")


def left_out(cells: Sequence[Cell]) -> str:
    """How many of the units left out were not as predicted, over cells and decisions."""
    found = [one for cell in cells for one in cell.rejected if one.failing is not None]
    failed = round(sum(one.n * (one.failing or 0.0) for one in found))
    return f"{failed} of {sum(one.n for one in found)}" if found else ""
