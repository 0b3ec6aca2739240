"""Small self-contained HTML for notebooks: no style sheet, readable on light and on dark."""

from collections.abc import Iterable, Sequence
from html import escape

from validate.results.records import Verdict
from validate.results.words import printable

BADGES = {  # white text on these has a contrast above 4.5, as in the report
    Verdict.AGREE: "#00694b",
    Verdict.DISAGREE: "#b03a00",
    Verdict.INCONCLUSIVE: "#5f5f5f",
    Verdict.OUT_OF_SCOPE: "#5b4a9c",
    Verdict.ERROR: "#a0002c",
}
_RULE = "1px solid rgba(128,128,128,0.45)"
_CELL = "text-align:left;padding:2px 12px 2px 0;color:inherit;background:transparent;border:0"


def text(value: str) -> str:
    """Any text, escaped and without control characters."""
    return escape(printable(value))


def code(value: str) -> str:
    return f'<code style="color:inherit;background:transparent">{text(value)}</code>'


def badge(verdict: Verdict) -> str:
    """A verdict as a colored label."""
    look = f"background:{BADGES[verdict]};color:#fff;border-radius:3px;padding:0 6px"
    return f'<span style="{look};font-size:85%;font-weight:bold">{text(verdict)}</span>'


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of plain text."""
    head = "".join(f'<th scope="col" style="{_CELL}">{text(cell)}</th>' for cell in header)
    body = "".join(_row(row) for row in rows)
    look = f"border-collapse:collapse;border-top:{_RULE};border-bottom:{_RULE};margin:6px 0"
    return f'<table style="{look}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _row(cells: Sequence[str]) -> str:
    inside = "".join(f'<td style="{_CELL}">{text(cell)}</td>' for cell in cells)
    return f'<tr style="background:transparent">{inside}</tr>'


def paragraph(*pieces: str) -> str:
    """Pieces of finished HTML in a paragraph."""
    return f'<p style="margin:4px 0">{" ".join(pieces)}</p>'


def card(pieces: Iterable[str]) -> str:
    """All pieces of finished HTML in one box of the notebook's own text color."""
    return f'<div style="color:inherit;max-width:60em">{"".join(pieces)}</div>'
