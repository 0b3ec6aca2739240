"""The report as one page: a pure function of the results, byte for byte."""

import base64
import hashlib
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.content import Formula, picture
from reports.drawing import Draw, drawn_here
from reports.page.content import document
from reports.page.mathml import mathml
from reports.page.svg import Pictures
from validate.results.records import Figure, Results
from validate.results.whole_file import write_whole

HERE = Path(__file__).parent


def build(results: Results, draw: Draw = drawn_here, of: int | None = None) -> bytes:
    """The page of a run, which needs no other file; the same results give the same bytes.

    Args:
        results: the run.
        draw: gives the SVG text of each figure.
        of: how many claims the run had, if the results are an extract.

    Raises:
        reports.figures.FigureError: (a `ValueError`) when a figure is of an unknown kind or its
            series do not fit.
    """
    records = [*results.claims, *results.appendices]
    figures = [figure for record in records for figure in record.figures]
    drawn = draw(figures)  # perhaps elsewhere, meanwhile
    data, pictures = document(results, of), Pictures()
    shown = iter([_shown(*pair, pictures) for pair in zip(figures, drawn, strict=True)])
    for place, record in zip([*data["claims"], *data["appendices"]], records, strict=True):
        place["figures"] = list(islice(shown, len(record.figures)))
    style, script = _own("style.css"), _own("script.js")
    page = _templates().get_template("page.html.jinja").render(
        **data,
        shapes=Markup(pictures.shapes()),
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
    )  # fmt: skip
    return page.encode()


def write(results: Results, path: Path, draw: Draw = drawn_here, of: int | None = None) -> None:
    """Build the page and put it at ``path``, whose folder is made if needed."""
    write_whole(path, build(results, draw, of))


def _shown(figure: Figure, drawing: str, pictures: Pictures) -> dict[str, Any]:
    told = picture(figure)
    return {**told, "svg": Markup(pictures.inline(drawing, told["title"], told["told"]))}


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["formula"] = _formula
    return made


def _formula(one: Formula, display: bool = False) -> Markup:
    return mathml(one.text, display=display)


@cache
def _own(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """What a browser may do with the page: use this style and this script, and load nothing."""
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
