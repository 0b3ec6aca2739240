"""Clusters of directions: gaps in the plane, leaders in higher dimension."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.condensation.clustering import COSINE, GAP, SHARE, chance_of_cluster, clusters
from theory.direction import Direction


def at(*degrees: float) -> np.ndarray:
    """Directions in the plane."""
    angle = np.radians(np.asarray(degrees, dtype=float))
    return np.stack([np.cos(angle), np.sin(angle)], -1)


def plane(
    degrees: np.ndarray | list[float], signs: list[int] | None = None
) -> tuple[Direction, ...]:
    directions = at(*degrees)
    chosen = np.ones(len(directions), int) if signs is None else np.array(signs)
    return clusters(directions, chosen, len(directions))


def shares(found: tuple[Direction, ...]) -> list[float]:
    return [cluster.share for cluster in found if cluster.share is not None]


def summary(found: tuple[Direction, ...]) -> list[tuple[int, int, float]]:
    """Sign, whole degrees and share, by angle."""
    return sorted(
        (c.sign, round(c.angle_degrees), round(share, 9))
        for c, share in zip(found, shares(found), strict=True)
    )


def test_gaps_separate_clusters():
    found = plane([10, 14, 18, 100, 102, 250])
    assert summary(found) == [
        (1, 14, 0.5),
        (1, 101, round(1 / 3, 9)),
        (1, 250, round(1 / 6, 9)),
    ]
    assert shares(found) == sorted(shares(found), reverse=True)


def test_a_cluster_is_as_long_as_its_gaps_are_small():
    chain = np.arange(0, 120, GAP - 0.01)
    assert len(plane(chain)) == 1
    assert len(plane(np.arange(0, 120, GAP + 0.01))) == 15


@pytest.mark.parametrize("turn", [0, 90, 177, 180, 183, 270, 357])
def test_a_cluster_across_the_seam_is_one(turn: int):
    # atan2 jumps at ±180°, angles in [0, 360) at 0°
    found = plane(np.array([-4, -2, 0, 2, 4, 90, 94]) + turn)
    assert shares(found) == [5 / 7, 2 / 7]
    for cluster, expected in zip(found, (turn, 92 + turn), strict=True):
        assert abs((cluster.angle_degrees - expected + 180) % 360 - 180) < 1e-9


def test_a_full_circle_is_one_cluster():
    found = plane(np.arange(0, 360, 5.0))
    assert len(found) == 1
    assert found[0].share == 1
    # one gap is not enough to make two clusters of it
    assert len(plane(np.arange(0, 340, 5.0))) == 1


def test_the_direction_is_the_mean_of_the_members():
    (found,) = plane([0, 0, 0, 6])
    mean = at(0, 0, 0, 6).mean(0)
    np.testing.assert_allclose(found.direction, mean / np.linalg.norm(mean), rtol=1e-12)


def test_signs_are_separated():
    found = plane([40, 41, 42, 43], [1, -1, 1, -1])
    assert summary(found) == [(-1, 42, 0.5), (1, 41, 0.5)]


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_group_counts_from_its_share_of_all_neurons(dimension: int):
    directions = np.eye(dimension)[[0] * 40 + [1] * 2]
    signs, total = np.ones(42, int), round(2 / SHARE)
    assert [c.share for c in clusters(directions, signs, total)] == [0.4, 0.02]
    # neurons that did not condense count in the total, so a pair is too few of one more
    assert [c.share for c in clusters(directions, signs, total + 1)] == [40 / 101]


@pytest.mark.parametrize("dimension", [2, 3, 65])
def test_no_neurons_make_no_clusters(dimension: int):
    assert clusters(np.empty((0, dimension)), np.empty(0, int), 100) == ()


def around(center: np.ndarray, count: int, degrees: float, rng: np.random.Generator) -> np.ndarray:
    """Directions at a given angle from a center."""
    other = rng.standard_normal((count, len(center)))
    other -= np.outer(other @ center, center)
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    turn = math.radians(degrees)
    return math.cos(turn) * center + math.sin(turn) * other


def test_leaders_collect_their_neighborhood_in_high_dimension():
    rng = np.random.default_rng(0)
    centers = np.eye(65)[:3]
    counts = (50, 30, 20)
    directions = np.concatenate(
        [around(c, n, 4.0, rng) for c, n in zip(centers, counts, strict=True)]
    )
    order = rng.permutation(100)
    found = clusters(directions[order], np.ones(100, int), 100)
    assert shares(found) == [0.5, 0.3, 0.2]
    for cluster, center in zip(found, centers, strict=True):
        assert np.array(cluster.direction) @ center > math.cos(math.radians(1.5))
        assert np.linalg.norm(cluster.direction) == pytest.approx(1)


def test_the_neuron_with_most_neighbors_leads():
    # a chain in space: the middle is within 10° of all, the ends are 14° apart
    limit = math.degrees(math.acos(COSINE))
    chain = at(*np.linspace(-0.7 * limit, 0.7 * limit, 9))
    directions = np.column_stack([chain, np.zeros(9)])
    (found,) = clusters(directions, np.ones(9, int), 9)
    assert found.share == 1
    np.testing.assert_allclose(found.direction, [1, 0, 0], atol=1e-12)
    # without a middle the two halves are clusters of their own
    assert len(clusters(directions[[0, 1, 7, 8]], np.ones(4, int), 4)) == 2


def test_signs_are_separated_in_high_dimension():
    directions = np.eye(3)[[0] * 4 + [1] * 2]
    found = clusters(directions, np.array([1, 1, -1, -1, -1, -1]), 6)
    assert sorted((c.sign, c.direction, round(6 * (c.share or 0))) for c in found) == [
        (-1, (0, 1, 0), 2),
        (-1, (1, 0, 0), 2),
        (1, (1, 0, 0), 2),
    ]


# -- properties -------------------------------------------------------------------------------

# so few that a single neuron is more than SHARE of all and that they cannot fill the circle
few = st.lists(st.floats(0, 360), min_size=1, max_size=40)


def ambiguous(degrees: list[float]) -> bool:
    """Whether rounding decides about a gap."""
    ordered = np.sort(degrees)
    return bool(np.abs(np.diff(ordered, append=ordered[0] + 360) - GAP).min() < 1e-6)


def brute_force(degrees: list[float]) -> list[int]:
    """Sizes of connected components of neurons at most GAP apart."""
    angles = np.array(degrees)
    apart = np.abs((angles[:, None] - angles + 180) % 360 - 180)
    linked = np.linalg.matrix_power((apart <= GAP).astype(float), len(angles)) > 0
    return sorted(len(group) for group in {tuple(np.flatnonzero(row)) for row in linked})


@settings(deadline=None)
@given(few)
def test_clusters_in_the_plane_are_the_connected_components(degrees: list[float]):
    assume(not ambiguous(degrees))
    found = plane(degrees)
    assert sorted(round(share * len(degrees)) for share in shares(found)) == brute_force(degrees)


@settings(deadline=None)
@given(few, st.floats(0, 360))
def test_clusters_turn_with_the_plane(degrees: list[float], turn: float):
    assume(not ambiguous(degrees))
    before, after = plane(degrees), plane(np.array(degrees) + turn)
    assert sorted(shares(before)) == sorted(shares(after))
    for cluster in before:
        expected = at(cluster.angle_degrees + turn)[0]
        nearest = max(np.array(other.direction) @ expected for other in after)
        assert nearest > 1 - 1e-9


@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    dimension=st.integers(2, 6),
    neurons=st.integers(1, 40),
    extra=st.integers(0, 40),
)
def test_shares_are_those_of_disjoint_groups(seed: int, dimension: int, neurons: int, extra: int):
    rng = np.random.default_rng(seed)
    directions = rng.standard_normal((neurons, dimension)) + 2 * rng.standard_normal(dimension)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    signs = rng.choice([1, -1], neurons)
    found = clusters(directions, signs, neurons + extra)
    counts = np.array([share * (neurons + extra) for share in shares(found)])
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)
    for sign in (1, -1):
        of_sign = sum(n for n, c in zip(counts, found, strict=True) if c.sign == sign)
        assert of_sign <= np.sum(signs == sign) + 1e-9
        if SHARE * (neurons + extra) <= 1:  # then no group is too small to count
            assert of_sign == pytest.approx(np.sum(signs == sign))


def test_late_neurons_in_one_place_look_like_a_cluster_and_spread_ones_do_not():
    rng = np.random.default_rng(1)

    def chance(degrees: np.ndarray, share: float) -> float:
        return chance_of_cluster(at(*degrees), np.ones(len(degrees), int), share, 200)

    assert chance(20 + rng.normal(0, 1, 40), 2 * SHARE) > 0.9
    assert chance(rng.uniform(0, 360, 20), SHARE) < 0.05
    assert chance(np.zeros(0), 0.0) == 0.0
