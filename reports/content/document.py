"""The whole report as data: front page, a chapter for each part, appendix."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from reports import references
from reports.content import chapter, picture, table
from reports.content.claim import claim_page
from reports.content.details import details
from reports.content.run import TITLE, extract, facts
from reports.derivations import stretches
from reports.parts import parts
from reports.text import (
    date,
    line,
    listed,
    number,
    quantity,
    shorten,
    verdict_sentence,
)
from validate.results.guarantee import CONDITION, several_books
from validate.results.records import Appendix, ClaimResult, Results, Verdict
from validate.results.reproduce import command


def document(results: Results, of: int | None = None, brief: bool = False) -> dict[str, Any]:
    """Everything on the pages except for the pictures, as JSON-ready data.

    Args:
        results: the run, or an extract of it.
        of: how many claims the run had, if the results are an extract.
        brief: only the pages before the appendix.
    """
    run = results.run
    counts = Counter(claim.verdict for claim in results.claims)
    entries = (entry for claim in results.claims for entry in claim.references)
    chapters, claims = _chapters(results)
    return {
        "title": TITLE,
        "date": date(run.started),
        "budget": line(run.budget),
        "summary": verdict_sentence(dict(counts)),
        "checked": _checked(chapters),
        "extract": extract(len(results.claims), of),
        "brief": brief,
        "disagreeing": [
            place
            for place, claim in enumerate(results.claims)
            if claim.verdict is Verdict.DISAGREE or claim.disagrees_with
        ],
        "reproduce": line(command(results)),
        "alpha": quantity(run.alpha, "share"),
        "shares": number(run.parts_of_alpha),
        "level": number(run.alpha / run.parts_of_alpha) if run.parts_of_alpha else "–",
        "condition": line(CONDITION),
        "books": line(several_books(run)),
        "parts": chapters,
        "claims": claims,
        "references": [references.parts(entry) for entry in references.unique(entries)],
        "appendices": [_appendix(appendix) for appendix in results.appendices],
        "run": facts(results),
    }


def _chapters(results: Results) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The parts with what their claims share, and the claims."""
    chapters = parts(results)
    claims: list[dict[str, Any]] = [{} for _ in results.claims]
    for one in chapters:
        members = [results.claims[place] for place in one["claims"]]
        _add_common(one, members)
        for place, made in zip(one["claims"], _pages(members), strict=True):
            claims[place] = made
    return chapters, claims


def _add_common(part: dict[str, Any], members: Sequence[ClaimResult]) -> None:
    """What the claims of a part share."""
    found = chapter.telling(members)
    part["picture"] = found and {"claim": part["claims"][found[0]], "figure": found[1]}
    part["derivation"] = chapter.derivation(stretches(members), members)
    for one in part["derivation"]:
        one["claims"] = [part["claims"][place] for place in one["claims"]]
    part["symbols"] = chapter.symbols(members)
    part["assumptions"] = chapter.assumptions(members)


def _pages(members: Sequence[ClaimResult]) -> list[dict[str, Any]]:
    steps, assumed = stretches(members), chapter.assumptions(members)
    return [
        {
            **claim_page(claim, steps),
            "figures": [picture(figure) for figure in claim.figures],
            "details": details(claim, assumed),
        }
        for claim in members
    ]


def _checked(chapters: Sequence[dict[str, Any]]) -> str:
    """On which theories how many claims were checked."""
    told = []
    for one in chapters:
        count = len(one["claims"])
        source = f" ({one['source']})" if one["source"] else ""
        told.append(f"{count} claim{'s' * (count > 1)} on {one['title']}{source}")
    return f"Checked by training networks: {listed(told)}." if told else ""


def _appendix(appendix: Appendix) -> dict[str, Any]:
    return {
        "title": line(appendix.title),
        "short": shorten(appendix.title, 60),
        "text": [line(paragraph) for paragraph in appendix.text],
        "tables": [table(one) for one in appendix.tables],
        "figures": [picture(figure) for figure in appendix.figures],
        "reproduce": line(appendix.reproduce),
    }
