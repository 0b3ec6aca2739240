"""Orientations by brute force: steepest ascent of a leading form on a dense grid of directions."""

import math

import numpy as np

from theory.condensation.orientations.plane import Orientation

GRID = 20_000
THETA = 2 * np.pi * (np.arange(GRID) + 0.5) / GRID


def climbed(height: np.ndarray) -> np.ndarray:
    """The index at which steepest ascent from each grid point ends."""
    ahead, behind = np.roll(height, -1), np.roll(height, 1)
    index = np.arange(GRID)
    uphill = np.where(ahead > behind, index + 1, index - 1) % GRID
    stays = (height > ahead) & (height >= behind) | (height == ahead) & (height == behind)
    uphill = np.where(stays, index, uphill)
    for _ in range(15):  # 2^15 steps
        uphill = uphill[uphill]
    return uphill


def brute_force(height: np.ndarray) -> dict[tuple[float, int], tuple[float, float]]:
    """(angle in degrees, sign) of every growing end -> its share and direct share of starts."""
    found = {}
    for sign in (1, -1):
        ends = climbed(sign * height)
        for end in np.unique(ends):
            if sign * height[end] > 0:
                there = ends == end
                direct = there & (sign * height > 0)
                shares = (there.mean() / 2, direct.mean() / 2)  # half have this output sign
                found[math.degrees(THETA[end]), sign] = shares
    return found


def nearest(found: tuple[Orientation, ...], angle: float, sign: int) -> Orientation:
    """The orientation of a sign closest to an angle in degrees."""
    return min((o for o in found if o.sign == sign), key=lambda o: apart(o.angle_degrees, angle))


def apart(first: float, second: float) -> float:
    return abs((first - second + 180) % 360 - 180)
