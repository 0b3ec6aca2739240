"""The parts of a report: what each family of claims says, in plain words composed from verdicts."""

from collections.abc import Iterable, Sequence
from typing import Any

from reports.text import line, listed, number, prose, shorten, verdict_label
from validate.results.demands import deciding
from validate.results.records import ClaimResult, Observation, Part, Reading, Results, Verdict

OF_SENTENCE, BEYOND = "The sentence, case by case", "What else was checked"
HOLDS, FAILS, OPEN = "Holds", "Does not hold", "Not decided, or not applicable"
GROUPS = {Verdict.AGREE: HOLDS, Verdict.DISAGREE: FAILS}
# what is said of the sentence, in this order
PHRASES = {
    Verdict.AGREE: "Holds for",
    Verdict.DISAGREE: "Does not hold for",
    Verdict.INCONCLUSIVE: "Undecided for",
    Verdict.OUT_OF_SCOPE: "Not applicable to",
    Verdict.ERROR: "Not checked, for an error, for",
}


def parts(results: Results) -> list[dict[str, Any]]:
    """The families of the run's claims in the order of the record, each with its claims' numbers.

    A family without a record, as in files of earlier versions, comes where its first claim does.
    """
    known = {part.id: part for part in results.parts}
    present = dict.fromkeys(claim.part for claim in results.claims)
    ids = [id for id in known if id in present] + [id for id in present if id not in known]
    return [_part(known.get(id) or Part(id=id, title=_title(id)), results.claims) for id in ids]


def _title(id: str) -> str:
    return shorten(id[:1].upper() + id[1:], 60)


def _part(part: Part, claims: Sequence[ClaimResult]) -> dict[str, Any]:
    numbers = [number for number, claim in enumerate(claims) if claim.part == part.id]
    checked = {claims[number].id for number in numbers}
    rows = []
    if any(claims[number].readings for number in numbers):
        rows = [
            _row(number, claims[number], reading)
            for number in numbers
            for reading in claims[number].readings or (Reading(text=claims[number].title),)
        ]
    return {
        "title": prose(part.title),
        "short": shorten(part.title, 60),
        "text": prose(part.text),
        "sentence": prose(part.sentence),
        "source": line(part.source),
        "summary": _summary(rows),
        "sections": [
            {"title": title, "groups": groups}
            for title, of_sentence in ((OF_SENTENCE, True), (BEYOND, False))
            if (groups := _groups([row for row in rows if bool(row["where"]) is of_sentence]))
        ],
        "claims": numbers,
        "missing": [line(id) for id in part.claims if id not in checked],
    }


def _row(number: int, claim: ClaimResult, reading: Reading) -> dict[str, Any]:
    verdict, reason, measured = _said(claim, reading)
    return {
        "text": prose(reading.text),
        "where": prose(reading.where),
        "reason": prose(reason),
        "measured": prose(measured),
        "is": verdict,
        "verdict": verdict_label(verdict),
        "claim": number,
        "id": line(claim.id),
    }


def _said(claim: ClaimResult, reading: Reading) -> tuple[Verdict, str, str]:
    """The verdict of a reading, why, and what was measured.

    A decision's own verdict counts only where its claim's could.
    """
    trusted = all(control.as_required for control in claim.controls)
    trusted &= claim.verdict not in (Verdict.ERROR, Verdict.OUT_OF_SCOPE)
    if reading.decision is None or not trusted:
        return claim.verdict, claim.reason, _found(claim)
    decisions: Iterable[Observation] = (*claim.observations, *claim.controls)
    for one in decisions:
        if one.name == reading.decision:
            return one.verdict, f"{one.name}: {one.reason}", one.reason
    return Verdict.INCONCLUSIVE, f"{reading.decision}: not in the record", "–"


def _found(claim: ClaimResult) -> str:
    """What decided, without the name of the decision."""
    failed = [check for check in claim.regime if not check.ok]
    if claim.verdict is Verdict.OUT_OF_SCOPE and failed:
        return f"{failed[0].name}: {number(failed[0].value)}, required {failed[0].required}"
    one = deciding(claim)
    return one.reason if one is not None else claim.reason


def _summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """For what the sentence holds and for what it does not."""
    said = []
    for verdict, phrase in PHRASES.items():
        where = dict.fromkeys(row["where"] for row in rows if row["is"] is verdict and row["where"])
        if where:
            label = {**verdict_label(verdict), "word": phrase}
            said.append({"verdict": label, "where": listed(list(where))})
    return said


def _groups(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows under the headings that they belong to; empty ones are left out."""
    shown = ("text", "where", "reason", "measured", "is", "verdict", "claim", "id")
    return [
        {"title": title, "rows": [{key: row[key] for key in shown} for row in members]}
        for title in (HOLDS, FAILS, OPEN)
        if (members := [row for row in rows if GROUPS.get(row["is"], OPEN) == title])
    ]
