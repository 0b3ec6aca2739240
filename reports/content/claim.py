"""A claim in short: its verdict with its numbers, one figure, and what it hangs on."""

from collections.abc import Iterator, Sequence
from typing import Any

from reports.content.chapter import own_derivation
from reports.content.failing import found
from reports.content.figure import chosen
from reports.content.result import result
from reports.derivations import Stretch, numbers
from reports.tables.cells import judged_of_drawn, left_out
from reports.text import (
    VERDICT_WORDS,
    ended,
    interval,
    line,
    listed,
    number,
    prose,
    quantity,
    shorten,
    verdict_label,
)
from validate.results.demands import deciding, demands
from validate.results.records import ClaimResult, Control, Observation, Verdict

NAMED = 3  # controls of a role whose names stand on the page
SAID = {
    Verdict.AGREE: "agrees",
    Verdict.DISAGREE: "disagrees",
    Verdict.INCONCLUSIVE: "is inconclusive",
    Verdict.OUT_OF_SCOPE: "is out of scope",
    Verdict.ERROR: "ended in an error",
}
ROLES = {"resolution": Verdict.DISAGREE, "experiment": Verdict.DISAGREE, "positive": Verdict.AGREE}


def in_short(claim: ClaimResult, steps: Sequence[Stretch]) -> dict[str, Any]:
    """All of it except for the pictures; ``steps`` are those of the claim's part."""
    decisive = deciding(claim)
    agrees = claim.verdict is Verdict.AGREE
    return {
        "id": line(claim.id),
        "title": prose(claim.title),
        "short": shorten(claim.title, 60),
        "row": shorten(claim.title, 76),
        "source": line(claim.source),
        "tier": line(claim.tier),
        "statement": prose(claim.statement),
        "selection": prose(claim.selection),
        "verdict": verdict_label(claim.verdict),
        "said": f"This claim {SAID[claim.verdict]}",
        "reason": prose(claim.reason).rstrip("."),
        "result": result(claim),
        "tightest": tightest(decisive) if decisive and agrees else "",
        "change": prose(decisive.would_change) if decisive else "",
        "disagrees": ended(prose(claim.disagrees_with or "")),
        "found": found(claim),
        "steps": _ranges(numbers(claim.id, steps)),
        "derivation": own_derivation(claim.id, steps),
        "figure": chosen(claim),
        "checks": [*_regime(claim), *_controls(claim), *_selection(claim)],
        "reproduce": line(claim.reproduce),
    }


def tightest(observation: Observation) -> str:
    """What could have been demanded of what agrees, as a sentence."""
    said = demands(observation, quantity)
    return f"It {prose(said)}." if said else ""


def _ranges(found: Sequence[tuple[int, int]]) -> str:
    told = [f"{first}" if first == last else f"{first} to {last}" for first, last in found]
    return listed(told) if told else ""


def _check(what: str, found: str, outcome: str, ok: bool) -> dict[str, Any]:
    return {"what": what, "found": found, "outcome": outcome, "ok": ok}


def _regime(claim: ClaimResult) -> Iterator[dict[str, Any]]:
    for one in claim.regime:
        found = f"{number(one.value)}, required {line(one.required)}"
        yield _check(prose(one.name), found, "holds" if one.ok else "does not hold", one.ok)


def _controls(claim: ClaimResult) -> Iterator[dict[str, Any]]:
    """A row for each role, and one for each control that did not come out as it must."""
    for role, required in ROLES.items():
        controls = [control for control in claim.controls if control.role == role]
        right = [prose(control.name) for control in controls if control.as_required]
        word = VERDICT_WORDS[required].removesuffix("s")
        if controls:
            more = f"; and {len(right) - NAMED} more" if len(right) > NAMED else ""
            plural = "s" * (len(controls) > 1)
            yield _check(
                f"{role} control{plural}".capitalize(),
                "; ".join(right[:NAMED]) + more,
                f"{len(right)} of {len(controls)} {word}, as required",
                len(right) == len(controls),
            )
        yield from (_failed(one, word) for one in controls if not one.as_required)


def _failed(control: Control, word: str) -> dict[str, Any]:
    found = f"{prose(control.name)}: {quantity(control.measured, control.unit)}, "
    found += interval(control.interval, control.unit)
    told = f"{VERDICT_WORDS[control.verdict]}; had to {word}"
    return _check(f"{control.role} control".capitalize(), found, told, False)


def _selection(claim: ClaimResult) -> Iterator[dict[str, Any]]:
    if claim.selection or claim.cells:
        judged = judged_of_drawn(claim.cells) if claim.cells else "all"
        rest = left_out(claim.cells)
        outcome = f"judged: {shorten(judged.partition(';')[0], 40)}"
        more = f" Of the units left out {rest} were not as predicted." if rest else ""
        yield _check("Selection", prose(claim.selection) + more, outcome, True)
