import xml.etree.ElementTree as ET

import pytest

from reports.figures import KINDS, FigureError, render
from tests.reports.synthetic import figures

FIGURES = figures()


def test_every_kind_is_covered():
    assert set(FIGURES) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_renders_the_same_svg_each_time(kind):
    svg = render(FIGURES[kind])
    assert render(FIGURES[kind]) == svg
    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert "<dc:date>" not in svg
    assert "mathdefault" not in svg


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_missing_series_is_named(kind):
    for key in KINDS[kind][0]:
        series = {name: value for name, value in FIGURES[kind].series.items() if name != key}
        with pytest.raises(FigureError, match=f"'{kind}' needs the series '{key}'"):
            render(FIGURES[kind].model_copy(update={"series": series}))


def test_a_missing_inner_key_is_named():
    broken = FIGURES["intervals"].model_copy(
        update={"series": {"rows": [{"label": "no numbers", "role": "claim"}], "xlabel": ""}}
    )
    with pytest.raises(FigureError, match="'intervals' lacks 'lo'"):
        render(broken)


def test_an_unknown_kind_is_refused():
    with pytest.raises(FigureError, match="unknown kind of figure 'pie'"):
        render(FIGURES["counts"].model_copy(update={"kind": "pie"}))


EMPTY = {
    "counts": {"categories": [], "bound": [], "values": [], "xlabel": "", "ylabel": ""},
    "agreement": {"groups": [], "margin": 1, "unit": "degree", "errors": []},
    "directions": {"panels": []},
    "field": {"panels": [], "xlabel": "", "ylabel": ""},
    "sphere": {"panels": [], "bound": 2, "counts": []},
    "groups": {"groups": [], "ylabel": "", "margin": None},
    "intervals": {"rows": [], "xlabel": ""},
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_empty_series_still_draw(kind):
    assert render(FIGURES[kind].model_copy(update={"series": EMPTY[kind]})).startswith("<?xml")


BARE = {"title": "", "arrows": [], "rays": [], "points": []}
RAY = {"angle_degrees": 90.0, "sign": -1}
ARROW = {"x": 0.5, "y": 0.5, "dx": 1.0, "dy": 2.0}


@pytest.mark.parametrize(
    "panels",
    [
        [BARE],
        [{**BARE, "rays": [RAY]}],
        [{**BARE, "arrows": [ARROW]}],
        [{**BARE, "arrows": [ARROW, {"x": 0.0, "y": 0.0, "dx": 0.0, "dy": 0.0}]}],
        [{**BARE, "points": [{"x": 1e-9, "y": 0.0, "sign": 1}]}],
        [BARE] * 7,
    ],
)
def test_a_field_may_lack_arrows_rays_or_neurons(panels):
    """RuntimeWarnings are errors under test: nothing divides by a zero length."""
    series = {"panels": panels, "xlabel": "w", "ylabel": "b"}
    assert render(FIGURES["field"].model_copy(update={"series": series})).startswith("<?xml")
