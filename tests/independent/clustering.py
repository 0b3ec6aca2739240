"""Directions at which trained neurons have gathered, with the signs of their output weights.

A neuron counts where it has grown: those that have not are still where they started. At order 2
and above growth is a blow-up, of one neuron of a wide network and the few just behind: there a
neuron counts that has grown a tenth as far as the fastest; the others are on their way and hardly
add to the output.

The direction with most neurons of one sign within `NEAR` leads a cluster; they are taken out;
again, while a cluster has `FEWEST` neurons and `SHARE` of those that grew. What is left is told as
scattered, never assigned.
"""

from dataclasses import dataclass

import numpy as np

from tests.independent.network import Trained

NEAR = 5.0  # degrees
FEWEST, SHARE = 3, 0.03
GROWN = 10.0  # times the initial norm: gradient descent, whose neurons grow at rates of their own
BEHIND = 0.1  # of the growth of the fastest neuron of the network
ALIVE = 0.3  # of the median: Adam, under which all that are not dead grow alike


@dataclass(frozen=True)
class Gathered:
    """Clusters (angle in degrees, sign of a, share of the grown neurons), largest first.

    Attributes:
        scattered: share of the grown neurons in no cluster.
        grown: number of neurons that grew, of all networks together.
    """

    clusters: tuple[tuple[float, int, float], ...]
    scattered: float
    grown: int


def gathered(trained: Trained, optimizer: str, blows_up: bool = False) -> Gathered:
    """Clusters of the neurons of all networks together, for one input with bias."""
    if optimizer == "gd":
        grown = trained.growth >= GROWN
        if blows_up:
            grown &= trained.growth >= BEHIND * trained.growth.max(1, keepdims=True)
    else:
        size = np.abs(trained.w).max(-1)
        grown = size >= ALIVE * np.median(size)
    angles = np.degrees(np.arctan2(trained.w[..., 1], trained.w[..., 0]))[grown] % 360
    signs = np.sign(trained.a[grown])
    least = max(FEWEST, SHARE * grown.sum())
    found = [one for sign in (1, -1) for one in _clusters(angles[signs == sign], sign, least)]
    shares = [(angle, sign, count / grown.sum()) for angle, sign, count in found]
    shares.sort(key=lambda one: -one[2])
    return Gathered(tuple(shares), 1 - sum(one[2] for one in shares), int(grown.sum()))


def apart(a: float | np.ndarray, b: float | np.ndarray) -> np.ndarray:
    """Angle between directions, in degrees."""
    return np.abs((np.asarray(a) - b + 180) % 360 - 180)


def _clusters(angles: np.ndarray, sign: int, least: float) -> list[tuple[float, int, int]]:
    found = []
    while len(angles) >= least:
        near = apart(angles[:, None], angles[None, :]) <= NEAR
        leader = int(near.sum(1).argmax())
        members = near[leader]
        if members.sum() < least:
            break
        turns = (angles[members] - angles[leader] + 180) % 360 - 180
        found.append((float((angles[leader] + turns.mean()) % 360), sign, int(members.sum())))
        angles = angles[~members]
    return found
