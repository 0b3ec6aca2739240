"""What a claim says and how it is judged, for `show`."""

from pathlib import Path
from typing import Any

import sympy

from validate.claim import Body, Role, checked, planned_units
from validate.registry import Claim
from validate.results.demands import reason
from validate.results.records import ClaimResult, ResultsError, load_results


def last_result(id: str, out: Path) -> ClaimResult | None:
    """The claim's result in the last run kept in a folder, if there is one."""
    try:
        results = load_results(out / "results.json")
    except ResultsError:
        return None
    return next((claim for claim in results.claims if claim.id == id), None)


def description(claim: Claim, last: ClaimResult | None) -> dict[str, Any]:
    """Derivation, assumptions, decisions and last verdict as plain data."""
    body = checked(claim)
    return {
        "derivation": [
            {"text": s.text, "formula": None if s.formula is None else str(s.formula)}
            for s in body.derivation()
        ],
        "assumptions": _assumptions(body),
        "regime": [f"{r.name} {r.required}" for r in body.regime],
        "decisions": [
            {
                "name": d.name,
                "role": str(d.role),
                "kind": type(d.prediction).__name__,
                "predicted": str(d.prediction.formula),
                "margin": d.prediction.margin,
                "unit": d.prediction.unit,
                "margin_reason": d.prediction.margin_reason,
                "units_at_looks": planned_units(d, "quick"),
            }
            for d in body.decisions
        ],
        "last": None if last is None else _last(last),
    }


def text(claim: Claim, last: ClaimResult | None) -> str:
    """The same for people."""
    body = checked(claim)
    lines = [claim.id, claim.statement, f"Source: {claim.source}", "", "Derivation"]
    for step in body.derivation():
        lines.append(f"  {step.text}")
        if step.formula is not None:
            pretty = sympy.pretty(step.formula, use_unicode=True, wrap_line=False)
            lines += ["      " + row for row in pretty.splitlines()]
    lines += ["", "Assumptions", *(f"  - {a}" for a in _assumptions(body))]
    lines += ["", "Measured regime", *(f"  - {r.name} {r.required}" for r in body.regime)]
    lines += ["", "Decisions"]
    for d in body.decisions:
        role = "" if d.role is Role.CLAIM else f" ({d.role} control)"
        looks = ", ".join(str(n) for n in planned_units(d, "quick"))
        lines.append(f"  - {d.name}{role}; looks at {looks} units")
    margins = {
        (d.prediction.margin, d.prediction.unit, d.prediction.margin_reason) for d in body.decisions
    }
    lines += [
        "",
        "Margins",
        *(f"  - {m:g} {unit}: {reason}" for m, unit, reason in sorted(margins)),
    ]
    verdict = "none yet"
    if last is not None:
        verdict = f"{last.verdict}: {reason(last)}\n  ({last.reproduce})"
    return "\n".join([*lines, "", f"Last verdict: {verdict}", ""])


def _last(last: ClaimResult) -> dict[str, Any]:
    """The last verdict, and of each decision what could have been demanded."""
    tightest = {o.name: [d.model_dump() for d in o.tightest] for o in last.observations}
    return {"verdict": str(last.verdict), "reason": last.reason, "tightest": tightest}


def _assumptions(body: Body) -> list[str]:
    return list(dict.fromkeys(a for d in body.decisions for a in d.prediction.assumptions))
