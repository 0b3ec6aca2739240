"""The whole report as data, for the PDF and the page: all in all, part by part, claim by claim."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from reports import references
from reports.content import chapter, picture, table
from reports.content.claim import in_short
from reports.content.details import details
from reports.content.figure import telling
from reports.content.result import READ
from reports.content.run import TITLE, extract, facts
from reports.derivations import stretches
from reports.parts import parts
from reports.text import (
    date,
    line,
    listed,
    number,
    prose,
    quantity,
    shorten,
    verdict_label,
    verdict_sentence,
)
from validate.results.citation import cited
from validate.results.guarantee import CONDITION, several_books
from validate.results.records import Appendix, ClaimResult, Results, Verdict
from validate.results.reproduce import command


def document(results: Results, of: int | None = None) -> dict[str, Any]:
    """Everything that is told except for the pictures; data for JSON but for each `Formula`.

    Args:
        results: the run, or an extract of it.
        of: how many claims the run had, if the results are an extract.
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
        "trained": _trained(results),
        "extract": extract(len(results.claims), of),
        "disagreeing": [
            place
            for place, claim in enumerate(results.claims)
            if claim.verdict is Verdict.DISAGREE or claim.disagrees_with
        ],
        "reproduce": line(command(results)),
        "read": READ,
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
        "cited": cited(results),
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
    found = telling(members)
    part["picture"] = found and {"claim": part["claims"][found[0]], "figure": found[1]}
    part["derivation"] = chapter.derivation(stretches(members), members)
    for one in part["derivation"]:
        one["claims"] = [part["claims"][place] for place in one["claims"]]
    part["symbols"] = chapter.symbols(members)
    part["assumptions"] = chapter.assumptions(members)
    counts = Counter(claim.verdict for claim in members)
    part["counts"] = [{"verdict": verdict_label(one), "count": counts[one]} for one in Verdict]


def _pages(members: Sequence[ClaimResult]) -> list[dict[str, Any]]:
    steps, assumed = stretches(members), chapter.assumptions(members)
    symbols = chapter.places_of_symbols(members)
    return [
        {
            **in_short(claim, steps),
            "figures": [picture(figure) for figure in claim.figures],
            "details": details(claim, assumed, places),
        }
        for claim, places in zip(members, symbols, strict=True)
    ]


def _checked(chapters: Sequence[dict[str, Any]]) -> str:
    """On which theories how many claims were checked."""
    told = []
    for one in chapters:
        count = len(one["claims"])
        source = f" ({one['source']})" if one["source"] else ""
        told.append(f"{count} claim{'s' * (count > 1)} on {one['title']}{source}")
    return f"Checked by simulation: {listed(told)}." if told else ""


def _trained(results: Results) -> str:
    """How much was trained and decided."""
    if not results.claims:
        return ""
    blocks = number(results.run.computed + results.run.reused)
    decisions = number(sum(len(claim.observations) for claim in results.claims))
    controls = number(sum(len(claim.controls) for claim in results.claims))
    return f"It took {blocks} blocks of training runs, {decisions} decisions, {controls} controls."


def _appendix(appendix: Appendix) -> dict[str, Any]:
    return {
        "title": prose(appendix.title),
        "short": shorten(appendix.title, 60),
        "text": [prose(paragraph) for paragraph in appendix.text],
        "tables": [table(one) for one in appendix.tables],
        "figures": [picture(figure) for figure in appendix.figures],
        "reproduce": line(appendix.reproduce),
    }
