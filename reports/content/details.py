"""The entry of a claim in the appendix: every decision, cell, table and note."""

from collections.abc import Sequence
from typing import Any

from reports.content import formula, table
from reports.content.claim import chosen_figure, tightest
from reports.tables.cells import cells_table
from reports.text import (
    VERDICT_WORDS,
    duration,
    interval,
    line,
    number,
    quantity,
    verdict_label,
)
from validate.results.records import ClaimResult, Control, Observation, Verdict


def details(claim: ClaimResult, assumptions: Sequence[str]) -> dict[str, Any]:
    """All of it except for the pictures; ``assumptions`` are those of the claim's part."""
    decisions = (*claim.observations, *claim.controls)
    margins = list(dict.fromkeys(line(one.margin_reason).rstrip(".") for one in decisions))
    return {
        "decisions": [_decision(one, margins) for one in claim.observations],
        "controls": [_control(one, margins) for one in claim.controls],
        "margins": margins,
        "cells": cells_table(claim, _numbers(decisions)),
        "tables": [table(one) for one in claim.tables],
        "assumptions": [assumptions.index(text) + 1 for text in map(line, claim.assumptions)],
        "notes": [line(text) for text in claim.notes],
        "figures": [place for place in range(len(claim.figures)) if place != chosen_figure(claim)],
        "seconds": duration(claim.seconds),
    }


def _numbers(decisions: Sequence[Observation]) -> dict[str, str]:
    """What the decisions are called in the table of cells: their number in that of decisions."""
    return {one.name: f"({number})" for number, one in reversed([*enumerate(decisions, 1)])}


def _decision(one: Observation, margins: Sequence[str]) -> dict[str, Any]:
    return {
        "name": line(one.name),
        "prediction": _prediction(one),
        "measured": quantity(one.measured, one.unit),
        "interval": interval(one.interval, one.unit),
        "margin": quantity(one.margin, one.margin_unit or one.unit),
        "margin_number": margins.index(line(one.margin_reason).rstrip(".")) + 1,
        "n": number(one.n),
        "looks": _looks(one),
        "alpha": number(one.alpha, 2) if one.alpha else "–",
        "verdict": verdict_label(one.verdict),
        "reason": line(one.reason).rstrip("."),
        "change": line(one.would_change),
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
