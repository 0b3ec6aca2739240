"""Records of the activation checker: consistent, finite, and the JSON that is promised."""

import json
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reports.text import VERDICT_COLORS
from tests.reports.texts import HOSTILE
from tests.validate.activation.synthetic_checks import (
    check_of,
    directions,
    empty,
    every,
    hostile,
    kinked,
    neurons,
    smooth,
)
from theory.condensation.orientations.plane import xor_orientations
from theory.direction import Direction
from validate.activation.figures import Neurons, field_panel, grid, nearest_angles, neurons_figure
from validate.results.activation import (
    ActivationCheck,
    NamedVerdict,
    OptimizerCheck,
    Side,
    checks_to_json,
)
from validate.results.notebook import BADGES
from validate.results.records import Verdict

PROMISED = {
    *("expression", "value_at_zero", "right", "left", "multiplicity", "bound", "reason"),
    *("optimizers", "verdicts"),
}


def without_constants(text: str) -> object:
    """Parsed JSON; NaN and Infinity are refused."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_contract():
    data = json.loads(smooth().to_json())
    assert data.keys() >= PROMISED
    assert data["right"] == {"order": 3, "coefficient": 1.0}
    assert data["left"] == {"order": 3, "coefficient": -1.0}
    assert (data["multiplicity"], data["bound"], data["reason"]) == (3, 6, None)
    assert set(data["optimizers"]) == {"gd", "adam"}
    for optimizer in data["optimizers"].values():
        for entry in (*optimizer["predicted"], *optimizer["measured"]):
            assert entry.keys() == {"direction", "angle_degrees", "sign", "share"}
            assert math.hypot(*entry["direction"]) == pytest.approx(1, abs=1e-8)
            weight, bias = entry["direction"]
            angle = math.degrees(math.atan2(bias, weight)) % 360
            assert entry["angle_degrees"] == pytest.approx(angle, abs=1e-6)
            assert entry["sign"] in (1, -1)
    for verdict in data["verdicts"]:
        assert verdict.keys() >= {"name", "verdict", "reason"}
    assert not {"figures", "derivation"} & data.keys()


def test_one_expression_is_an_object_and_several_are_a_list():
    assert without_constants(checks_to_json([smooth()])) == json.loads(smooth().to_json())
    several = without_constants(checks_to_json(every()))
    assert isinstance(several, list)
    assert [one["expression"] for one in several] == [check.expression for check in every()]


def test_without_multiplicity_the_reason_is_given():
    data = json.loads(kinked().to_json())
    assert (data["multiplicity"], data["bound"]) == (None, None)
    assert "one-sided expansions differ" in data["reason"]
    data = json.loads(empty().to_json())
    assert (data["value_at_zero"], data["right"], data["left"]) == (None, None, None)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"reason": None}, "the reason must be given"),
        ({"reason": "  "}, "the reason must be given"),
        ({"bound": 2}, "no bound without a multiplicity"),
        ({"value_at_zero": math.nan}, "finite number"),
        ({"alpha": math.inf}, "finite number"),
    ],
)
def test_an_inconsistent_check_is_refused(change, match):
    with pytest.raises(ValidationError, match=match):
        ActivationCheck(**{**empty().model_dump(), **change})


ENTRY = {"direction": [0.6, 0.8], "angle_degrees": None, "sign": 1, "share": 0.1}


@pytest.mark.parametrize(
    "fields",
    [
        {"direction": [0.6, 0.9]},
        {"direction": [math.nan, 0.0]},
        {"direction": [1e400, 0.0]},
        {"direction": []},
        {"direction": "10"},
        {"direction": None},
        {"direction": [1.0, 0.0], "angle_degrees": 1.0},
        {"direction": [1.0, 0.0], "angle_degrees": 360.0},
        {"direction": [1.0, 0.0], "angle_degrees": math.nan},
        {"direction": [1.0, 0.0], "angle_degrees": "0"},
        {"direction": [1.0, 0.0, 0.0], "angle_degrees": 0.0},
        {"sign": 0},
        {"sign": "1"},
        {"share": math.nan},
        {"bias": False},
    ],
)
def test_an_inconsistent_direction_is_refused(fields):
    with pytest.raises(ValidationError):
        OptimizerCheck.model_validate({"predicted": [ENTRY | fields]})


def test_what_is_out_of_scope_has_no_share():
    one = OptimizerCheck.model_validate({"predicted": [ENTRY | {"share": None}]})
    assert one.predicted[0].share is None
    assert one.model_dump(mode="json")["predicted"][0]["share"] is None


@pytest.mark.parametrize("key", ["direction", "sign", "share"])
def test_a_direction_must_be_complete(key):
    with pytest.raises(ValidationError):
        OptimizerCheck.model_validate({"predicted": [{k: ENTRY[k] for k in ENTRY if k != key}]})


@pytest.mark.parametrize(
    "one",
    [
        Direction((0.6, 0.9), 1, 0.1),
        Direction((math.nan, 0.0), 1, 0.1),
        Direction((1.0, 0.0), 0, 0.1),
        Direction((1.0, 0.0), 1, math.nan),
    ],
)
def test_an_unsound_direction_is_not_recorded(one):
    with pytest.raises(ValidationError):
        OptimizerCheck(predicted=(one,))


@pytest.mark.parametrize(
    ("one", "angle"),
    [
        (Direction((0.0, -1.0), -1, 0.1), 270.0),
        (Direction((0.0, -1.0), -1, 0.1, bias=False), None),
        (Direction((0.0, 0.0, -1.0), 1, 0.1), None),
    ],
)
def test_the_json_of_a_direction_is_read_back(one, angle):
    check = OptimizerCheck(predicted=(one,))
    data = json.loads(check.model_dump_json())
    written = {"direction": list(one.direction), "angle_degrees": angle}
    assert data["predicted"] == [written | {"sign": one.sign, "share": one.share}]
    assert list(data["predicted"][0]) == ["direction", "angle_degrees", "sign", "share"]
    assert OptimizerCheck.model_validate(data) == check


def test_a_record_takes_a_predicted_orientation_as_it_is():
    data = OptimizerCheck(predicted=xor_orientations()).model_dump()
    assert [entry["direction"] for entry in data["predicted"]] == [
        one.direction for one in xor_orientations()
    ]


def test_a_coefficient_must_be_finite():
    with pytest.raises(ValidationError):
        Side(order=1, coefficient=math.inf)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=6).filter(any))
def test_the_direction_of_any_vector_is_recorded(vector):
    one = Direction.of(vector, -3, 0.5)
    check = smooth().model_copy(
        update={"optimizers": {"gd": OptimizerCheck(predicted=(one,), measured=(one,))}}
    )
    entry = json.loads(check.to_json())["optimizers"]["gd"]["predicted"][0]
    assert (entry["angle_degrees"] is None) == (len(vector) != 2)
    assert entry["angle_degrees"] is None or 0 <= entry["angle_degrees"] < 360


def test_an_angle_just_below_360_is_not_rounded_to_360():
    one = Direction.of([1.0, -1e-10], 1, 1.0)
    check = smooth().model_copy(update={"optimizers": {"gd": OptimizerCheck(predicted=(one,))}})
    assert json.loads(check.to_json())["optimizers"]["gd"]["predicted"][0]["angle_degrees"] == 0


def at(degrees: float | int, sign: int) -> Direction:
    angle = math.radians(degrees)
    return Direction.of([math.cos(angle), math.sin(angle)], sign, 0.25)


def test_pairs_are_nearest_and_of_one_sign():
    predicted = (at(10, 1), at(20, 1), at(200, -1), at(300, 1))
    measured = (at(202, 1), at(19, 1), at(359, 1), at(201, -1), at(100, -1))
    pairs = OptimizerCheck(predicted=predicted, measured=measured).pairs()
    found = [
        (
            p.predicted and round(p.predicted.angle_degrees),
            p.measured and round(p.measured.angle_degrees),
            p.degrees and round(p.degrees),
        )
        for p in pairs
    ]
    assert found == [
        (10, 359, 11),
        (20, 19, 1),
        (200, 201, 1),
        (300, None, None),
        (None, 202, None),
        (None, 100, None),
    ]


def test_the_worst_verdict_of_an_optimizer_counts():
    assert smooth().verdict_of("gd") is Verdict.INCONCLUSIVE
    assert smooth().verdict_of("adam") is Verdict.AGREE
    assert empty().verdict_of("gd") is None
    error = NamedVerdict(name="n", verdict=Verdict.ERROR, reason="r", optimizer="adam")
    worse = smooth().model_copy(update={"verdicts": (*smooth().verdicts, error)})
    assert worse.verdict_of("adam") is Verdict.ERROR


@pytest.mark.parametrize(
    ("right", "left", "words"),
    [
        ((3, 1.0), (3, -1.0), "x³"),
        ((2, -0.5), (2, -0.5), "−0.5 x²"),
        ((1, 1.0), (1, 0.0), "x for x > 0, 0 for x < 0"),
        ((1, 1.0), (1, -0.01), "x for x > 0, −0.01 |x| for x < 0"),
        ((2, 1.0), (12, 1.0), "x² for x > 0, |x|¹² for x < 0"),
        (None, None, ""),
        ((2, 1.0), None, "x² for x > 0, no power for x < 0"),
    ],
)
def test_leading_part_in_words(right, left, words):
    sides = [s and Side(order=s[0], coefficient=s[1]) for s in (right, left)]
    check = smooth().model_copy(update={"right": sides[0], "left": sides[1]})
    assert check.leading_part() == words


def test_headlines():
    assert smooth().headline().endswith("≈ x³; multiplicity 3, bound 2p = 6")
    assert "no multiplicity: one-sided expansions differ" in kinked().headline()
    assert empty().headline().startswith("σ(0) = no limit; ")


# Notebook


@pytest.mark.parametrize("check", every(), ids=lambda check: check.expression[:20])
def test_notebook_html_is_well_formed_and_self_contained(check):
    html = check._repr_html_()
    text = "".join(ElementTree.fromstring(html).itertext())
    assert "http" not in html
    assert "src=" not in html
    assert "<style" not in html
    for verdict in check.verdicts:
        assert str(verdict.verdict) in text


def test_notebook_shows_hostile_text_and_runs_none_of_it():
    html = hostile()._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert not set("\x1b\x00\x07\u202e\u2066") & set(html)
    assert (
        HOSTILE.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        in html
    )


def test_notebook_colors_are_set_only_on_badges():
    """Everything else takes the notebook's own colors, light or dark."""
    html = smooth()._repr_html_()
    assert set(re.findall(r"(?<!-)color:([^;\"]+)", html)) == {"inherit", "#fff"}
    assert set(re.findall(r"background:([^;\"]+)", html)) <= {"transparent", *BADGES.values()}


def test_badges_have_the_colors_of_the_report():
    assert BADGES == VERDICT_COLORS


# Figures


def test_angles_to_the_nearest_prediction_of_the_sign():
    exact = np.array([[3.0, 0, 0], [0, 0, 1e-9], [0, 0, 0]])
    predicted = (Direction.of([1.0, 0, 0], 1, 0.5), Direction.of([1.0, 1, 0], 1, 0.5))
    two = Neurons(predicted, exact, np.array([1.0, 1.0, 1.0]))
    assert nearest_angles(two)[:2] == pytest.approx([0, 90])
    other = Neurons(predicted, exact, -np.ones(3))
    assert nearest_angles(other) == pytest.approx([180, 180, 180])


@pytest.mark.parametrize(
    ("dimension", "kind"), [(2, "directions"), (3, "sphere"), (4, "groups"), (6, "groups")]
)
def test_the_kind_follows_the_dimension(dimension, kind):
    seen = {"gd": neurons(directions(4, dimension)), "adam": neurons(directions(4, dimension))}
    assert neurons_figure(seen, 5.0).kind == kind


def test_neurons_of_different_dimensions_are_refused():
    with pytest.raises(ValueError, match="one dimension for all neurons"):
        neurons_figure({"gd": neurons(directions(4, 2)), "adam": neurons(directions(4, 3))})


def test_a_panel_holds_arrows_rays_and_neurons():
    seen = neurons(directions(6, 2), each=50)
    places = np.array([[0.0, 2.0], [1.0, 1.0]])
    panel = field_panel("title", places, -places, seen)
    assert panel["arrows"][0] == {"x": 0.0, "y": 2.0, "dx": 0.0, "dy": -2.0}
    assert len(panel["rays"]) == 6
    assert 0 < len(panel["points"]) <= 80
    assert max(abs(p[k]) for p in panel["points"] for k in "xy") <= 2
    nobody = Neurons((), np.zeros((0, 2)), np.zeros(0))
    assert field_panel("title", places, places, nobody)["points"] == []


def test_the_grid_has_both_sides_and_no_zero():
    assert np.all(grid() == -grid()[::-1])
    assert not np.any(grid() == 0)


def test_untrained_is_told_from_nothing_found():
    assert check_of(4, 2, trained=False).trained is False
    assert "not trained" in smooth(trained=False)._repr_html_()
    found_nothing = smooth().model_copy(
        update={"optimizers": {"gd": OptimizerCheck(predicted=directions(2, 2))}}
    )
    assert "not trained" not in found_nothing._repr_html_()
