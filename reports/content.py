"""What the template prints: the records as plain strings, ready for the page."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from reports import references
from reports.formulas.math import print_math
from reports.parts import parts
from reports.tables.cells import cells_table, methods_table
from reports.text import (
    VERDICT_WORDS,
    date,
    duration,
    interval,
    line,
    number,
    quantity,
    shorten,
    verdict_label,
    verdict_sentence,
)
from theory.symbolic.expression import ExpressionError, load
from validate.results.demands import deciding, demands
from validate.results.guarantee import CONDITION, several_books
from validate.results.records import (
    Appendix,
    ClaimResult,
    Control,
    DerivationStep,
    Figure,
    Observation,
    RegimeCheck,
    Results,
    SymbolRow,
    Table,
    Verdict,
)

TITLE = "Does the theory happen in training?"


def document(results: Results) -> dict[str, Any]:
    """Everything on the pages except for the pictures, as JSON-ready data."""
    run = results.run
    counts = Counter(claim.verdict for claim in results.claims)
    entries = (entry for claim in results.claims for entry in claim.references)
    return {
        "title": TITLE,
        "date": date(run.started),
        "budget": line(run.budget),
        "summary": verdict_sentence(dict(counts)),
        "reproduce": line(
            f"python -m validate all --seed {run.seed} --budget {run.budget} "
            f"--alpha {run.alpha:g} --device {run.device}"
        ),
        "alpha": quantity(run.alpha, "share"),
        "shares": number(run.parts_of_alpha),
        "level": number(run.alpha / run.parts_of_alpha) if run.parts_of_alpha else "–",
        "condition": line(CONDITION),
        "books": line(several_books(run)),
        "parts": parts(results),
        "claims": [_claim(claim) for claim in results.claims],
        "methods": methods_table(results.claims),
        "references": [references.parts(entry) for entry in references.unique(entries)],
        "appendices": [_appendix(appendix) for appendix in results.appendices],
        "run": _run(results),
    }


def formula(text: str) -> dict[str, str]:
    """A formula as Typst math with its plain form for screen readers, or only its raw text."""
    return dict(_printed(text))


@lru_cache(maxsize=1024)  # a symbol or a law is in many claims
def _printed(text: str) -> Mapping[str, str]:
    try:
        expr = load(text)
        return {"math": print_math(expr), "alt": line(str(expr))}
    except (ExpressionError, RecursionError):
        return {"raw": line(text)}


def _claim(claim: ClaimResult) -> dict[str, Any]:
    decisive = deciding(claim)
    return {
        "id": line(claim.id),
        "title": line(claim.title),
        "short": shorten(claim.title, 60),
        "source": line(claim.source),
        "statement": line(claim.statement),
        "selection": line(claim.selection),
        "cells": cells_table(claim),
        "verdict": verdict_label(claim.verdict),
        "reason": line(claim.reason),
        "result": _result(claim),
        "change": line(decisive.would_change) if decisive else "",
        "tightest": _tightest(decisive) if decisive and claim.verdict is Verdict.AGREE else "",
        "disagrees": line(claim.disagrees_with or ""),
        "derivation": [derivation_step(step) for step in claim.derivation],
        "symbols": [_symbol(row) for row in claim.symbols],
        "assumptions": [line(text) for text in claim.assumptions],
        "regime": [_check(check) for check in claim.regime],
        "figures": [picture(figure) for figure in claim.figures],
        "observations": [_observation(observation) for observation in claim.observations],
        "controls": [_control(control) for control in claim.controls],
        "tables": [_table(table) for table in claim.tables],
        "notes": [line(text) for text in claim.notes],
        "reproduce": line(claim.reproduce),
        "seconds": duration(claim.seconds),
    }


def _appendix(appendix: Appendix) -> dict[str, Any]:
    return {
        "title": line(appendix.title),
        "short": shorten(appendix.title, 60),
        "text": [line(paragraph) for paragraph in appendix.text],
        "tables": [_table(table) for table in appendix.tables],
        "figures": [picture(figure) for figure in appendix.figures],
        "reproduce": line(appendix.reproduce),
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": line(table.title),
        "header": [line(cell) for cell in table.header],
        "rows": [[line(cell) for cell in row] for row in table.rows],
    }


def _result(claim: ClaimResult) -> dict[str, str]:
    """What explains the verdict, for page 1: of an observation, or of the failed assumption."""
    failed = [check for check in claim.regime if not check.ok]
    if claim.verdict is Verdict.OUT_OF_SCOPE and failed:
        required = f"required {line(failed[0].required)}"
        return {"measured": number(failed[0].value), "interval": required}
    observation = deciding(claim)
    if observation is None:
        return {"measured": "–", "interval": ""}
    return {
        "measured": quantity(observation.measured, observation.unit),
        "interval": interval(observation.interval, observation.unit),
    }


def derivation_step(step: DerivationStep) -> dict[str, Any]:
    """A sentence and, if there is one, its formula."""
    return {
        "text": line(step.text),
        "formula": formula(step.formula) if step.formula is not None else None,
    }


def _symbol(row: SymbolRow) -> dict[str, Any]:
    unit = "" if row.unit == "1" else line(row.unit)
    return {"formula": formula(row.formula), "meaning": line(row.meaning), "unit": unit}


def _check(check: RegimeCheck) -> dict[str, Any]:
    return {
        "name": line(check.name),
        "value": number(check.value),
        "required": line(check.required),
        "ok": check.ok,
    }


def picture(figure: Figure) -> dict[str, str]:
    """What is written under a figure, and what a screen reader says in its place."""
    verdict = f" Verdict: {VERDICT_WORDS[figure.verdict]}." if figure.verdict else ""
    return {
        "title": line(figure.title).rstrip("."),
        "caption": line(figure.caption),
        "settings": line(figure.settings_hash),
        "alt": f"{line(figure.title)}. {line(figure.caption)}{verdict}",
    }


def _observation(observation: Observation) -> dict[str, Any]:
    return {
        "name": line(observation.name),
        "prediction": _prediction(observation),
        "measured": quantity(observation.measured, observation.unit),
        "interval": interval(observation.interval, observation.unit),
        "margin": quantity(observation.margin, observation.margin_unit or observation.unit),
        "margin_reason": line(observation.margin_reason).rstrip("."),
        "n": number(observation.n),
        "looks": _looks(observation),
        "alpha": number(observation.alpha, 2) if observation.alpha else "–",
        "verdict": verdict_label(observation.verdict),
        "reason": line(observation.reason),
        "change": line(observation.would_change),
        "tightest": _tightest(observation),
    }


def _tightest(observation: Observation) -> str:
    """What could have been demanded of what agrees, as a sentence."""
    said = demands(observation, quantity)
    return f"It {line(said)}." if said else ""


def _looks(observation: Observation) -> str:
    """How many of the planned looks were taken, and why no more."""
    if not observation.looks:
        return "–"
    taken = f"{observation.looks_used} of {len(observation.looks)}"
    return f"{taken}, {line(observation.stopped)}" if observation.stopped else taken


def _prediction(observation: Observation) -> dict[str, str]:
    if observation.formula is not None:
        return formula(observation.formula)
    return {"text": line(observation.predicted)}


def _control(control: Control) -> dict[str, Any]:
    required = Verdict.AGREE if control.role == "positive" else Verdict.DISAGREE
    return {
        **_observation(control),
        "role": control.role,
        "required": VERDICT_WORDS[required],
        "ok": control.as_required,
    }


def _run(results: Results) -> list[list[str]]:
    run = results.run
    return [
        ["Started", line(run.started)],
        ["Duration", duration(run.seconds)],
        ["Budget", line(run.budget)],
        *([["Budgets before", line(", ".join(run.former_budgets))]] if run.former_budgets else []),
        ["Seed", str(run.seed)],
        ["Device", line(run.device)],
        ["Error budget α", quantity(run.alpha, "share")],
        ["Equal shares of α", number(run.parts_of_alpha)],
        ["Decisions with a share", number(run.decisions)],
        ["Results reused / computed / failed", f"{run.reused} / {run.computed} / {run.failed}"],
        ["Settings hash", line(run.settings_hash)],
        ["Code digest", line(run.code)],
        *([f"Version of {line(name)}", line(v)] for name, v in sorted(run.versions.items())),
    ]
