"""Panels from what is measured on units: whose units, which points, which lines."""

import numpy as np
import pytest

from tests.validate.toy import Coins
from validate.claim import Outcome, Unit
from validate.figure_forms.by_unit import along, equality
from validate.figure_forms.scaling import means
from validate.results.records import Verdict

RIGHT, WRONG, OTHER = (Coins(block=block) for block in (2, 3, 4))


def drawn(*experiments: Coins) -> Outcome:
    units = [Unit(e, 0, k, {"y": [k, 10.0 * k]}) for e in experiments for k in range(3)]
    own = [unit for unit in units if unit.experiment != WRONG]
    return Outcome(Verdict.AGREE, own, (), (), [u for u in units if u.experiment == WRONG])


def test_medians_at_every_x_with_laws_and_wrong_laws():
    panel = along(
        drawn(RIGHT, OTHER),
        "title",
        ("x", "y"),
        {"these": RIGHT, "none": WRONG},
        lambda unit: (2.0, 1.0),
        lambda unit: unit.measurement["y"],
        {"law": lambda x: 3 * x},
        {"not it": lambda x: np.ones_like(x)},
    )
    (points,) = panel["points"]
    assert (points["x"], points["y"]) == ([1.0, 2.0], [10.0, 1.0])
    assert (points["lo"][0], points["hi"][0]) == pytest.approx((1.0, 19.0))
    law, wrong = panel["lines"]
    assert (law["label"], law["role"], law["x"], law["y"]) == ("law", "claim", [1, 2], [3, 6])
    assert (wrong["role"], wrong["y"]) == ("resolution", [1, 1])


def test_one_number_of_each_unit_is_drawn_at_its_own_x():
    panel = along(
        drawn(RIGHT),
        "title",
        ("x", "y"),
        {"these": [RIGHT]},
        lambda unit: unit.replicate // 2,
        lambda unit: unit.measurement["y"][0],
        {},
    )
    assert (panel["points"][0]["x"], panel["points"][0]["y"]) == ([0, 1], [0.5, 2])


def test_means_with_intervals_and_several_lines_of_one_law():
    panel = along(
        drawn(RIGHT),
        "title",
        ("x", "y"),
        {"these": RIGHT},
        lambda unit: (1.0, 2.0),
        lambda unit: unit.measurement["y"],
        {"law": lambda x: [x, 2 * x]},
        drawn=means,
    )
    (points,) = panel["points"]
    assert points["y"] == [1.0, 10.0]
    half = 9.92484 / 3**0.5  # Student's quantile of 99.5 % with two degrees of freedom
    assert points["hi"] == pytest.approx([1 + half, 10 + 10 * half], rel=1e-5)
    assert [(line["label"], line["y"]) for line in panel["lines"]] == [
        ("law", [1.0, 2.0]),
        ("law", [2.0, 4.0]),
    ]


def test_the_same_units_measured_in_two_ways_and_a_positive_control():
    panel = along(
        drawn(RIGHT),
        "title",
        ("x", "y"),
        {"once": RIGHT, "twice": RIGHT},
        lambda unit: (1.0, 2.0),
        {
            "once": lambda unit: unit.measurement["y"],
            "twice": lambda unit: 2 * np.array(unit.measurement["y"]),
        },
        {"law": lambda x: x},
        positive={"certain": lambda x: 2 * x},
    )
    once, twice = (points["y"] for points in panel["points"])
    assert (once, twice) == ([1.0, 10.0], [2.0, 20.0])
    assert [(line["role"], line["y"]) for line in panel["lines"]] == [
        ("claim", [1.0, 2.0]),
        ("positive", [2.0, 4.0]),
    ]


def test_measured_against_predicted_with_units_of_controls():
    panel = equality(
        drawn(RIGHT, WRONG),
        "title",
        ("x", "y"),
        {"right": RIGHT, "wrong": WRONG},
        lambda unit: unit.replicate + (unit.experiment == WRONG),
        lambda unit: unit.measurement["y"][0],
        {"half": lambda x: x / 2},
    )
    assert [points["label"] for points in panel["points"]] == ["right", "wrong"]
    assert [line["y"] for line in panel["lines"]] == [[0, 3], [0, 1.5]]


def test_several_numbers_of_a_unit_are_predicted_in_several_ways():
    panel = equality(
        drawn(RIGHT),
        "title",
        ("x", "y"),
        {"right": RIGHT, "none": RIGHT},
        {"right": lambda unit: unit.measurement["y"], "none": lambda unit: (0.0, 0.0)},
        lambda unit: unit.measurement["y"],
    )
    right, none = panel["points"]
    assert right["x"] == right["y"] == none["y"] == [0, 0, 1, 10, 2, 20]
    assert none["x"] == [0] * 6
