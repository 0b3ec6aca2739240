"""Predictions of means: t intervals of deviations, or Bernstein's where their range is declared."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from validate.decisions import guards
from validate.decisions.intervals import bernstein, student
from validate.decisions.noise import NORMAL, Noise
from validate.decisions.rules.base import (
    NEARLY_SURE,
    POWER,
    Kind,
    Outcomes,
    P,
    smallest,
    two_digits,
)
from validate.decisions.ruling import AGREE, DISAGREE, Ruling, Statement, decided
from validate.decisions.sample import Sample
from validate.results.records import Demand

LOOKS = (96, 128, 192, 256)  # of calibration
BOUNDED_LOOKS = (256, 512, 768, 1024)  # Bernstein's interval is wider
ZERO = np.zeros(1)
BOTH_EDGES = ((1.0,), (-1.0,))


class Equivalence(Kind[P]):
    """The mean deviation from the prediction lies within a margin, at every point."""

    @property
    def bounded(self) -> tuple[float, float] | None:
        """The range that every deviation lies in, if one is declared."""
        return None

    @property
    def expected(self) -> tuple[float, ...]:
        """Deviations are held against 0."""
        return (0.0,) * self.points

    def margins(self, points: int) -> tuple[float, ...]:
        """The margin at every point."""
        return (self.prediction.margin,) * points

    def rule(self, sample: Sample, alpha: float) -> Ruling:
        margins = self.margins(sample.mean.shape[1])
        margin, level = np.asarray(margins), alpha / len(margins)
        if self.bounded is None:
            asked = guards.STUDENT
            low, high = student(sample.mean, sample.sd, sample.n, level)
        else:
            asked = (*guards.ANY, guards.within(*self.bounded))
            low, high = bernstein(sample.mean, sample.sd, sample.n, self.bounded, level)
        inside, outside = (low >= -margin) & (high <= margin), (low > margin) | (high < -margin)
        return decided((low, high), inside, outside, asked, sample, level)

    def changed_by(self, distance: float) -> P:
        """A declared range is that of deviations from the right prediction: it moves along."""
        if self.bounded is None:
            return self.prediction
        low, high = self.bounded
        changes: dict[str, Any] = {"bounded": (low - distance, high + distance)}
        return dataclasses.replace(self.prediction, **changes)

    def units_needed(self, sample: Sample, ruling: Ruling, alpha: float) -> float:
        margins = np.asarray(self.margins(sample.mean.shape[1]))
        return units_for_means(sample, ruling, np.abs(np.abs(sample.mean[0]) - margins))

    @property
    def patience(self) -> int:
        """Longer for a t interval, which skewed deviations are refused: n times the units shrink
        the skewness of their mean by √n."""
        return 5 if self.bounded is None else super().patience

    def fewest_to_decide(self, alpha: float, agree: bool) -> int:
        margins = self.margins(self.points)
        level = alpha / len(margins)
        if self.bounded is None:
            return guards.outcomes_needed(level)
        bounds, least = self.bounded, min(margins)

        def decides(n: int) -> bool:
            low, high = bernstein(ZERO, ZERO, n, bounds, level)
            return bool(low[0] >= -least and high[0] <= least)

        return smallest(decides, 2)

    def at_edge(
        self, rng: np.random.Generator, shape: tuple[int, int], noise: Noise = NORMAL
    ) -> Outcomes:
        """In a declared range outcomes are its ends, whatever the noise: the largest variance."""
        if self.bounded is None:
            return super().at_edge(rng, shape, noise)
        low, high = self.bounded
        rate = (self.prediction.margin - low) / (high - low)
        return np.where(rng.random((*shape, self.points)) < rate, high, low)

    def power(self, n: int, alpha: float, agree: bool, distance: float | None) -> str:
        """The largest standard deviation of normal outcomes, in margins; the same at all points."""
        margins = np.asarray(self.margins(self.points))
        if agree:
            centers = np.zeros_like(margins)
        elif distance is None or self.prediction.margin == 0:
            return ""
        else:  # in as many margins at every point: a single one decides
            centers = margins * distance / self.prediction.margin
        wanted = AGREE if agree else DISAGREE

        def decides(sd: float) -> bool:
            sample = unlucky(n, centers, sd * margins, outward=agree)
            return bool(self.rule(sample, alpha).verdict[0] == wanted)

        sd = largest(decides)
        in_unit = f"{two_digits(sd * self.prediction.margin)} {self.prediction.unit}"
        told = f"{two_digits(sd)} margins ({in_unit.removesuffix(' 1')})"
        return f"{100 * NEARLY_SURE:g} % while a unit's sd is at most {told}"

    def would_change(self, n: int, alpha: float) -> str:
        return (
            f"AGREE needs the whole interval within {self.prediction.margin:.3g} of the "
            "prediction, DISAGREE needs all of it farther away."
        )

    def tightest(self, sample: Sample, ruling: Ruling) -> tuple[Demand, ...]:
        """The smallest margin that holds the intervals of all points."""
        reach = float(np.maximum(np.abs(ruling.low[0]), np.abs(ruling.high[0])).max())
        return (self.smallest_margin("margin", reach, self.prediction.margin),)

    def smallest_margin(self, name: str, reach: float, declared: float) -> Demand:
        """A margin that intervals reach to from the prediction."""
        return Demand(of=name, value=reach, declared=declared, unit=self.prediction.unit)

    def at_point(
        self, point: int, center: float, name: str, sample: Sample, ruling: Ruling
    ) -> Statement:
        """The mean at one point, by ``name``, with the predicted ``center`` added."""
        moments = (sample.mean, ruling.low, ruling.high)
        mean, low, high = (center + float(moment[0, point]) for moment in moments)
        text = (
            f"{name} {mean:.4g} in [{low:.4g}, {high:.4g}] "
            f"against {center:.4g} ± {self.prediction.margin:.4g}"
        )
        return Statement(mean, (low, high), self.prediction.unit, text, point)


def unlucky(n: int, centers: np.ndarray, sd: np.ndarray, outward: bool) -> Sample:
    """Summaries of normal outcomes as unlucky as one sample in a thousand.

    Means are shifted away from the prediction (``outward``) or toward it, standard deviations are
    larger; half of the chance 1 − `NEARLY_SURE` is for either, shared by all points.

    Args:
        centers: true deviations at the points.
        sd: true standard deviations there.
    """
    z = -float(special.ndtri((1 - NEARLY_SURE) / 2 / len(centers)))
    shift = z * sd / np.sqrt(n)
    mean = (centers + (shift if outward else -shift))[None]
    large = (sd * (1 + z / np.sqrt(2 * n)))[None]  # to first order
    nothing = np.zeros_like(mean)
    return Sample(
        n=n,
        mean=mean,
        sd=large,
        skewness=nothing,
        largest_share=nothing,
        repeated=nothing.astype(bool),
        lowest=mean,
        highest=mean,
        finite=np.ones_like(mean, dtype=bool),
    )


def largest(holds: Callable[[float], bool], most: float = 1e3) -> float:
    """The largest number for which a condition holds, which holds for all that are smaller."""
    low, high = 0.0, most
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def units_for_means(sample: Sample, ruling: Ruling, gap: np.ndarray) -> float:
    """Units that would probably take all means of a single run past an edge.

    n = ((z₁₋α⸝₂ + z₀.₈) s / d)², d the ``gap`` to the nearest edge of the margin; the point of a
    curve with the largest n decides. For bounded outcomes, whose interval also has a part in 1/n,
    at least as many as would shrink it to d in proportion. NaN where a gap is less than a standard
    error.
    """
    sd = sample.sd[0]
    if (gap < sd / np.sqrt(sample.n)).any():
        return np.nan
    z = float(special.ndtri(POWER) - special.ndtri(ruling.level / 2))
    needed = float(((z * sd / gap) ** 2).max())
    if ruling.guards is guards.STUDENT:
        return max(needed, float(guards.outcomes_needed(ruling.level)))
    half = (ruling.high[0] - ruling.low[0]) / 2
    return max(needed, sample.n * float((half / gap).max()))
