"""Tables of cells: of one claim, and over all claims what they select and what controls them."""

from collections.abc import Sequence
from typing import Any

from reports.text import interval, line, number, quantity
from validate.results.records import Cell, CellMeasure, ClaimResult

NOTHING = "–"
NAMED = 3  # controls of a kind whose names stand in the methods table


def cells_table(claim: ClaimResult) -> dict[str, Any] | None:
    """What is judged of each cell of a claim and measured on it alone; None without cells."""
    if not claim.cells:
        return None
    several = len({one.decision for cell in claim.cells for one in cell.measured}) > 1
    trained = any(cell.as_drawn for cell in claim.cells)
    header = ["cell", "judged of drawn", "measured (99 % interval)"]
    rows = []
    for cell in claim.cells:
        row = [line(cell.name), _judged(cell), _said(cell.measured, several)]
        if trained:
            row += [_said(cell.rejected, several), _said(cell.as_drawn, several)]
        rows.append(row)
    if trained:
        header += ["on those left out", "without any choice"]
    return {"title": "Cell by cell", "header": header, "rows": rows}


def _judged(cell: Cell) -> str:
    told = f"{cell.judged} of {cell.drawn} ({cell.share:.0%})"
    return told if cell.in_pool else f"{told}: out of scope"


def _said(measures: Sequence[CellMeasure], several: bool) -> str:
    """What was measured; with the decision's name where there is more than one."""
    told = []
    for one in measures:
        value, bounds, words = one.measured, one.interval, ""
        if one.failing is not None:  # whether it is a share that must be large or a rate, small
            words = " as predicted"
            if value == one.failing:
                value, bounds = 1 - value, (1 - bounds[1], 1 - bounds[0])
        said = f"{quantity(value, one.unit)} [{interval(bounds, one.unit)}]{words}, "
        said += f"{number(one.n)} units"
        told.append(f"{line(one.decision)}: {said}" if several else said)
    return "; ".join(told) or NOTHING


def methods_table(claims: Sequence[ClaimResult]) -> dict[str, Any]:
    """Per claim: cells, the share judged of what was drawn, what happened on the rest, controls."""
    header = [
        *("claim", "cells", "judged of drawn, by cell", "measured on those left out"),
        *("resolution controls", "experiment controls"),
    ]
    return {"title": "What is selected, and what could have failed", "header": header,
            "rows": [_row(claim) for claim in claims]}  # fmt: skip


def _row(claim: ClaimResult) -> list[str]:
    return [
        line(claim.id),
        str(len(claim.cells)) if claim.cells else NOTHING,
        judged_of_drawn(claim.cells),
        _left_out(claim.cells),
        _controls(claim, "resolution"),
        _controls(claim, "experiment"),
    ]


def judged_of_drawn(cells: Sequence[Cell]) -> str:
    """The share judged of the cells in the pool, smallest to largest, and cells out of scope."""
    shares = sorted(one.share for one in cells if one.in_pool)
    ends = list(dict.fromkeys(f"{share:.0%}" for share in (*shares[:1], *shares[-1:])))
    told = "all" if ends in ([], ["100%"]) else " to ".join(ends)
    out = [f"{line(one.name)} ({one.share:.0%})" for one in cells if not one.in_pool]
    return told + (f"; out of scope: {'; '.join(out)}" if out else "")


def _left_out(cells: Sequence[Cell]) -> str:
    """How many of the units left out were not as predicted, over cells and decisions."""
    found = [one for cell in cells for one in cell.rejected if one.failing is not None]
    if not found:
        return NOTHING
    failed = round(sum(one.n * (one.failing or 0.0) for one in found))
    return f"{failed} of {sum(one.n for one in found)}"


def _controls(claim: ClaimResult, role: str) -> str:
    """How many controls of a kind came out as they must, and which there are."""
    controls = [control for control in claim.controls if control.role == role]
    if not controls:
        return NOTHING
    names = [line(control.name) for control in controls]
    more = f"; and {len(names) - NAMED} more" if len(names) > NAMED else ""
    counted = f"{sum(control.as_required for control in controls)} of {len(controls)}"
    return f"{counted}: {'; '.join(names[:NAMED])}{more}"
