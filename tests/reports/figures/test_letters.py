"""The smallest letters of every figure are large enough to read, as they are printed."""

import io
import re
from collections.abc import Iterable, Iterator

import pypdf
import pytest

from reports.figures import KINDS, render
from reports.pdf import build
from tests.reports.many import many
from tests.reports.synthetic_figures import figures
from validate.results.records import Figure

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
LEAST = 7.0  # points
SCALE = re.compile(r"scale\(([\d.]+) -[\d.]+\)")  # of a letter that is 100 units high
BOX = re.compile(r'viewBox="(0 0 [\d.]+ [\d.]+)"')


def smallest(svg: str) -> float:
    """Of the letters of a drawing, in points of the drawing."""
    return min(100 * float(scale) for scale in SCALE.findall(svg))


def stand_in(figure: Figure) -> str:
    """A drawing of the same size with a square as high as the smallest letters of the figure.

    Letters of drawings are shapes, whose size a PDF does not tell; of an image it does.
    """
    svg = render(figure)
    box = BOX.search(svg)
    assert box is not None
    high = smallest(svg)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box[1]}">'
        f'<image width="{high}" height="{high}" href="data:image/png;base64,{PIXEL}"/></svg>'
    )


def drawn(all_figures: Iterable[Figure]) -> Iterator[str]:
    return map(stand_in, all_figures)


def printed(pdf: bytes) -> list[float]:
    """How high the squares of the stand-ins are in print, in points."""
    found = []

    def image(operator: bytes, _: object, place: list[float], __: object) -> None:
        if operator == b"Do":
            found.append(abs(float(place[3])))

    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_operand_before=image)
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_letter_is_drawn_smaller(kind: str):
    assert smallest(render(figures()[kind])) >= LEAST


def test_no_figure_is_printed_smaller():
    """On the page of its claim, among the pictures of page 2, and in the appendix."""
    made = many()
    every = tuple(figures().values())
    claims = tuple(
        one.model_copy(update={"figures": (*one.figures, *every)})
                   for one in made.claims[:3])  # fmt: skip
    made = made.model_copy(update={"claims": claims})
    found = printed(build(made, draw=drawn))
    parts = {one.part for one in claims}
    assert len(found) == sum(len(one.figures) for one in claims) + len(parts)
    assert min(found) >= LEAST
