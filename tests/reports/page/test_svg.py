"""Drawings in a page: shapes once, names of their own, and nothing that is no drawing."""

from xml.etree import ElementTree

import pytest

from reports.figures import render
from reports.page.svg import Pictures
from tests.reports.synthetic_figures import figures

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="0 0 10 10">'
)


def inline(inside: str) -> str:
    made = Pictures().inline(f"{HEAD}{inside}</svg>", "title", "text")
    return made.partition("</desc>")[2].removesuffix("</svg>")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>',
        '<image xlink:href="https://example.org/x.png" width="1" height="1"/>',
        '<image xlink:href="data:image/svg+xml;base64,AAAA"/>',
        '<a xlink:href="javascript:alert(1)"><path d="M0 0"/></a>',
        '<path d="M 0 0" onclick="alert(1)" style="background: url(https://example.org)"/>',
        '<animate attributeName="href" to="javascript:alert(1)"/>',
        "<style>body { display: none }</style>",
    ],
)
def test_what_is_no_drawing_does_not_come_through(inside):
    made = inline(inside)
    for word in ("alert", "example.org", "script", "body", "svg+xml", "<a", "animate", "on"):
        assert word not in made


def test_attributes_stay_attributes():
    made = inline('<path d="M 0 0" style="fill: &quot;&gt;&lt;b&gt;"/>')
    assert made == '<path d="M0 0" fill="&quot;&gt;&lt;b&gt;"/>'


def test_text_that_is_no_drawing_is_refused():
    for text in ("<svg", "", "<html/>", f"{HEAD}<path></svg>"):
        with pytest.raises(ValueError, match="no SVG"):
            Pictures().inline(text, "", "")


def test_numbers_are_shortened_and_small_ones_kept():
    assert inline('<path d="M 1.23456 -0.98765 \nL 1e-05 2.00001e-05 \nz\n"/>') == (
        '<path d="M1.23 -0.98L1e-05 2.00001e-05z"/>'
    )
    assert inline('<g transform="translate(1.23456 2) scale(0.015625)"><path d="M 0 0"/></g>') == (
        '<g transform="translate(1.23 2) scale(0.015625)"><path d="M0 0"/></g>'
    )


def test_a_shape_is_written_once_for_all_figures():
    pictures, drawing = Pictures(), render(figures()["counts"])
    first = pictures.inline(drawing, "one", "")
    shapes = pictures.shapes()
    second = pictures.inline(drawing, "two", "")
    assert pictures.shapes() == shapes
    assert first.replace("figure-1", "figure-2").replace(">one<", ">two<") == second
    assert "<path id=" not in first


@pytest.mark.parametrize("kind", figures())
def test_every_kind_of_figure_keeps_what_it_draws(kind):
    """As many marks and letters as the drawing has, each of a shape that is there."""
    drawing, pictures = render(figures()[kind]), Pictures()
    made = pictures.inline(drawing, "", "")
    whole = ElementTree.fromstring(f"<page>{pictures.shapes()}{made}</page>")
    names = {one.get("id") for one in whole.iter()}
    links = [one.get("href", "").removeprefix("#") for one in whole.iter("use")]
    assert len(links) == drawing.count("<use ")
    assert set(links) <= names
    assert len(list(whole.iter("image"))) == drawing.count("<image ")
    assert len(made) < 0.7 * len(drawing)
