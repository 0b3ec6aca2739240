import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
import seaborn as sns
from matplotlib.colors import to_hex

from reports.content import picture
from reports.figures import KINDS, OF_ONE_RUN, FigureError, counts, render, style
from reports.figures.log_axis import log_ticks
from tests.reports.synthetic_figures import figures
from tests.reports.texts import HOSTILE
from validate.results.records import Verdict

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
    "activation": {"x": [], "sigma": [], "leading": None, "name": "", "order": None},
    "field": {"panels": [], "xlabel": "", "ylabel": ""},
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


def test_colors_and_style_are_those_of_seaborn():
    """They are written out in `style`, because importing seaborn is slow."""
    assert [to_hex(color) for color in sns.color_palette("colorblind")] == style.PALETTE
    theirs = sns.axes_style("ticks")
    ours = {**mpl.rcParamsDefault, **style.SETTINGS}
    chosen_otherwise = {"axes.edgecolor", "axes.labelcolor", "font.family", "font.sans-serif"}
    unused = {"grid.color", "grid.linestyle", "image.cmap"}
    hidden = {"axes.spines.top", "axes.spines.right"}
    for key in set(theirs) - chosen_otherwise - unused - hidden:
        assert ours[key] == theirs[key], key


def test_drawing_does_not_import_seaborn():
    code = (
        "import sys; from reports.figures import render\n"
        "from validate.results.records import Figure\n"
        "render(Figure(kind='field', title='', caption='', settings_hash='', "
        "series={'panels': [], 'xlabel': '', 'ylabel': ''}))\n"
        "assert 'matplotlib' in sys.modules and not {'seaborn', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


X = [-2.0, -1.0, 1.0, 2.0]


@pytest.mark.parametrize(
    "series",
    [
        {"x": X, "sigma": [0.0, 0.0, 1.0, 2.0], "leading": [0.0, 0.0, 1.0, 2.0], "order": 1},
        {"x": X, "sigma": [1.0] * 4, "leading": None, "order": None},
        {"x": X, "sigma": [0.0] * 4, "leading": [0.0] * 4, "order": None},
        {"x": X, "sigma": X, "leading": X, "order": 1, "value_at_zero": None},
        {"x": X, "sigma": [1e-300, 1e-200, 1e100, 1e200], "leading": X, "order": 40},
    ],
)
def test_an_activation_may_be_flat_or_one_sided(series):
    full = {"name": HOSTILE, **series}
    drawn = render(FIGURES["activation"].model_copy(update={"series": full}))
    assert drawn.startswith("<?xml")


def test_an_activation_of_unequal_lists_is_refused():
    series = {**FIGURES["activation"].series, "leading": [1.0]}
    with pytest.raises(FigureError, match="lists of one length"):
        render(FIGURES["activation"].model_copy(update={"series": series}))


def test_a_sphere_without_counts_has_one_row():
    series = {**FIGURES["sphere"].series, "counts": [], "bound": None}
    alone = render(FIGURES["sphere"].model_copy(update={"series": series}))
    assert height(alone) < height(render(FIGURES["sphere"]))


def height(svg: str) -> float:
    return float(ET.fromstring(svg).get("height", "").removesuffix("pt"))


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


@pytest.mark.parametrize(
    ("low", "high"), [(0.08, 0.4), (0.25, 1.25), (0.35, 1.3), (2, 3), (0.11, 0.12), (1, 1e9)]
)
def test_a_logarithmic_axis_has_at_least_three_ticks_with_labels(low, high):
    ax = style.canvas(2.0).subplots()
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    log_ticks(ax.xaxis, plain=False)
    ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
    labels = [ax.xaxis.get_major_formatter()(tick, 0) for tick in ticks]
    assert 3 <= len(ticks) <= 8
    assert len(set(labels)) == len(labels)


def test_counts_have_ticks_at_what_is_shown_and_one_label_for_each_level_of_the_bound():
    figure = counts.draw(
        {
            "categories": ["a", "b", "c"],
            "bound": [2, 4, 4],
            "bound_is": "2p",
            "values": [[2] * 100, [2] * 2 + [4] * 98, [4] * 60 + [8] * 40],
            "xlabel": "",
            "ylabel": "",
        }
    )
    ax = figure.axes[0]
    assert list(ax.get_yticks()) == [2, 4, 8]
    told = [text.get_text() for text in ax.texts]
    assert [text for text in told if text.startswith("bound")] == ["bound 2p = 2", "bound 2p = 4"]
    assert "2 %" not in told
    assert {"100 %", "98 %", "60 %", "40 %"} <= {*told}
    assert [float(np.asarray(line.get_ydata())[0]) for line in ax.lines] == [2, 4, 4]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_figures_of_a_single_run_have_no_verdict_from_which_none_follows(kind):
    bare, judged = (
        FIGURES[kind].model_copy(update={"verdict": verdict}) for verdict in (None, Verdict.AGREE)
    )
    single = kind in OF_ONE_RUN
    assert (render(bare) == render(judged)) == single
    assert ("Verdict: agrees" in picture(judged)["told"]) != single
