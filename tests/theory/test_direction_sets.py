"""Sets of signed directions: distances and mismatches."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.direction import Direction
from theory.direction_sets import APART, distance_to, mismatches, set_distance, unmatched


def at(degrees: float, sign: int = 1) -> Direction:
    radians = math.radians(degrees)
    return Direction((math.cos(radians), math.sin(radians)), sign)


sets = st.lists(st.builds(at, st.floats(0, 359.9), st.sampled_from([1, -1])), max_size=5)


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
    assert unmatched([at(0), at(90)], [at(2), at(200)], 5.0) == [at(90)]
