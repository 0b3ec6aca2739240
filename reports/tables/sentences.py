"""The published sentences in one small table: for what each holds, and for what it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reports.parts import OF_SENTENCE, parts
from reports.tables.markdown import cell, table
from validate.results.records import Results, Verdict

MOST = 10
# which rows stay where there are more
FIRST = (Verdict.DISAGREE, Verdict.AGREE, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.OUT_OF_SCOPE)
HEADER = ("the published sentence", "verdict", "measured", "claim")


@dataclass
class Row:
    """Readings of a sentence that one claim decides in the same way."""

    part: int
    claim: str
    verdict: Verdict
    where: list[str]
    measured: list[str]


def sentences(results: Results) -> str:
    """A row for each claim and verdict on a case of a published sentence, at most ten.

    Where there are more those stay that contradict their source, then those that agree.
    """
    told = parts(results)
    found = [row for place, part in enumerate(told) for row in _rows(place, part)]
    kept = sorted(range(len(found)), key=lambda place: (FIRST.index(found[place].verdict), place))
    rows: list[list[str]] = []
    part = None
    for place in sorted(kept[:MOST]):
        row = found[place]
        if row.part != part:
            part = row.part
            rows.append([_sentence(told[part]), "", "", ""])
        where = "; ".join(row.where)
        rows.append([where, f"**{row.verdict}**", _measured(row), f"`{row.claim}`"])
    return table(HEADER, rows)


def _rows(place: int, part: dict[str, Any]) -> Iterator[Row]:
    found: dict[tuple[str, Verdict], Row] = {}
    for section in part["sections"]:
        if section["title"] != OF_SENTENCE:
            continue
        for one in (row for group in section["groups"] for row in group["rows"]):
            key = (one["id"], one["is"])
            row = found.setdefault(key, Row(place, *key, [], []))
            row.where.append(cell(one["where"]))
            row.measured.append(cell(one["measured"]))
    yield from found.values()


def _sentence(part: dict[str, Any]) -> str:
    return f"**{cell(part['title'])}**: “{cell(part['sentence'])}” ({cell(part['source'])})"


def _measured(row: Row) -> str:
    """On a line for each case where there are several."""
    if len(row.where) == 1:
        return row.measured[0]
    told = zip(row.where, row.measured, strict=True)
    return "<br>".join(f"{where}: {measured}" for where, measured in told)
