"""When a Student t interval may not be used: the decision is then INCONCLUSIVE, with the reason.

The t interval is exact for normal outcomes. For others its error at level α is governed by the
skewness: to first order in 1/√n (Hall 1992, The Bootstrap and Edgeworth Expansion, section 2.6)

    P(T > z) = α/2 + |γ|(2z² + 1)φ(z) / (6√n),     z the normal quantile of 1 − α/2,

on the worse side. A sample is refused where its own skewness would more than double the error of
a side: the sum of both sides then stays at α to first order. Because a small sample can hide its
skewness, the interval also needs so many outcomes that a normal sample would pass this limit
(`outcomes_needed`); that number grows as α falls, from 37 at α = 0.0125 to about 150 at 5·10⁻⁵.

Infinite moments show in the ratio of the maximum to the sum (Embrechts, Klüppelberg and Mikosch
1997, Modelling Extremal Events, section 6.2.6): the largest square's share of the sum of squares
tends to 0 exactly where the variance is finite. It is refused above 0.15 if Grubbs' test (1950,
Ann. Math. Statist. 21, 27) finds it too large for a normal sample as well.

Limits: no test on n outcomes sees what happens less than about once in n units. A sample that
passes may still come from a distribution with rare, huge outcomes; what bounds them must be known
beforehand (`Value.bounded`). Infinite variance is found in nearly all samples, not in all.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

from validate.decisions.sample import Mask, Sample

MIN_BLOCKS = 16  # never fewer, whatever the level
FALSE_REFUSALS = 0.01  # of a guard on normal samples, at most (to first order for the skewness)
LARGEST_SHARE = 0.15  # of the sum of squares that one outcome may carry


@dataclass(frozen=True)
class Guard:
    """A test that refuses samples, and the sentence that says why (for a single run)."""

    name: str
    refuses: Callable[[Sample, float], Mask]
    reason: Callable[[Sample, float], str]


@cache
def skewness_limit(n: int, alpha: float) -> float:
    """The skewness that doubles a side's error, to first order, at level ``alpha``."""
    z = -float(special.ndtri(alpha / 2))
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return 6 * math.sqrt(n) * (alpha / 2) / ((2 * z * z + 1) * density)


@cache
def outcomes_needed(alpha: float) -> int:
    """How many outcomes a t interval of level 1 − α needs, so that skewness could be seen."""
    n, z = MIN_BLOCKS, -float(special.ndtri(FALSE_REFUSALS / 2))
    while skewness_limit(n, alpha) < z * np.sqrt(6 * (n - 2) / ((n + 1) * (n + 3))):
        n += 1
    return n


@cache
def share_limit(n: int) -> float:
    """Largest share of the sum of squares that a single outcome may carry."""
    t2 = float(special.stdtrit(n - 2, FALSE_REFUSALS / (2 * n))) ** 2
    return max(LARGEST_SHARE, (n - 1) / n * t2 / (n - 2 + t2))


NOT_FINITE = Guard(
    "not finite",
    lambda sample, alpha: ~sample.finite,
    lambda sample, alpha: "some outcomes are not finite numbers",
)
TOO_FEW = Guard(
    "too few",
    lambda sample, alpha: np.full(sample.mean.shape, sample.n < outcomes_needed(alpha)),
    lambda sample, alpha: (
        f"{sample.n} units are fewer than the {outcomes_needed(alpha)} that the t interval needs "
        f"at this level (never below {MIN_BLOCKS})"
    ),
)
REPEATED = Guard(
    "repeated",
    lambda sample, alpha: sample.repeated,
    lambda sample, alpha: (
        "more than half of the outcomes are the same number, so that the t interval does not "
        "apply; declare their range (bounded)"
    ),
)
SKEWED = Guard(
    "skewed",
    lambda sample, alpha: np.abs(sample.skewness) > skewness_limit(sample.n, alpha),
    lambda sample, alpha: (
        f"the outcomes are too skewed for the t interval of {sample.n} units: "
        f"{np.abs(sample.skewness).max():.2g}, at most {skewness_limit(sample.n, alpha):.2g}"
    ),
)
HEAVY = Guard(
    "heavy-tailed",
    lambda sample, alpha: sample.largest_share > share_limit(sample.n),
    lambda sample, alpha: (
        f"heavy tails: one outcome carries {sample.largest_share.max():.0%} of the sum of squares "
        f"of {sample.n}, at most {share_limit(sample.n):.0%}; the variance may be infinite"
    ),
)

ANY = (NOT_FINITE,)  # rules without assumptions on the distribution
STUDENT = (NOT_FINITE, TOO_FEW, REPEATED, HEAVY, SKEWED)


def within(low: float, high: float) -> Guard:
    """Refuses outcomes outside a declared range: the declaration is wrong."""
    return Guard(
        "out of range",
        lambda sample, alpha: (sample.lowest < low) | (sample.highest > high),
        lambda sample, alpha: (
            f"outcomes from {sample.lowest.min():.4g} to {sample.highest.max():.4g} leave the "
            f"declared range [{low:g}, {high:g}]"
        ),
    )


def refused(guards: tuple[Guard, ...], sample: Sample, alpha: float) -> Mask:
    """Where any of the guards refuses."""
    return np.logical_or.reduce([guard.refuses(sample, alpha) for guard in guards])


def reason(guards: tuple[Guard, ...], sample: Sample, alpha: float) -> str:
    """Why a single run's sample is refused: the first guard's sentence, or nothing."""
    first = next((guard for guard in guards if guard.refuses(sample, alpha).any()), None)
    return first.reason(sample, alpha) if first else ""
