"""The report as PDF: a pure function of the results, byte for byte.

Text reaches the typesetter as JSON data and never as source. The template evaluates one thing
only, the formulas that `reports.math` printed.
"""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
import typst

from reports.content import document
from reports.figures import render
from validate.results import Results

TEMPLATE = Path(__file__).with_name("template.typ")


def build(results: Results, standard: str | None = None) -> bytes:
    """The tagged PDF of a run; the same results give the same bytes.

    Args:
        results: the run.
        standard: a PDF standard to declare and enforce, such as ``"ua-1"``.

    Raises:
        reports.figures.FigureError: (a `ValueError`) when a figure is of an unknown kind or its
            series do not fit.
    """
    return _compile(results, format="pdf", pdf_standards=standard or [])


def pages(results: Results, ppi: float | int = 90) -> list[bytes]:
    """The same pages as PNG images, for a look without a PDF viewer."""
    images = _compile(results, format="png", ppi=ppi)
    return list(images) if isinstance(images, list) else [images]


def write(results: Results, path: Path) -> None:
    """Build the PDF and put it at ``path``, whose folder is made if needed."""
    content = build(results)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _compile(results: Results, **options: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        data = document(results)
        for chapters, records in (("claims", results.claims), ("appendices", results.appendices)):
            for number, record in enumerate(records):
                for position, figure in enumerate(record.figures):
                    name = f"{chapters}-{number}-{position}.svg"
                    (root / name).write_text(render(figure), encoding="utf-8")
                    data[chapters][number]["figures"][position]["file"] = name
        (root / "data.json").write_text(json.dumps(data), encoding="utf-8")
        source = root / "report.typ"
        source.write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
        return typst.compile(
            str(source),
            root=str(root),
            font_paths=[str(Path(mpl.get_data_path()) / "fonts" / "ttf")],
            ignore_system_fonts=True,
            timestamp=_timestamp(results.run.started),
            **options,
        )


def _timestamp(started: str) -> int:
    """Seconds since 1970 of the run's start; 0 where the text is no date."""
    try:
        moment = datetime.fromisoformat(started)
    except ValueError:
        return 0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, int(moment.timestamp()))
