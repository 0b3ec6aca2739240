"""The chapter of a part: one derivation of all its claims, its picture, its symbols."""

from collections.abc import Sequence
from typing import Any

from reports.content import derivation_step, symbol
from reports.content.claim import chosen_figure
from reports.derivations import Stretch
from reports.text import line
from validate.results.records import ClaimResult, Verdict

ALL = "Common to all claims of this chapter"
# whose figure carries the message of a part: the first claim with the first of these verdicts
TELLING = (Verdict.DISAGREE, Verdict.AGREE, Verdict.INCONCLUSIVE, Verdict.OUT_OF_SCOPE)


def derivation(steps: Sequence[Stretch], claims: Sequence[ClaimResult]) -> list[dict[str, Any]]:
    """The stretches of a derivation, each with what to call it and the claims that have it.

    ``claims`` are those of the part; they are told by their place among them.
    """
    places = {claim.id: place for place, claim in enumerate(claims)}
    return [
        {
            "title": ALL if len(one.claims) == len(claims) > 1 else "",
            "claims": [places[id] for id in one.claims],
            "first": one.first,
            "steps": [derivation_step(step) for step in one.steps],
        }
        for one in steps
    ]


def telling(claims: Sequence[ClaimResult]) -> tuple[int, int] | None:
    """The claim and the figure that carry the message of a part, by place; None without figures.

    A claim that contradicts its source comes first, then the first with a figure by verdict.
    """
    drawn = [place for place, claim in enumerate(claims) if claim.figures]

    def rank(place: int) -> tuple[bool, int, int]:
        claim = claims[place]
        known = claim.verdict in TELLING
        order = TELLING.index(claim.verdict) if known else len(TELLING)
        return (claim.verdict is Verdict.DISAGREE and not claim.disagrees_with, order, place)

    if not drawn:
        return None
    best = min(drawn, key=rank)
    return best, chosen_figure(claims[best]) or 0


def symbols(claims: Sequence[ClaimResult]) -> list[dict[str, Any]]:
    """Every symbol of some claims once; those of several meanings with the claims of each."""
    uses: dict[str, dict[tuple[str, str], list[ClaimResult]]] = {}
    for claim in claims:
        for row in claim.symbols:
            meanings = uses.setdefault(row.formula, {})
            meanings.setdefault((row.meaning, row.unit), []).append(claim)
    first = {(row.formula, row.meaning, row.unit): row for one in claims for row in one.symbols}
    rows = []
    for text, meanings in uses.items():
        for (meaning, unit), users in meanings.items():
            where = ", ".join(_name(one) for one in users) if len(meanings) > 1 else ""
            rows.append({**symbol(first[text, meaning, unit]), "where": where})
    return rows


def _name(claim: ClaimResult) -> str:
    """Of a claim within its part."""
    return line(claim.id).partition(".")[2] or line(claim.id)


def assumptions(claims: Sequence[ClaimResult]) -> list[str]:
    """Every assumption of some claims once."""
    return list(dict.fromkeys(line(text) for claim in claims for text in claim.assumptions))
