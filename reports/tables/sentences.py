"""The published sentences in small tables: for what each holds, and for what it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from reports.content.failing import found as against
from reports.content.failing import in_few_words
from reports.parts import OF_SENTENCE, parts
from reports.tables.markdown import cell, table
from validate.results.records import Results, Verdict

MOST = 10
# which rows stay where there are more
FIRST = (Verdict.DISAGREE, Verdict.AGREE, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.OUT_OF_SCOPE)
HEADER = ("case", "verdict", "measured")
WORDS = ("in plain words", "verdict", "measured", "claim")


@dataclass
class Row:
    """Readings of a sentence that one claim decides in the same way."""

    part: int
    claim: str
    verdict: Verdict
    where: list[str]
    measured: list[str]


def sentences(results: Results) -> str:
    """A table for each sentence, with a row for each claim and verdict on a case; ten rows in all.

    Claims that contradict their source in other words than the sentence have a row as well.

    Where there are more those stay that contradict their source, then those that agree.
    """
    told = parts(results)
    found = [row for place, part in enumerate(told) for row in _rows(place, part, results)]
    kept = sorted(range(len(found)), key=lambda place: (FIRST.index(found[place].verdict), place))
    rows = [found[place] for place in sorted(kept[:MOST])]
    return "\n".join(
        f"{_sentence(told[place])}\n\n{table(HEADER, [_cells(row) for row in members])}"
        for place, members in groupby(rows, key=lambda row: row.part)
    )


def readings(results: Results, id: str) -> str:
    """What a part says in plain words: the cases of its sentence, then what else was checked.

    Empty for a part without such words.
    """
    told = (one for one in parts(results) if results.claims[one["claims"][0]].part == id)
    sections = next(told, {"sections": []})["sections"]
    return "\n".join(
        f"**{section['title']}**\n\n{table(WORDS, [_in_words(row) for row in _all(section)])}"
        for section in sections
    )


def _all(section: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for group in section["groups"] for row in group["rows"]]


def _in_words(row: dict[str, Any]) -> list[str]:
    return [cell(row["text"]), f"**{row['is']}**", cell(row["measured"]), f"`{row['id']}`"]


def _rows(place: int, part: dict[str, Any], results: Results) -> Iterator[Row]:
    """Of the cases of the sentence, then of claims that contradict their source in other words."""
    found: dict[tuple[str, Verdict], Row] = {}
    for section in part["sections"]:
        if section["title"] != OF_SENTENCE:
            continue
        for one in _all(section):
            key = (one["id"], one["is"])
            row = found.setdefault(key, Row(place, *key, [], []))
            row.where.append(cell(one["where"]))
            row.measured.append(cell(in_few_words(one["measured"])))
    yield from found.values()
    named = {claim for claim, _ in found}
    for claim in (results.claims[number] for number in part["claims"]):
        if claim.id not in named and claim.disagrees_with and claim.verdict is Verdict.DISAGREE:
            yield Row(place, claim.id, claim.verdict, [cell(claim.title)], [cell(against(claim))])


def _sentence(part: dict[str, Any]) -> str:
    title = f"**{cell(part['title'])}**"
    if not part["sentence"]:  # its claims are against several
        return title
    return f"{title}: “{cell(part['sentence'])}” ({cell(part['source'])})"


def _cells(row: Row) -> list[str]:
    """On a line for each case where there are several."""
    return ["<br>".join(row.where), f"**{row.verdict}**", "<br>".join(row.measured)]
