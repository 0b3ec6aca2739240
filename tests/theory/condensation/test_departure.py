"""The law by which condensed neurons turn away, against the exact flow of one neuron."""

import math

import numpy as np
import pytest

from theory.condensation.departure import (
    LARGEST_CONDITION,
    LAW_LEVELS,
    LEVELS,
    QUIET,
    SMALLEST_SINE,
    WITHIN,
    Pull,
    angles,
    at_levels,
    passed,
    pull_of,
)
from theory.condensation.departure_laws import (
    departure_steps,
    law_prediction,
    leaving_prediction,
    quiet_prediction,
)


def in_the_plane(condition: float, degrees: float) -> Pull:
    """v at an angle to the first axis of C = diag(1, 1/condition)."""
    turned = math.radians(degrees)
    return Pull(np.array([math.cos(turned), math.sin(turned)]), np.diag([1.0, 1 / condition]))


PULLS = [
    in_the_plane(condition, degrees)
    for condition in (1.5, 3.0, LARGEST_CONDITION)
    for degrees in np.linspace(2, 88, 30)
]


def test_the_flow_starts_by_the_law():
    for pull in PULLS:
        found = pull.flow((0.001, 0.002))
        assert found == pytest.approx(pull.law(np.array([0.001, 0.002])), rel=5e-3)


def test_what_margins_say_of_the_flow():
    """Within 7 % of the law where it is judged; at most 4.6° at μ = 1/4."""
    for pull in PULLS:
        flow = pull.flow()
        law = pull.law(np.array(LAW_LEVELS))
        assert np.abs(flow[: len(LAW_LEVELS)] / law - 1).max() < 0.07
        assert flow[LEVELS.index(QUIET)] < 4.61


@pytest.mark.parametrize("seed", range(20))
def test_in_more_dimensions_too(seed: int):
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    spread = 10 ** rng.uniform(-1, 0, 4)
    pull = Pull(rng.standard_normal(4), rotation * (spread / spread.max()) @ rotation.T)
    assert pull.flow()[LEVELS.index(QUIET)] < WITHIN
    start = pull.flow((0.001,))
    assert start == pytest.approx(pull.law(np.array([0.001])), rel=1e-2)


def test_the_scale_of_the_data_is_nothing():
    pull = in_the_plane(5.0, 40.0)
    other = Pull(7 * pull.v, 0.01 * pull.c)
    assert other.flow() == pytest.approx(pull.flow(), rel=1e-6)
    assert other.sine == pytest.approx(pull.sine)


def test_which_data_are_known():
    assert in_the_plane(5.0, 40.0).known
    assert not in_the_plane(1.1 * LARGEST_CONDITION, 40.0).known
    straight = in_the_plane(5.0, 1.0)
    assert straight.sine < SMALLEST_SINE
    assert not straight.known


def test_pull_is_made_of_means():
    x, y = np.array([[1.0, 1.0], [2.0, 1.0]]), np.array([3.0, -1.0])
    pull = pull_of(x, y)
    assert pull.v.tolist() == [0.5, 1.0]
    assert pull.c.tolist() == [[2.5, 1.5], [1.5, 1.0]]


def test_angles_are_those_of_lines_and_exact_when_small():
    w = np.array([[1.0, 1e-9], [-1.0, 0.0], [0.0, 2.0]])
    found = angles(w, np.array([1.0, 0.0]))
    assert found == pytest.approx([math.degrees(1e-9), 0.0, 90.0], rel=1e-12)


def test_levels_are_those_first_passed():
    mu = np.array([0.0, 0.2, 0.1, 0.4])  # what fell back counts for nothing
    found = at_levels(mu, np.array([0.0, 2.0, 9.0, 4.0]), (0.1, 0.3, 0.5))
    assert found[:2] == pytest.approx([1.0, 3.0])
    assert math.isnan(found[2])


def test_where_a_limit_is_passed():
    levels = (0.1, 0.2, 0.3)
    assert passed(np.array([1.0, 4.0, 6.0]), 5.0, levels) == pytest.approx(0.25)
    assert passed(np.array([6.0, 4.0, 6.0]), 5.0, levels) == 0.1
    assert math.isnan(passed(np.array([1.0, 2.0, 3.0]), 5.0, levels))
    assert math.isnan(passed(np.array([1.0, 2.0, math.nan]), 5.0, levels))


def test_the_factor_is_derived():
    assert [step.formula is not None for step in departure_steps()] == [True] * 5
    assert quiet_prediction().formula.rhs == WITHIN  # type: ignore[attr-defined]
    assert law_prediction().margin < 0.25  # half the distance to the factor 1/2
    assert leaving_prediction().margin <= 0.1


def test_the_law_prolonged_leaves_too_late():
    pull = in_the_plane(5.0, 60.0)
    assert pull.leaves_by_the_law() > 1.1 * passed(pull.flow())
