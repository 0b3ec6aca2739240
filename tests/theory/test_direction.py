"""Directions: from any vector, their angles, and their JSON form in measurements."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.condensation.orientations.plane import xor_orientations
from theory.direction import Direction, angles_between, plane_angle
from theory.direction_sets import mismatches

ANGLES = st.floats(0, 359.9)


def at(degrees: float, sign: int = 1) -> Direction:
    radians = math.radians(degrees)
    return Direction((math.cos(radians), math.sin(radians)), sign)


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=6))
def test_any_vector_but_zero_is_a_direction(vector):
    if math.hypot(*vector) == 0:
        with pytest.raises(ValueError, match="no direction has the length 0"):
            Direction.of(vector, 1)
        return
    one = Direction.of(vector, -3, 0.5)
    assert math.hypot(*one.direction) == pytest.approx(1, abs=1e-12)
    assert all(u * v >= 0 for u, v in zip(one.direction, vector, strict=True))
    assert (one.sign, one.share) == (-1, 0.5)
    assert one.angle_to(one) == 0


@pytest.mark.parametrize("size", [5e-324, 1e-310, 1.0, 1e300])
def test_the_size_of_a_vector_does_not_matter(size):
    assert Direction.of([size, -size], 1).angle_degrees == pytest.approx(315)


@pytest.mark.parametrize("vector", [[math.nan, 1.0], [math.inf, 1.0]])
def test_a_vector_must_be_finite(vector):
    with pytest.raises(ValueError, match="no direction has the length"):
        Direction.of(vector, 1)


@given(ANGLES, st.floats(-180, 180))
def test_the_angle_between_is_the_rotation(start, turn):
    assert at(start).angle_to(at(start + turn, -1)) == pytest.approx(abs(turn), abs=1e-6)


def test_small_angles_are_not_lost_in_rounding():
    assert at(30).angle_to(at(30 + 1e-9)) == pytest.approx(1e-9, rel=1e-5)


def test_directions_of_two_dimensions_have_no_angle_between():
    with pytest.raises(ValueError, match="dimension"):
        at(0).angle_to(Direction((0.0, 0.0, 1.0), 1))


@given(st.integers(1, 4), st.integers(1, 4), st.integers(2, 5), st.integers(0, 99))
def test_all_angles_are_those_between_two(n, m, dimension, seed):
    rng = np.random.default_rng(seed)
    first, second = (
        [Direction.of(vector, 1) for vector in rng.standard_normal((count, dimension))]
        for count in (n, m)
    )
    table = angles_between(*(np.array([u.direction for u in some]) for some in (first, second)))
    expected = [[u.angle_to(v) for v in second] for u in first]
    np.testing.assert_allclose(table, expected, rtol=1e-12)


@given(ANGLES)
def test_the_angle_in_the_plane(degrees):
    assert math.remainder(at(degrees).angle_degrees - degrees, 360) == pytest.approx(0, abs=1e-9)
    assert 0 <= at(degrees).angle_degrees < 360


@pytest.mark.parametrize(("bias", "expected"), [(-1e-300, 0), (-0.0, 0), (0.0, 0), (-1.0, 315)])
def test_the_angle_is_below_360(bias, expected):
    assert plane_angle(1.0, bias) == pytest.approx(expected, abs=1e-12)


def test_only_two_components_have_an_angle():
    with pytest.raises(ValueError, match="values to unpack"):
        _ = Direction((0.0, 0.0, 1.0), 1).angle_degrees
    planes = [at(0), Direction((1.0, 0.0), 1, bias=False), Direction((0.0, 0.0, 1.0), 1)]
    assert [one.in_plane for one in planes] == [True, False, False]


@given(ANGLES, st.sampled_from([1, -1]), st.floats(0, 1))
def test_a_measurement_keeps_a_direction(degrees, sign, share):
    one = Direction(at(degrees).direction, sign, share)
    stored = json.loads(json.dumps(one.to_data()))
    assert list(stored) == ["direction", "sign", "share"]
    assert Direction.from_data(stored) == one


def test_a_predicted_orientation_is_a_direction():
    found = xor_orientations()
    measured = [Direction.from_data(one.to_data()) for one in found]
    assert not mismatches(found, measured, 1e-9)
