"""What the page shows of one claim."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.page.derivations import runs
from reports.page.mathml import mathml
from reports.tables.cells import cells_table
from reports.text import (
    VERDICT_WORDS,
    duration,
    interval,
    line,
    number,
    quantity,
)
from validate.results.demands import deciding, demands
from validate.results.records import (
    ClaimResult,
    Control,
    DerivationStep,
    Figure,
    Observation,
    RegimeCheck,
    SymbolRow,
    Table,
    Verdict,
)

ORDER = (Verdict.DISAGREE, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.OUT_OF_SCOPE, Verdict.AGREE)


def claim_content(
    claim: ClaimResult,
    anchor: str,
    theory: str,
    shared: Sequence[DerivationStep],
    steps: str,
) -> dict[str, Any]:
    """A claim as plain strings and ready formulas, without its pictures.

    Args:
        claim: what came out.
        anchor: its name in links.
        theory: the title of its part.
        shared: the steps that the theory's derivation holds.
        steps: how the names of those begin in links.
    """
    decisive = deciding(claim)
    return {
        "anchor": anchor,
        "theory": theory,
        "id": line(claim.id),
        "title": line(claim.title),
        "source": line(claim.source),
        "statement": line(claim.statement),
        "selection": line(claim.selection),
        **said(claim.verdict),
        "rank": ORDER.index(claim.verdict),
        "reason": line(claim.reason).rstrip("."),
        "result": _result(claim, decisive),
        "change": line(decisive.would_change) if decisive else "",
        "tightest": _tightest(decisive) if decisive and claim.verdict is Verdict.AGREE else "",
        "disagrees": line(claim.disagrees_with or ""),
        "derivation": [_step(one, steps) for one in runs(claim.derivation, shared)],
        "symbols": [_symbol(row) for row in claim.symbols],
        "assumptions": [line(text) for text in claim.assumptions],
        "regime": [_check(check) for check in claim.regime],
        "figures": [],
        "observations": [_observation(observation) for observation in claim.observations],
        "controls": [_control(control) for control in claim.controls],
        "tables": [table(one) for one in (cells_table(claim), *claim.tables) if one is not None],
        "notes": [line(text) for text in claim.notes],
        "reproduce": line(claim.reproduce),
        "seconds": duration(claim.seconds),
    }


def said(verdict: Verdict) -> dict[str, str]:
    """The word of a verdict and the class that gives it its color."""
    return {"word": VERDICT_WORDS[verdict], "key": key(verdict)}


def key(verdict: Verdict) -> str:
    """The name of a verdict in the page's own language."""
    return verdict.value.lower().replace("_", "-")


def picture(figure: Figure) -> dict[str, str]:
    """What is written under a figure, and what a screen reader says in its place."""
    verdict = f" Verdict: {VERDICT_WORDS[figure.verdict]}." if figure.verdict else ""
    return {
        "title": line(figure.title).rstrip("."),
        "caption": line(figure.caption),
        "settings": line(figure.settings_hash),
        "alt": f"{line(figure.caption)}{verdict}",
    }


def table(made: Table | Mapping[str, Any]) -> dict[str, Any]:
    """A table of strings."""
    given = made.model_dump() if isinstance(made, Table) else made
    return {
        "title": line(given["title"]),
        "header": [line(cell) for cell in given["header"]],
        "rows": [[line(cell) for cell in row] for row in given["rows"]],
    }


def _result(claim: ClaimResult, decisive: Observation | None) -> dict[str, str]:
    """What explains the verdict: of an observation, or of the assumption that failed."""
    failed = [check for check in claim.regime if not check.ok]
    if claim.verdict is Verdict.OUT_OF_SCOPE and failed:
        required = f"required {line(failed[0].required)}"
        return {"measured": number(failed[0].value), "interval": required}
    if decisive is None:
        return {"measured": "–", "interval": ""}
    return _measured(decisive)


def _measured(one: Observation) -> dict[str, str]:
    return {
        "measured": quantity(one.measured, one.unit),
        "interval": interval(one.interval, one.unit),
    }


def _tightest(observation: Observation) -> str:
    told = demands(observation, quantity)
    return f"It {line(told)}." if told else ""


def _looks(one: Observation) -> str:
    """How many of the planned looks were taken, and why no more."""
    if not one.looks:
        return "–"
    taken = f"{one.looks_used} of {len(one.looks)}"
    return f"{taken}, {line(one.stopped)}" if one.stopped else taken


def step(one: DerivationStep) -> dict[str, Any]:
    """A sentence with its formula, if there is one."""
    made = mathml(one.formula, display=True) if one.formula is not None else None
    return {"text": line(one.text), "formula": made, "link": ""}


def _step(one: DerivationStep | range, steps: str) -> dict[str, Any]:
    """A step, or the place where the theory has some."""
    if isinstance(one, DerivationStep):
        return step(one)
    last = f" to {one[-1]}" if len(one) > 1 else ""
    text = f"Step{'s' if last else ''} {one[0]}{last} of those that derivations share"
    return {"text": text, "formula": None, "link": f"{steps}{one[0]}"}


def _symbol(row: SymbolRow) -> dict[str, Any]:
    unit = "" if row.unit == "1" else line(row.unit)
    return {"formula": mathml(row.formula), "meaning": line(row.meaning), "unit": unit}


def _check(check: RegimeCheck) -> dict[str, Any]:
    return {
        "name": line(check.name),
        "value": number(check.value),
        "required": line(check.required),
        "ok": check.ok,
    }


def _observation(one: Observation) -> dict[str, Any]:
    return {
        "name": line(one.name),
        "formula": mathml(one.formula) if one.formula is not None else None,
        "predicted": line(one.predicted),
        **_measured(one),
        **said(one.verdict),
        "reason": line(one.reason),
        "n": number(one.n),
        "looks": _looks(one),
        "alpha": number(one.alpha, 2) if one.alpha else "–",
        "margin": quantity(one.margin, one.margin_unit or one.unit),
        "margin_reason": line(one.margin_reason).rstrip("."),
        "change": line(one.would_change),
        "tightest": _tightest(one),
    }


def _control(control: Control) -> dict[str, Any]:
    required = Verdict.AGREE if control.role == "positive" else Verdict.DISAGREE
    return {
        **_observation(control),
        "role": control.role,
        "required": VERDICT_WORDS[required],
        "ok": control.as_required,
    }
