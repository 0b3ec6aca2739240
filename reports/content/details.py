"""All of a claim: every decision, cell, table, assumption, symbol and note."""

from collections.abc import Sequence
from typing import Any

from reports.content import Formula, table
from reports.content.claim import tightest
from reports.content.figure import chosen
from reports.content.result import RATIO
from reports.tables.cells import cells_table
from reports.text import (
    VERDICT_WORDS,
    duration,
    interval,
    line,
    number,
    prose,
    quantity,
    verdict_label,
)
from validate.results.records import ClaimResult, Control, Observation, RegimeCheck, Verdict


def details(
    claim: ClaimResult, assumptions: Sequence[str], symbols: Sequence[int]
) -> dict[str, Any]:
    """All of it except for the pictures.

    Args:
        claim: what came out.
        assumptions: those of the claim's part.
        symbols: the places of the claim's symbols among those of its part.
    """
    decisions = (*claim.observations, *claim.controls)
    margins = list(dict.fromkeys(prose(one.margin_reason).rstrip(".") for one in decisions))
    return {
        "decisions": [_decision(one, margins) for one in claim.observations],
        "controls": [_control(one, margins) for one in claim.controls],
        "margins": margins,
        "cells": cells_table(claim, _numbers(decisions)),
        "tables": [table(one) for one in claim.tables],
        "regime": [_check(one) for one in claim.regime],
        "symbols": list(symbols),
        "assumptions": [assumptions.index(text) + 1 for text in map(prose, claim.assumptions)],
        "notes": [prose(text) for text in claim.notes],
        "figures": [place for place in range(len(claim.figures)) if place != chosen(claim)],
        "seconds": duration(claim.seconds),
    }


def _numbers(decisions: Sequence[Observation]) -> dict[str, str]:
    """What the decisions are called in the table of cells: their number in that of decisions."""
    return {one.name: f"({number})" for number, one in reversed([*enumerate(decisions, 1)])}


def _decision(one: Observation, margins: Sequence[str]) -> dict[str, Any]:
    return {
        "name": prose(one.name),
        "formula": Formula(one.formula) if one.formula is not None else None,
        "predicted": prose(one.predicted),
        "against": _against(one),
        "measured": quantity(one.measured, one.unit),
        "interval": interval(one.interval, one.unit),
        "margin": quantity(one.margin, one.margin_unit or one.unit),
        "margin_reason": prose(one.margin_reason).rstrip("."),
        "margin_number": margins.index(prose(one.margin_reason).rstrip(".")) + 1,
        "n": number(one.n),
        "looks": _looks(one),
        "alpha": number(one.alpha, 2) if one.alpha else "–",
        "verdict": verdict_label(one.verdict),
        "reason": prose(one.reason).rstrip("."),
        "change": prose(one.would_change),
        "tightest": tightest(one),
    }


def _control(one: Control, margins: Sequence[str]) -> dict[str, Any]:
    required = Verdict.AGREE if one.role == "positive" else Verdict.DISAGREE
    return {
        **_decision(one, margins),
        "role": one.role,
        "required": VERDICT_WORDS[required],
        "ok": one.as_required,
    }


def _against(one: Observation) -> str:
    """The predicted number, unless what was measured is told as a deviation or a ratio."""
    return quantity(one.against, one.unit) if one.against and one.unit != RATIO else ""


def _looks(observation: Observation) -> str:
    """How many of the planned looks were taken, and why no more."""
    if not observation.looks:
        return "–"
    taken = f"{observation.looks_used} of {len(observation.looks)}"
    return f"{taken}, {prose(observation.stopped)}" if observation.stopped else taken


def _check(check: RegimeCheck) -> dict[str, Any]:
    return {
        "name": prose(check.name),
        "value": number(check.value),
        "required": line(check.required),
        "ok": check.ok,
    }
