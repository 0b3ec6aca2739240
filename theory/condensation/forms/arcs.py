"""Binary forms on arcs of directions: where a piecewise form turns, and where it is constant.

A form of degree p in two variables is kept as the p + 1 entries T(e_w^k e_b^(p-k)) of its
symmetric tensor, as moments of data are. On an arc between two directions P and Q the slope at
P + r Q is a polynomial in r > 0 whose Bernstein coefficients are contractions of the tensor with
P and Q: if they have one sign there is no root, which settles nearly all arcs at once.
Source: our derivation.
"""

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from theory.condensation.forms.leading_form import SAME_ANGLE, Geometry, real_roots

Vectors = tuple[Float[np.ndarray, "*n"], Float[np.ndarray, "*n"]]


def contract(
    tensor: Float[np.ndarray, "*n order"], vectors: Iterable[Vectors]
) -> Float[np.ndarray, "*n left"]:
    """Symmetric tensors, entries by their number of w, applied to vectors (w, b) one by one."""
    for w, b in vectors:
        tensor = w[..., None] * tensor[..., 1:] + b[..., None] * tensor[..., :-1]
    return tensor


@dataclass(frozen=True, eq=False)
class Arcs:
    """Arcs of directions, one after the other once around, with the form that holds on each.

    Attributes:
        geometry: what is followed along an arc, H on the circle or on the square.
        lower, upper: angles in radians, each arc narrower than π; ``lower`` is increasing.
        tensor: moments of the form on each arc.
        negligible: slopes up to this size are rounding.
    """

    geometry: Geometry
    lower: Float[np.ndarray, " arcs"]
    upper: Float[np.ndarray, " arcs"]
    tensor: Float[np.ndarray, "arcs terms"]
    negligible: float

    def candidates(self) -> Float[np.ndarray, " n"]:
        """Angles between which the profile is monotone: ends of arcs and roots inside them."""
        slopes = self._slopes
        turning = (slopes.min(1) < 0) & (slopes.max(1) > 0) & ~self._flat
        roots = [self._roots(int(arc)) for arc in np.flatnonzero(turning)]
        return np.concatenate([self.lower, *roots])

    def plateaus(self) -> tuple[tuple[float, float], ...]:
        """Intervals of angle on which the profile is constant."""
        return intervals(self.lower, self._flat & (self.upper - self.lower > SAME_ANGLE))

    @property
    def _flat(self) -> Bool[np.ndarray, " arcs"]:
        return np.abs(self._slopes).max(1) <= self.negligible

    @functools.cached_property
    def _ends(self) -> tuple[Vectors, Vectors]:
        """The first and the last point of each arc on the boundary of the unit ball."""
        ends = []
        for angle in (self.lower, self.upper):
            w, b = np.cos(angle), np.sin(angle)
            radius = np.maximum(np.abs(w), np.abs(b)) if self.geometry is Geometry.LINF else 1.0
            ends.append((w / radius, b / radius))
        return ends[0], ends[1]

    @functools.cached_property
    def _slopes(self) -> Float[np.ndarray, "arcs coefficients"]:
        """Bernstein coefficients of the slope of the profile from the first to the last point."""
        first, last = self._ends
        p = self.tensor.shape[1] - 1
        if self.geometry is Geometry.L2:
            # dH/dθ is p T(u^(p-1), Ju) with J the quarter turn, made symmetric in its arguments
            turned_first, turned_last = ((-b, w) for w, b in (first, last))
            columns = [np.zeros(len(self.lower)) for _ in range(p + 1)]
            for j in range(p):
                rest = [first] * (p - 1 - j) + [last] * j
                columns[j] += (p - j) * self._along([*rest, turned_first])
                columns[j + 1] += (j + 1) * self._along([*rest, turned_last])
        else:
            middle = (self.lower + self.upper) / 2
            w, b = np.cos(middle), np.sin(middle)
            upright = np.abs(w) > np.abs(b)  # the edges w = ±1, along which b changes
            ahead = (np.where(upright, 0.0, -np.sign(b)), np.where(upright, np.sign(w), 0.0))
            columns = [
                p * self._along([first] * (p - 1 - j) + [last] * j + [ahead]) for j in range(p)
            ]
        return np.stack(columns, axis=1)

    def _along(self, vectors: list[Vectors]) -> Float[np.ndarray, " arcs"]:
        return contract(self.tensor, vectors)[:, 0]

    def _roots(self, arc: int) -> Float[np.ndarray, " n"]:
        """Angles inside an arc at which the slope vanishes."""
        bernstein = self._slopes[arc]
        degree = len(bernstein) - 1
        binomials = np.array([math.comb(degree, j) for j in range(degree + 1)])
        ratio = real_roots((binomials * bernstein)[::-1])
        ratio = ratio[ratio > 0]
        (w0, b0), (w1, b1) = (tuple(float(v[arc]) for v in end) for end in self._ends)
        return np.arctan2(b0 + ratio * b1, w0 + ratio * w1)


def intervals(
    starts: Float[np.ndarray, " arcs"], chosen: Bool[np.ndarray, " arcs"]
) -> tuple[tuple[float, float], ...]:
    """The chosen arcs as intervals (start, end), neighbors joined, around the circle.

    Args:
        starts: increasing angles in radians, at most 2π apart; each arc ends where the next begins.
    """
    if chosen.all():
        return ((float(starts[0]), float(starts[0]) + 2 * math.pi),)
    opened = np.flatnonzero(chosen & ~np.roll(chosen, 1))
    closed = np.flatnonzero(~chosen & np.roll(chosen, 1))
    if len(closed) and closed[0] < opened[0]:
        closed = np.roll(closed, -1)
    found = [(float(starts[i]), float(starts[j])) for i, j in zip(opened, closed, strict=True)]
    return tuple((low, high if high > low else high + 2 * math.pi) for low, high in found)
