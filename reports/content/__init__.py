"""What every report says, as plain strings ready to show.

The PDF and the page are made of the same content; each prints `Formula` in its own language.
"""

from dataclasses import dataclass
from typing import Any

from reports.figures import OF_ONE_RUN
from reports.text import VERDICT_WORDS, line, prose
from validate.results.records import DerivationStep, Figure, SymbolRow, Table


@dataclass(frozen=True)
class Formula:
    """A formula of the records, for each report to print."""

    text: str


def derivation_step(step: DerivationStep) -> dict[str, Any]:
    """A sentence and, if there is one, its formula."""
    return {
        "text": prose(step.text),
        "formula": Formula(step.formula) if step.formula is not None else None,
    }


def symbol(row: SymbolRow) -> dict[str, Any]:
    """A symbol, what it means and its unit."""
    unit = "" if row.unit == "1" else line(row.unit)
    return {"formula": Formula(row.formula), "meaning": prose(row.meaning), "unit": unit}


def picture(figure: Figure) -> dict[str, str]:
    """What is written under a figure, and what a screen reader says after its title."""
    decided = figure.verdict if figure.kind not in OF_ONE_RUN else None
    verdict = f" Verdict: {VERDICT_WORDS[decided]}." if decided else ""
    return {
        "title": prose(figure.title).rstrip("."),
        "caption": prose(figure.caption),
        "settings": line(figure.settings_hash),
        "told": f"{prose(figure.caption)}{verdict}",
    }


def table(one: Table) -> dict[str, Any]:
    """A table of strings."""
    return {
        "title": prose(one.title),
        "header": [prose(cell) for cell in one.header],
        "rows": [[prose(cell) for cell in row] for row in one.rows],
    }
