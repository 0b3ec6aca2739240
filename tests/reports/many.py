"""A run of many claims in three families, as uneven as runs are: for what only many pages show."""

from collections.abc import Sequence

import sympy

from tests.reports.synthetic import claims, control, derivation, observation, results
from tests.reports.synthetic_figures import figures
from theory.symbolic.expression import dump
from validate.results.records import (
    Cell,
    ClaimResult,
    DerivationStep,
    Part,
    Reading,
    Results,
    Table,
    Verdict,
)

FAMILIES = ("gravity", "optics", "heat")
SENTENCE = "A quantity that is measured follows the law that was derived for it, again and again. "
VERDICTS = (*[Verdict.AGREE] * 5, Verdict.DISAGREE)
KINDS = ("counts", "agreement", "directions", "scaling", "intervals", "groups", "heatmap")


def many(count: int = 24, verdicts: Sequence[Verdict] = VERDICTS) -> Results:
    """A run of ``count`` claims whose verdicts come in turn."""
    made = tuple(
        _claim(number, FAMILIES[3 * number // count], verdicts[number % len(verdicts)])
        for number in range(count)
    )
    parts = tuple(
        Part(
            id=family,
            title=family.capitalize(),
            text=3 * SENTENCE,
            sentence=f"The law of {family} holds.",
            source="A paper, abstract",
            claims=tuple(claim.id for claim in made if claim.part == family),
        )
        for family in FAMILIES
    )
    return Results(run=results().run, claims=made, parts=parts)


def _claim(number: int, family: str, verdict: Verdict) -> ClaimResult:
    disagrees = verdict is Verdict.DISAGREE
    drawn_figures = figures()
    chosen = [KINDS[(number + shift) % len(KINDS)] for shift in range(1 + number % 3)]
    names = [f"decision {one} of law {number}" for one in range(1 + number % 5)]
    return claims()[0].model_copy(
        update={
            "id": f"{family}.law-{number}",
            "title": f"Law number {number} of {family}, in the long run",
            "statement": SENTENCE * (1 + number % 4),
            "verdict": verdict,
            "disagrees_with": 2 * SENTENCE if disagrees else None,
            "observations": tuple(observation(verdict, name) for name in names),
            "controls": (
                control("resolution", Verdict.DISAGREE),
                control("experiment", Verdict.DISAGREE),
            ),
            "derivation": (*derivation()[:4], *_own(number)),
            "figures": tuple(drawn_figures[kind] for kind in chosen),
            "cells": tuple(_cell(one) for one in range(4 * (number % 4))),
            "tables": (_table(3 * (number % 5)),),
            "notes": (SENTENCE,) * (number % 4),
            "readings": (Reading(text=f"Law {number} holds.", where=f"case {number}"),),
            "reproduce": f"python -m validate run {family}.law-{number} --seed 1",
        }
    )


def _own(number: int) -> tuple[DerivationStep, ...]:
    k, x = sympy.symbols("k x")
    return tuple(
        DerivationStep(text=SENTENCE * (step % 3), formula=dump(sympy.Eq(k, number * x + step)))
        if step % 2
        else DerivationStep(text=f"Own step {step} of law {number}.")
        for step in range(number % 7)
    )


def _cell(number: int) -> Cell:
    return Cell(name=f"setting {number}", judged=12, drawn=24, in_pool=True)


def _table(rows: int) -> Table:
    row = ("setting", "1", "2")
    return Table(title="Counts by setting", header=("Setting", "a", "b"), rows=(row,) * rows)
