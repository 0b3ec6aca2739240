"""What templates print: the records as plain strings, ready for the page; pieces many share."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from reports.formulas.math import print_math
from reports.text import VERDICT_WORDS, line
from theory.symbolic.expression import ExpressionError, load
from validate.results.records import DerivationStep, Figure, SymbolRow, Table


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


def derivation_step(step: DerivationStep) -> dict[str, Any]:
    """A sentence and, if there is one, its formula."""
    return {
        "text": line(step.text),
        "formula": formula(step.formula) if step.formula is not None else None,
    }


def symbol(row: SymbolRow) -> dict[str, Any]:
    """A symbol, what it means and its unit."""
    unit = "" if row.unit == "1" else line(row.unit)
    return {"formula": formula(row.formula), "meaning": line(row.meaning), "unit": unit}


def picture(figure: Figure) -> dict[str, str]:
    """What is written under a figure, and what a screen reader says in its place."""
    verdict = f" Verdict: {VERDICT_WORDS[figure.verdict]}." if figure.verdict else ""
    return {
        "title": line(figure.title).rstrip("."),
        "caption": line(figure.caption),
        "settings": line(figure.settings_hash),
        "alt": f"{line(figure.title)}. {line(figure.caption)}{verdict}",
    }


def table(one: Table) -> dict[str, Any]:
    """A table of strings."""
    return {
        "title": line(one.title),
        "header": [line(cell) for cell in one.header],
        "rows": [[line(cell) for cell in row] for row in one.rows],
    }
