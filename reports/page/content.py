"""What the page shows: the records as plain strings and ready formulas."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from reports import references
from reports.content.run import TITLE, extract, facts
from reports.page.claims import claim_content, key, step, table
from reports.page.derivations import shared_steps
from reports.parts import parts
from reports.text import (
    VERDICT_COLORS,
    VERDICT_WORDS,
    date,
    line,
    listed,
    number,
    quantity,
    verdict_sentence,
)
from validate.results.guarantee import CONDITION, several_books
from validate.results.records import Appendix, ClaimResult, Results, Verdict
from validate.results.reproduce import command

_KEYS = {color: key(verdict) for verdict, color in VERDICT_COLORS.items()}
_WEB = re.compile(r"https?://[^\s\"'<>]+")


def document(results: Results, of: int | None = None) -> dict[str, Any]:
    """Everything on the page except for the pictures; ``of`` is that of an extract."""
    run = results.run
    entries = (entry for claim in results.claims for entry in claim.references)
    theories = _theories(results)
    return {
        "title": TITLE,
        "date": date(run.started),
        "budget": line(run.budget),
        "summary": verdict_sentence(dict(Counter(claim.verdict for claim in results.claims))),
        "checked": _checked(results, theories),
        "verdicts": [
            {"key": key(verdict), "word": word} for verdict, word in VERDICT_WORDS.items()
        ],
        "books": line(several_books(run)),
        "extract": extract(len(results.claims), of),
        "reproduce": line(command(results)),
        "theories": theories,
        "claims": _in_order(theories),
        "disagreements": [
            claim
            for theory in theories
            for claim in theory["claims"]
            if claim["disagrees"] or claim["key"] == "disagree"
        ],
        "alpha": quantity(run.alpha, "share"),
        "shares": number(run.parts_of_alpha),
        "level": number(run.alpha / run.parts_of_alpha) if run.parts_of_alpha else "–",
        "condition": line(CONDITION),
        "references": [_reference(entry) for entry in references.unique(entries)],
        "appendices": [_appendix(appendix) for appendix in results.appendices],
        "run": facts(results),
    }


def _checked(results: Results, theories: Sequence[dict[str, Any]]) -> str:
    """In one sentence what was checked, and on what."""
    run, names = results.run, [theory["title"] for theory in theories]
    if not names:
        return ""
    decisions = sum(len(claim.observations) for claim in results.claims)
    controls = sum(len(claim.controls) for claim in results.claims)
    trained = number(run.computed + run.reused)
    return (
        f"What {listed(names)} {'say' if len(names) > 1 else 'says'} about training was measured "
        f"in real training runs ({trained} blocks of them): {number(decisions)} decisions, "
        f"{number(controls)} controls."
    )


def _theories(results: Results) -> list[dict[str, Any]]:
    """The parts of the report, each with its claims and the steps that they share."""
    made, taken = [], Counter[str]()
    for position, part in enumerate(parts(results)):
        claims = [results.claims[index] for index in part["claims"]]
        shared, counts = shared_steps(claims), Counter(claim.verdict for claim in claims)
        steps = f"step-{position}-"
        anchors = [_anchor(claim, taken) for claim in claims]
        contents = [
            claim_content(claim, anchor, part["title"], shared, steps)
            for claim, anchor in zip(claims, anchors, strict=True)
        ]
        of = dict(zip(part["claims"], anchors, strict=True))
        for row in _rows(part):
            row |= {"anchor": of[row["claim"]], "key": _KEYS[row["verdict"]["color"]]}
            row["word"] = row["verdict"]["word"]
        for said in part["summary"]:
            said |= {"key": _KEYS[said["color"]], "word": said["phrase"]}
        made.append({
            **part,
            "anchor": f"theory-{position}",
            "claims": contents,
            "numbers": part["claims"],
            "counts": [(key(one), counts[one]) for one in Verdict],
            "derivation": [
                {**step(one), "anchor": f"{steps}{place}"} for place, one in enumerate(shared, 1)
            ],
        })  # fmt: skip
    return made


def _in_order(theories: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The claims of all theories in the order of the record."""
    pairs = (pair for one in theories for pair in zip(one["numbers"], one["claims"], strict=True))
    return [claim for _, claim in sorted(pairs, key=lambda pair: pair[0])]


def _rows(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The readings of a part, under whatever headings they stand."""
    for section in part["sections"]:
        for group in section["groups"]:
            yield from group["rows"]


def _anchor(claim: ClaimResult, taken: Counter[str]) -> str:
    """The name of a claim in links, from its id, and no other claim's."""
    name = "claim-" + (re.sub(r"[^a-z0-9.]+", "-", claim.id.lower()).strip("-")[:60] or "unnamed")
    taken[name] += 1
    return name if taken[name] == 1 else f"{name}--{taken[name]}"


def _reference(entry: references.Reference) -> dict[str, str]:
    made = references.parts(entry)
    return {**made, "href": _address(made.get("link", ""))}


def _address(link: str) -> str:
    """Where a link of a reference goes; empty where it is no address of the web."""
    scheme, _, rest = link.partition(":")
    if scheme == "doi":
        return f"https://doi.org/{quote(rest, safe='/().;:-_')}"
    if scheme == "arXiv":
        return f"https://arxiv.org/abs/{quote(rest, safe='/.')}"
    return link if _WEB.fullmatch(link) else ""


def _appendix(appendix: Appendix) -> dict[str, Any]:
    return {
        "title": line(appendix.title),
        "text": [line(paragraph) for paragraph in appendix.text],
        "tables": [table(one) for one in appendix.tables],
        "figures": [],
        "reproduce": line(appendix.reproduce),
    }
