"""Sets of signed directions: distances and mismatches."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validate.decisions.direction_sets import (
    APART,
    Directed,
    angle_between,
    directed,
    distance_to,
    mismatches,
    set_distance,
)


def at(degrees: float, sign: int = 1) -> Directed:
    radians = math.radians(degrees)
    return Directed((math.cos(radians), math.sin(radians)), sign)


angles = st.floats(0, 359.9)
sets = st.lists(st.builds(at, angles, st.sampled_from([1, -1])), max_size=5)


@given(angles, st.floats(-180, 180))
def test_angle_between_is_the_rotation(start, turn):
    assert angle_between(at(start), at(start + turn)) == pytest.approx(abs(turn), abs=1e-6)


def test_small_angles_are_not_lost_in_rounding():
    assert angle_between(at(30), at(30 + 1e-9)) == pytest.approx(1e-9, rel=1e-5)


def test_signs_must_match():
    assert distance_to(at(10), [at(10, -1)]) == APART
    assert distance_to(at(10), [at(10, -1), at(13)]) == pytest.approx(3)
    assert distance_to(at(359), [at(2)]) == pytest.approx(3)


@given(sets, sets)
def test_set_distance_is_symmetric_and_zero_for_equal_sets(first, second):
    assert set_distance(first, second) == set_distance(second, first)
    assert set_distance(first, first) == pytest.approx(0, abs=1e-9)


def test_set_distance_sees_a_missing_member():
    assert set_distance([at(0), at(90)], [at(0)]) == pytest.approx(90)


@given(sets, sets, st.floats(0.1, 60))
def test_no_mismatch_exactly_within_the_set_distance(first, second, margin):
    matched = not mismatches(first, second, margin)
    assert matched == (set_distance(first, second) <= margin)


def test_mismatches_name_missing_and_spurious():
    assert mismatches([at(0), at(90)], [at(2), at(200)], 5.0) == [at(90), at(200)]


def test_directed_reads_records_and_objects():
    record = {"direction": [0.0, -1.0], "sign": -1, "share": 0.4}
    assert directed([record, at(0)]) == (Directed((0.0, -1.0), -1), at(0))
    assert directed([record])[0].angle_degrees == pytest.approx(270)
