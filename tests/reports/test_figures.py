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
    "sphere": {"panels": [], "bound": 2, "counts": []},
    "groups": {"groups": [], "ylabel": "", "margin": None},
    "intervals": {"rows": [], "xlabel": ""},
    "scaling": {"panels": []},
    "heatmap": {"panels": [], "columns": 3},
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_empty_series_still_draw(kind):
    assert render(FIGURES[kind].model_copy(update={"series": EMPTY[kind]})).startswith("<?xml")


@pytest.mark.parametrize(
    ("matrix", "fault"),
    [
        ([[100, 0]], "is not square"),
        ([1, 2], "is not square"),
        ([[101]], "no cosine"),
        ([[float("nan")]], "no cosine"),
        ([["a"]], "could not convert"),
    ],
)
def test_a_heatmap_wants_cosines(matrix, fault):
    series = {"panels": [{"title": "odd", "matrix": matrix}], "columns": 1}
    with pytest.raises(FigureError, match=fault):
        render(FIGURES["heatmap"].model_copy(update={"series": series}))


def test_a_layer_without_neurons_is_an_empty_square():
    series = {"panels": [{"title": "none left", "matrix": []}], "columns": 1}
    assert render(FIGURES["heatmap"].model_copy(update={"series": series})).startswith("<?xml")


def test_exact_counts_are_drawn_in_another_way():
    series = FIGURES["counts"].series
    exact = FIGURES["counts"].model_copy(update={"series": {**series, "exact": True}})
    assert render(exact) == render(exact)
    assert render(exact) != render(FIGURES["counts"])
