"""Where every neuron ends for one input and a bias: orientations, sign flips and deaths, exactly.

On the circle of directions θ the flow w' = a ∇H, a' = H is solved by one integral. With r = |w|
and σ the sign of a, θ climbs σH on an arc between two neighboring extrema, while
d ln r = p (H/H') dθ and r² − p a² stays as it is. So where σH < 0 a neuron shrinks, at most by
exp(−D), D = p ∫ |H/H'| dθ up to the zero of H, and a vanishes on the way if p s² < 1 − exp(−2D),
s = a/r at the start: then it turns back and grows at the other end of its arc. Where no zero lies
ahead D is infinite: neurons with p s² < 1 turn back, the others shrink for ever. With N(0, ε²)
weights s² lies below k with the chance √(k/(1 + k)). Source: our derivation, checked by sympy in
`theory.condensation.fates.laws`.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int

from theory.condensation.fates.flow import SHRUNK
from theory.condensation.forms.leading_form import SAME_ANGLE, Form, Geometry
from theory.condensation.forms.sectors import KINK, SectorForm
from theory.condensation.orientations.plane import Orientation, extrema

CELLS = 400  # of an arc, narrow at its ends, where the integral diverges like a logarithm


@dataclass(frozen=True)
class Fates:
    """All ways that a neuron can go: one for each arc of the circle and each output sign.

    Along a way sign·H rises. Arrays have one entry for each way, in pairs of the same arc.

    Attributes:
        order: p.
        orientations: how many; their indices are those of the tuple given to `fates`.
        dead_share: share of all directions in which H vanishes: neurons stay there.
        start, span: where a way starts and how far it goes, in radians, with sign.
        sign: of the output weight.
        end: the orientation at its end, −1 if there is none.
        back: the orientation where a neuron ends whose output weight flips on the way.
        depth: D at the middle of each cell of a way.
        aside: the other way with the same end if that is a ridge with sign·H < 0, else −1.
        share_aside: of the neurons that flip on such a ridge, the share that leaves to that side.
    """

    order: int
    orientations: int
    dead_share: float
    start: Float[np.ndarray, " ways"]
    span: Float[np.ndarray, " ways"]
    sign: Int[np.ndarray, " ways"]
    end: Int[np.ndarray, " ways"]
    back: Int[np.ndarray, " ways"]
    depth: Float[np.ndarray, "ways cells"]
    aside: Int[np.ndarray, " ways"]
    share_aside: Float[np.ndarray, " ways"]

    def shares(self, shrunk: float = SHRUNK) -> tuple[tuple[float, ...], float]:
        """Shares of all neurons at the orientations and of the dead, for Gaussian weights.

        Args:
            shrunk: |w|/|w₀| below which a neuron counts as dead; 0 if none does.
        """
        weight = np.abs(self.span)[:, None] * _widths() / (4 * math.pi)
        flips, whole = self._below(-np.expm1(-2 * self.depth)), float(self._below(np.ones(())))
        lost = weight * (self.depth >= _deepest(shrunk)) * (1 - whole)
        cases = [(weight * flips).sum(1), (weight * (whole - flips)).sum(1)]
        cases += [(weight * (1 - whole) - lost).sum(1), lost.sum(1)]
        total = self._gathered(np.arange(len(self.sign)), cases)
        return tuple(total[:-1].tolist()), float(total[-1]) + self.dead_share

    def of_starts(
        self,
        theta: Float[np.ndarray, " n"],
        ratio: Float[np.ndarray, " n"],
        shrunk: float = SHRUNK,
    ) -> tuple[tuple[float, ...], float]:
        """The same for given neurons instead of Gaussian weights.

        Args:
            theta: initial directions in radians.
            ratio: a/|w| at the start.
        """
        lower = np.minimum(self.start, self.start + self.span)
        turn = np.mod(theta[:, None] - lower, 2 * math.pi)
        inside = (turn < np.abs(self.span)) & ((ratio > 0)[:, None] == (self.sign > 0))
        moves = inside.any(axis=1)
        way = inside[moves].argmax(axis=1)
        passed = turn[moves, way] / np.abs(self.span[way])
        passed = np.where(self.span[way] > 0, passed, 1 - passed)
        cell = np.minimum(np.arccos(1 - 2 * passed) / math.pi * CELLS, CELLS - 1).astype(int)
        depth, size = self.depth[way, cell], self.order * ratio[moves] ** 2
        flips, large = size < -np.expm1(-2 * depth), size >= 1
        lost = large & ~flips & (depth >= _deepest(shrunk))
        cases = [flips, ~flips & ~large, ~flips & large & ~lost, lost]
        total = self._gathered(way, [case.astype(float) for case in cases]) / len(theta)
        return tuple(total[:-1].tolist()), float(total[-1]) + float(np.mean(~moves))

    def _below(self, k: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """Chance of p s² < k."""
        return np.asarray(np.sqrt(k / (self.order + k)))

    def _gathered(
        self, way: Int[np.ndarray, " n"], cases: list[Float[np.ndarray, " n"]]
    ) -> Float[np.ndarray, " places"]:
        """Weights at the orientations, the dead last.

        Args:
            cases: neurons that flip on the way, that reach its end with p s² < 1, that reach it
                with p s² ≥ 1, and that shrink away before.
        """
        flip, small, large, lost = cases
        at = np.zeros(self.orientations + 1)
        aside = self.aside[way]
        leaves = self.share_aside[way] * small * (aside >= 0)
        for place, weight in (
            (self.back[way], flip + np.where(aside >= 0, small - leaves, 0.0)),
            (self.back[aside], leaves),
            (self.end[way], np.where(aside >= 0, 0.0, small) + large),
            (np.full(len(way), -1), lost),
        ):
            np.add.at(at, place, weight)
        return at


def fates(form: Form | SectorForm, orientations: tuple[Orientation, ...]) -> Fates:
    """All ways of a leading form under gradient flow.

    Args:
        orientations: those of the form in the geometry ℓ2, see
            `theory.condensation.orientations.plane`.
    """
    return _Ways(form, orientations).fates()


def _deepest(shrunk: float) -> float:
    return -math.log(shrunk) if shrunk > 0 else math.inf


def _edges() -> Float[np.ndarray, " edges"]:
    return (1 - np.cos(np.pi * np.arange(CELLS + 1) / CELLS)) / 2


def _widths() -> Float[np.ndarray, " cells"]:
    return np.diff(_edges())


class _Ways:
    """Arcs of the circle on which H is monotone, each walked up and down."""

    def __init__(self, form: Form | SectorForm, orientations: tuple[Orientation, ...]) -> None:
        self.form, self.orientations = form, orientations
        lower, upper = _arcs(form)
        falls = form.value(upper) < form.value(lower)
        start = np.where(falls, upper, lower)
        span = np.where(falls, lower - upper, upper - lower)
        # the way up with a positive output weight, the way down with a negative one
        self.start = np.stack([start, start + span], axis=1).ravel()
        self.span = np.stack([span, -span], axis=1).ravel()
        self.sign = np.tile([1, -1], len(lower))

    def fates(self) -> Fates:
        dead = sum(end - start for start, end in self.form.dead_sectors())
        end = self._orientation_at(self.start + self.span, self.sign)
        aside, share_aside = self._ridges(end)
        return Fates(
            order=self.form.p,
            orientations=len(self.orientations),
            dead_share=dead / (2 * math.pi),
            start=self.start,
            span=self.span,
            sign=self.sign,
            end=end,
            back=self._orientation_at(self.start, -self.sign),
            depth=self._depth(end),
            aside=aside,
            share_aside=share_aside,
        )

    def _orientation_at(
        self, angle: Float[np.ndarray, " ways"], sign: Int[np.ndarray, " ways"]
    ) -> Int[np.ndarray, " ways"]:
        if not self.orientations:
            return np.full(len(angle), -1)
        angles = np.radians([one.angle_degrees for one in self.orientations])
        signs = np.array([one.sign for one in self.orientations])
        far = np.abs(np.angle(np.exp(1j * (angle[:, None] - angles))))
        far = np.where(sign[:, None] == signs, far, np.inf)
        nearest = far.argmin(axis=1)
        return np.where(far.min(axis=1) < 10 * SAME_ANGLE, nearest, -1)

    def _depth(self, end: Int[np.ndarray, " ways"]) -> Float[np.ndarray, "ways cells"]:
        edges = _edges()
        theta = self.start[:, None] + self.span[:, None] * (edges[1:] + edges[:-1]) / 2
        shrinks = np.maximum(-self.sign[:, None] * self.form.value(theta), 0.0)
        slope = np.maximum(np.abs(self.form.slope(theta)), np.finfo(float).tiny)
        step = self.form.p * shrinks / slope * np.abs(self.span)[:, None] * np.diff(edges)
        depth = np.cumsum(step[:, ::-1], axis=1)[:, ::-1] - step / 2
        depth[(end < 0) & (self._end_slope == 0) & (self._end_height < 0)] = np.inf
        return depth

    @cached_property
    def _end_height(self) -> Float[np.ndarray, " ways"]:
        """sign·H at the ends, exactly 0 where it is rounding."""
        height = self.sign * self.form.value(self.start + self.span)
        return np.where(np.abs(height) <= self.form.negligible, 0.0, height)

    @cached_property
    def _end_slope(self) -> Float[np.ndarray, " ways"]:
        """|H'| just before the ends, exactly 0 where H has no kink."""
        if isinstance(self.form, Form):
            return np.zeros(len(self.span))
        before = self.start + self.span - np.sign(self.span) * SAME_ANGLE
        slope = np.abs(self.form.slope(before))
        return np.where(slope <= KINK * self.form.scale, 0.0, slope)

    def _ridges(
        self, end: Int[np.ndarray, " ways"]
    ) -> tuple[Int[np.ndarray, " ways"], Float[np.ndarray, " ways"]]:
        """Partners of the ways that end on a ridge with sign·H < 0.

        Neurons stay on a ridge by swinging across it, on each side for a time that is inversely
        proportional to the slope there, and leave to the side on which a changes its sign.
        """
        on = self._ridge_ways(end)
        ends = np.exp(1j * (self.start + self.span))
        same = np.abs(ends[:, None] - ends) < 10 * SAME_ANGLE
        same &= on[:, None] & on & (self.sign[:, None] == self.sign)
        np.fill_diagonal(same, False)
        aside = np.where(same.any(axis=1), same.argmax(axis=1), -1)
        both = self._end_slope + self._end_slope[aside]
        share = self._end_slope / np.where(both > 0, both, 1.0)
        return aside, np.where(aside >= 0, share, 0.0)

    def _ridge_ways(self, end: Int[np.ndarray, " ways"]) -> Bool[np.ndarray, " ways"]:
        return (end < 0) & (self._end_slope > 0) & (self._end_height < 0)


def _arcs(
    form: Form | SectorForm,
) -> tuple[Float[np.ndarray, " arcs"], Float[np.ndarray, " arcs"]]:
    """Lower and upper angles of the arcs on which H is monotone, without dead sectors."""
    dead = form.dead_sectors()
    inside = [
        angle
        for angle in extrema(form, Geometry.L2).tolist()
        if not any(_within(angle, *sector) for sector in dead)
    ]
    cuts = np.sort(np.mod([*inside, *(edge for sector in dead for edge in sector)], 2 * math.pi))
    lower, upper = cuts, np.append(cuts[1:], cuts[0] + 2 * math.pi)
    middle = (lower + upper) / 2
    alive = [not any(_within(float(angle), *sector) for sector in dead) for angle in middle]
    return lower[alive], upper[alive]


def _within(angle: float, start: float, end: float) -> bool:
    """Whether an angle lies in an interval, its ends included."""
    return (angle - start + SAME_ANGLE) % (2 * math.pi) <= end - start + 2 * SAME_ANGLE
