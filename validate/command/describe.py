"""What a claim says and how it is judged, for `show`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sympy

from validate.claim import Body
from validate.command.before.overwriting import refuse_no_files
from validate.registry import Claim
from validate.results.demands import plain, reason
from validate.results.records import ClaimResult, ResultsError, load_results
from validate.run.claim_progress import Options
from validate.run.pool import planned
from validate.run.prospects import prospects, sentences


def last_result(id: str, out: Path) -> ClaimResult | None:
    """The claim's result in the last run kept in a folder, if there is one."""
    path = out / "results.json"
    if not path.exists():
        return None
    refuse_no_files(out)
    try:
        results = load_results(path)
    except ResultsError:
        return None
    return next((claim for claim in results.claims if claim.id == id), None)


def description(claim: Claim, last: ClaimResult | None, options: Options) -> dict[str, Any]:
    """Derivation, assumptions, decisions and last verdict as plain data.

    Decisions are those of the options' budget, with what its units can reach.
    """
    body = planned(claim, options.budget, options.alpha)
    return {
        "derivation": [
            {"text": s.text, "formula": None if s.formula is None else str(s.formula)}
            for s in body.derivation()
        ],
        "selection": " ".join(_selected(body, last)),
        "assumptions": _assumptions(body),
        "regime": [f"{r.name} {r.required}" for r in body.regime],
        "budget": options.budget,
        "decisions": [
            {
                "name": d.name,
                "role": str(d.role),
                "kind": type(d.prediction).__name__,
                "predicted": str(d.prediction.formula),
                "margin": d.prediction.margin,
                "unit": d.prediction.unit,
                "margin_reason": d.prediction.margin_reason,
                "units_at_looks": prospect.looks,
                "fewest_to_agree": prospect.fewest_to_agree,
                "fewest_to_disagree": prospect.fewest_to_disagree,
                "wanted": prospect.wanted,
                "power": prospect.power,
            }
            for d, prospect in zip(body.decisions, prospects(body, options), strict=True)
        ],
        "last": None if last is None else _last(last),
    }


def _listed(title: str, of: Sequence[str]) -> list[str]:
    return ["", title, *(f"  - {one}" for one in of)] if of else []


def text(claim: Claim, last: ClaimResult | None, options: Options) -> str:
    """The same for people."""
    body = planned(claim, options.budget, options.alpha)
    lines = [claim.id, claim.statement, *_selected(body, last), f"Source: {claim.source}"]
    lines += ["", "Derivation"]
    for step in body.derivation():
        lines.append(f"  {step.text}")
        if step.formula is not None:
            pretty = sympy.pretty(step.formula, use_unicode=True, wrap_line=False)
            lines += ["      " + row for row in pretty.splitlines()]
    lines += _listed("Assumptions", _assumptions(body))
    lines += _listed("Measured regime", [f"{r.name} {r.required}" for r in body.regime])
    lines += ["", f"Decisions, with budget {options.budget}"]
    lines += [f"  - {line}" for line in sentences(prospects(body, options))]
    margins = {
        (d.prediction.margin, d.prediction.unit, d.prediction.margin_reason) for d in body.decisions
    }
    lines += [
        "",
        "Margins",
        *(f"  - {plain(m, unit)}: {reason}" for m, unit, reason in sorted(margins)),
    ]
    verdict = "none yet"
    if last is not None:
        verdict = f"{last.verdict}: {reason(last)}\n  ({last.reproduce})"
    return "\n".join([*lines, "", f"Last verdict: {verdict}", ""])


def _selected(body: Body, last: ClaimResult | None) -> list[str]:
    """What the claim is pooled over and which units are judged; shares from the last run."""
    if last is not None and last.selection:
        return [last.selection]
    if body.cells is None or not body.cells.chosen:
        return []
    return [f"Judged are those {body.cells.chosen}; a run tells their share of those drawn."]


def _last(last: ClaimResult) -> dict[str, Any]:
    """The last verdict, and of each decision what could have been demanded."""
    tightest = {o.name: [d.model_dump() for d in o.tightest] for o in last.observations}
    return {"verdict": str(last.verdict), "reason": last.reason, "tightest": tightest}


def _assumptions(body: Body) -> list[str]:
    return list(dict.fromkeys(a for d in body.decisions for a in d.prediction.assumptions))
