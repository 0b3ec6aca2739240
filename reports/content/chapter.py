"""The chapter of a part: one derivation of all its claims, its symbols, its assumptions."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from reports.content import derivation_step, symbol
from reports.derivations import Stretch, told
from reports.text import line, prose
from validate.results.records import ClaimResult, SymbolRow

ALL = "Common to all claims of this chapter"


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


def own_derivation(id: str, steps: Sequence[Stretch]) -> list[dict[str, Any]]:
    """A claim's derivation by stretches; without ``steps`` are those that the part holds."""
    return [
        {
            "first": one.first,
            "last": one.last,
            "steps": [derivation_step(step) for step in one.steps if one.claims == (id,)],
        }
        for one in told(id, steps)
    ]


def symbols(claims: Sequence[ClaimResult]) -> list[dict[str, Any]]:
    """Every symbol of some claims once; those of several meanings with the claims of each."""
    users = _users(claims)
    meanings = Counter(row.formula for row in users)
    return [
        {
            **symbol(row),
            "where": ", ".join(map(_name, using)) if meanings[row.formula] > 1 else "",
        }
        for row, using in users.items()
    ]


def places_of_symbols(claims: Sequence[ClaimResult]) -> list[list[int]]:
    """Where each claim's symbols stand among those of all."""
    places = {row: place for place, row in enumerate(_users(claims))}
    return [[places[_plain(row)] for row in claim.symbols] for claim in claims]


def _users(claims: Sequence[ClaimResult]) -> dict[SymbolRow, list[ClaimResult]]:
    """Each symbol in each meaning with the claims that have it, its meanings one after another."""
    found: dict[str, dict[SymbolRow, list[ClaimResult]]] = {}
    for claim in claims:
        for row in claim.symbols:
            found.setdefault(row.formula, {}).setdefault(_plain(row), []).append(claim)
    return {row: users for meanings in found.values() for row, users in meanings.items()}


def _plain(row: SymbolRow) -> SymbolRow:
    """Without what other readers take for the same symbol."""
    return row.model_copy(update={"latex": ""})


def _name(claim: ClaimResult) -> str:
    """Of a claim within its part."""
    return line(claim.id).partition(".")[2] or line(claim.id)


def assumptions(claims: Sequence[ClaimResult]) -> list[str]:
    """Every assumption of some claims once."""
    return list(dict.fromkeys(prose(text) for claim in claims for text in claim.assumptions))
