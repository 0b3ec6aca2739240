"""The activation checker as PDF: a page or two for each expression, byte for byte the same.

How long a check took is not printed, so that the same check gives the same file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sympy

from reports import references
from reports.content import Formula, derivation_step, picture
from reports.figures import render
from reports.formulas.math import print_math
from reports.text import line, number, shorten, verdict_label
from reports.typesetting import formula, typeset
from validate.results.activation import ActivationCheck, Side
from validate.results.orientations import HEADER, rows
from validate.results.whole_file import write_whole
from validate.results.words import OPTIMIZERS

LONGEST_FORMULA = 1500  # characters of Typst math; longer ones are shown as shortened text
LONGEST = 300  # characters of an expression or formula shown as text
LONGEST_TEXT = 600  # characters of a reason or note
LONGEST_COMMAND = 1500
COMPONENTS = 6  # of a direction that are written out
MOST_ROWS = 14  # orientations shown for each optimizer
MOST = 8  # steps of the derivation, notes and references shown
X = sympy.Symbol("x", real=True)


def build(checks: Sequence[ActivationCheck], standard: str | None = None) -> bytes:
    """The tagged PDF of some checks; the same checks give the same bytes.

    Args:
        checks: one or more, each starting on a page of its own.
        standard: a PDF standard to declare and enforce, such as ``"ua-1"``.

    Raises:
        reports.figures.FigureError: (a `ValueError`) when a figure is of an unknown kind or its
            series do not fit.
    """
    return _compile(checks, format="pdf", pdf_standards=standard or [])


def pages(checks: Sequence[ActivationCheck], ppi: float | int = 90) -> list[bytes]:
    """The same pages as PNG images, for a look without a PDF viewer."""
    images = _compile(checks, format="png", ppi=ppi)
    return list(images) if isinstance(images, list) else [images]


def write_activation(checks: Sequence[ActivationCheck], path: Path) -> None:
    """Build the PDF and put it at ``path``, whose folder is made if needed.

    Raises:
        OSError: if the file cannot be written.
        reports.figures.FigureError: as `build`.
    """
    write_whole(path, build(checks))


def _compile(checks: Sequence[ActivationCheck], **options: Any) -> Any:
    figures: dict[str, str] = {}
    contents = []
    for index, check in enumerate(checks):
        page = content(check)
        for position, figure in enumerate(check.figures):
            name = f"{index}-{position}.svg"
            figures[name] = render(figure)
            page["figures"][position]["file"] = name
        contents.append(page)
    data = {"title": _title(checks), "checks": contents}
    return typeset("activation.typ", data, figures, 0, **options)


def _title(checks: Sequence[ActivationCheck]) -> str:
    if len(checks) == 1:
        return f"Activation check: {shorten(checks[0].expression, 80)}"
    return f"Activation check of {len(checks)} expressions"


def content(check: ActivationCheck) -> dict[str, Any]:
    """Everything on the pages of one check except for the pictures, as JSON-ready data."""
    versions = [f"{line(name)} {line(v)}" for name, v in sorted(check.versions.items())]
    run = [f"seed {check.seed}", f"α = {number(check.alpha)}", *versions]
    return {
        "expression": shorten(check.expression, LONGEST),
        "short": shorten(check.expression, 60),
        "formula": _formula(check.formula, "σ(x) = ") if check.formula else None,
        "facts": _facts(check),
        "verdicts": [
            {
                "label": verdict_label(one.verdict),
                "name": shorten(one.name, LONGEST),
                "reason": shorten(one.told, LONGEST_TEXT),
            }
            for one in check.verdicts
        ],
        "derivation": [_step(derivation_step(one)) for one in check.derivation[:MOST]],
        "figures": [picture(figure) for figure in check.figures],
        "optimizers": [_optimizer(check, key) for key in check.optimizers],
        "columns": _columns(check),
        "notes": [shorten(note, LONGEST_TEXT) for note in _notes(check)],
        "references": [references.parts(one) for one in references.unique(check.references)[:MOST]],
        "reproduce": shorten(check.reproduce, LONGEST_COMMAND),
        "run": shorten(", ".join(run), LONGEST),
    }


def _formula(text: str, before: str = "") -> dict[str, str]:
    """A formula ready to be set, or its shortened text where it is too long for a page."""
    return _fitting(formula(Formula(text)), before)


def _fitting(made: dict[str, str], before: str = "") -> dict[str, str]:
    if "math" in made and len(made["math"]) <= LONGEST_FORMULA:
        short = shorten(before + made["alt"], LONGEST)
        return {"math": before + made["math"], "alt": short}
    return {"raw": shorten(made.get("alt", made.get("raw", "")), LONGEST)}


def _step(step: dict[str, Any]) -> dict[str, Any]:
    made = step["formula"]
    return {
        "text": shorten(step["text"], LONGEST_TEXT),
        "formula": None if made is None else _fitting(formula(made)),
    }


def _facts(check: ActivationCheck) -> list[dict[str, Any]]:
    """What is known of the activation at 0, and on what data it was checked."""
    zero = check.value_in_words()
    facts: list[dict[str, Any]] = [{"name": "Value at 0", "text": f"σ(0) = {zero}"}]
    leading = leading_formula(check)
    if leading is not None:
        facts.append({"name": "Leading part", "math": leading})
    if check.multiplicity is not None:
        facts.append({"name": "Multiplicity", "text": f"p = {check.multiplicity}"})
    if check.bound is not None:
        facts.append({"name": "Bound", "text": f"at most 2p = {check.bound} orientations"})
    if check.reason:
        missing = "Why no bound" if check.multiplicity is not None else "Why no multiplicity"
        facts.append({"name": missing, "text": shorten(check.reason, LONGEST_TEXT)})
    governs = check.effective_order
    if governs is not None and governs != check.multiplicity:
        facts.append({"name": "On these data", "text": f"order {governs} governs"})
    if check.data:
        facts.append({"name": "Data", "text": shorten(check.data, LONGEST)})
    return facts


def leading_formula(check: ActivationCheck) -> dict[str, str] | None:
    """σ(x) − σ(0) ≈ its leading part as Typst math; None where no side has one."""
    words = check.leading_part()
    right, left = (_power(side, base) for side, base in ((check.right, X), (check.left, abs(X))))
    if not words:
        return None
    if "for" not in words:
        body = print_math(right)
    else:
        sides = ((right, X > 0), (left, X < 0))
        body = print_math(sympy.Piecewise(*(s for s in sides if s[0] is not None)))
    return {"math": f"σ (x) − σ (0) ≈ {body}", "alt": f"σ(x) − σ(0) ≈ {words}"}


def _power(side: Side | None, base: sympy.Expr) -> sympy.Expr | None:
    if side is None or side.order is None or side.coefficient is None:
        return None
    c = side.coefficient
    exact = sympy.Integer(int(c)) if c == int(c) and abs(c) < 1e6 else sympy.Float(c)
    return exact * base**side.order


def _notes(check: ActivationCheck) -> list[str]:
    dead = check.dead_line()
    return [*([f"{dead}."] if dead else []), *check.notes[:MOST]]


def _columns(check: ActivationCheck) -> int:
    """How many tables of orientations stand side by side: two where angles are enough."""
    found = [d for o in check.optimizers.values() for d in (*o.predicted, *o.measured)]
    narrow = all(one.in_plane for one in found)
    return 2 if narrow and len(check.optimizers) > 1 else 1


def _optimizer(check: ActivationCheck, key: str) -> dict[str, Any]:
    one = check.optimizers[key]
    found = [row[1:] for row in rows({key: one}, COMPONENTS, check.components)]
    return {
        "name": line(OPTIMIZERS.get(key, key)),
        "header": list(HEADER[1:]),
        "rows": [[line(cell) for cell in row] for row in found[:MOST_ROWS]],
        "more": max(0, len(found) - MOST_ROWS),
    }
