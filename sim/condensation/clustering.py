"""From the weights of trained neurons to condensed orientations: directed, and with signs."""

import math

import numpy as np
from jaxtyping import Bool, Float, Int

from theory.direction import Direction

GAP = 8.0  # degrees; in the plane, a cluster ends where the next neuron is farther than this
COSINE = 0.985  # 10°: in higher dimension, neurons this close to the leader belong to it
SHARE = 0.02  # of all neurons; smaller groups are stragglers, not clusters
DRAWS = 1000  # networks by which a chance is estimated


def clusters(
    directions: Float[np.ndarray, "neurons dimension"],
    signs: Int[np.ndarray, "neurons"],
    total: int,
    narrow: float = 1.0,
) -> tuple[Direction, ...]:
    """Mean directions of clusters with at least `SHARE` of ``total`` neurons, largest first.

    A cluster is neurons of one output sign that point the same way. In the plane they are separated
    by gaps, in higher dimension collected around leaders.

    Args:
        narrow: gap and reach of leaders in units of the usual ones.
    """
    split = _by_gaps if directions.shape[1] == 2 else _by_leaders
    found: list[tuple[Float[np.ndarray, " dimension"], int, int]] = []
    for sign in (1, -1):
        chosen = directions[signs == sign]
        for members in split(chosen, narrow):
            if len(members) >= SHARE * total:
                mean = chosen[members].mean(0)
                mean = mean / max(float(np.linalg.norm(mean)), np.finfo(float).tiny)
                found.append((mean, sign, len(members)))
    found.sort(key=lambda cluster: -cluster[2])
    return tuple(
        Direction(tuple(mean.tolist()), sign, count / total) for mean, sign, count in found
    )


def chance_of_cluster(
    directions: Float[np.ndarray, "n dimension"],
    signs: Int[np.ndarray, " n"],
    share: float,
    neurons: int,
    narrow: float = 1.0,
) -> float:
    """Of a network to have a cluster of neurons that are drawn from some directions.

    Args:
        directions, signs: those to draw from, with signs of a.
        share: of a network's neurons that are drawn so.
        neurons: of the network.
        narrow: as in `clusters`.
    """
    rng = np.random.default_rng(0)
    counts = rng.binomial(neurons, share, DRAWS)
    drawn = (rng.integers(len(signs), size=count) for count in counts[counts > 0])
    return sum(bool(clusters(directions[i], signs[i], neurons, narrow)) for i in drawn) / DRAWS


def leader_groups(
    directions: Float[np.ndarray, "n dimension"], cosine: float, lines: bool = False
) -> list[Int[np.ndarray, "m"]]:
    """All groups around leaders, as indices, whatever their signs of a; largest first.

    The direction with most others closer than ``cosine`` leads; its group is taken out; again.
    For ``lines`` a direction and its opposite count as the same.
    """
    similarity = directions @ directions.T
    return _led(np.abs(similarity) > cosine if lines else similarity > cosine)


def gap_groups(
    directions: Float[np.ndarray, "n 2"], gap: float, lines: bool = False
) -> list[Int[np.ndarray, "m"]]:
    """All groups in the plane that gaps of more than ``gap`` degrees separate; largest first.

    For ``lines`` a direction and its opposite count as the same.
    """
    found = _split_at_gaps(directions, gap, 180.0 if lines else 360.0)
    return sorted(found, key=lambda members: -len(members))


def _by_gaps(
    directions: Float[np.ndarray, "n 2"], narrow: float = 1.0
) -> list[Int[np.ndarray, "m"]]:
    return _split_at_gaps(directions, GAP * narrow, 360.0)


def _split_at_gaps(
    directions: Float[np.ndarray, "n 2"], gap: float, period: float
) -> list[Int[np.ndarray, "m"]]:
    if len(directions) == 0:
        return []
    angles = np.degrees(np.arctan2(directions[:, 1], directions[:, 0])) % period
    order = np.argsort(angles)
    around = np.append(angles[order], angles[order[0]] + period)
    breaks = np.flatnonzero(np.diff(around) > gap)
    if len(breaks) == 0:
        return [order]
    order = np.roll(order, -(breaks[-1] + 1))
    cuts = (breaks[:-1] - breaks[-1]) % len(order)
    return np.split(order, cuts)


def _by_leaders(
    directions: Float[np.ndarray, "n dimension"], narrow: float = 1.0
) -> list[Int[np.ndarray, "m"]]:
    """The neuron with most others within reach leads; its group is taken out; again."""
    return _led(directions @ directions.T > cosine(narrow))


def cosine(narrow: float) -> float:
    """That of a leader's reach, in units of the usual one."""
    return COSINE if narrow == 1 else math.cos(narrow * math.acos(COSINE))


def _led(close: Bool[np.ndarray, "n n"]) -> list[Int[np.ndarray, "m"]]:
    left = np.ones(len(close), dtype=bool)
    groups = []
    while left.any():
        support = np.where(left, (close & left).sum(1), -1)
        members = np.flatnonzero(close[int(np.argmax(support))] & left)
        groups.append(members)
        left[members] = False
    return groups
