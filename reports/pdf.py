"""The report as PDF: a pure function of the results, byte for byte."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reports.content.document import document
from reports.drawing import Draw, drawn_here
from reports.typesetting import typeset
from validate.results.records import Results
from validate.results.whole_file import write_whole


def build(
    results: Results,
    standard: str | None = None,
    draw: Draw = drawn_here,
    of: int | None = None,
    brief: bool = False,
) -> bytes:
    """The tagged PDF of a run; the same results give the same bytes.

    Args:
        results: the run, or an extract of it.
        standard: a PDF standard to declare and enforce, such as ``"ua-1"``.
        draw: gives the SVG text of each figure.
        of: how many claims the run had, if the results are an extract.
        brief: only the pages before the appendix.

    Raises:
        reports.figures.FigureError: (a `ValueError`) when a figure is of an unknown kind or its
            series do not fit.
    """
    data = {**document(results, of), "brief": brief}
    return _compile(results, data, draw, format="pdf", pdf_standards=standard or [])


def pages(results: Results, ppi: float | int = 90, draw: Draw = drawn_here) -> list[bytes]:
    """The same pages as PNG images, for a look without a PDF viewer."""
    data = {**document(results), "brief": False}
    images = _compile(results, data, draw, format="png", ppi=ppi)
    return list(images) if isinstance(images, list) else [images]


def write(
    results: Results,
    path: Path,
    draw: Draw = drawn_here,
    of: int | None = None,
    brief: bool = False,
) -> None:
    """Build the PDF and put it at ``path``, whose folder is made if needed."""
    write_whole(path, build(results, draw=draw, of=of, brief=brief))


def _compile(results: Results, data: dict[str, Any], draw: Draw, **options: Any) -> Any:
    figures = {
        (chapters, number, position): figure
        for chapters, records in (("claims", results.claims), ("appendices", results.appendices))
        for number, record in enumerate(records)
        for position, figure in enumerate(record.figures)
        if not data["brief"]
        or (chapters == "claims" and data[chapters][number]["figure"] == position)
    }
    drawn, pictures = draw(figures.values()), {}
    for (chapters, number, position), svg in zip(figures, drawn, strict=True):
        name = f"{chapters}-{number}-{position}.svg"
        pictures[name] = svg
        data[chapters][number]["figures"][position]["file"] = name
    return typeset("report.typ", data, pictures, _timestamp(results.run.started), **options)


def _timestamp(started: str) -> int:
    """Seconds since 1970 of the run's start; 0 where the text is no date."""
    try:
        moment = datetime.fromisoformat(started)
    except ValueError:
        return 0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, int(moment.timestamp()))
