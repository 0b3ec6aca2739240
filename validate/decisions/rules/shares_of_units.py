"""Predictions of what a unit shows or does not: exact intervals of the share of units."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, TypeVar

import numpy as np
from scipy import special

from theory.prediction import Successes
from validate.decisions import guards
from validate.decisions.case import TEST, Case
from validate.decisions.intervals import clopper_pearson
from validate.decisions.noise import NORMAL, Noise
from validate.decisions.rules.base import (
    MOST_UNITS,
    NEARLY_SURE,
    POWER,
    Contribution,
    Kind,
    Outcomes,
    P,
    smallest,
    two_digits,
)
from validate.decisions.ruling import Ruling, Statement, decided
from validate.decisions.sample import Moment, Sample, summary
from validate.results.records import Demand

S = TypeVar("S", bound=Successes)
T = TypeVar("T")

LOOKS = (100, 200, 300, 400)  # of calibration
BINOMIAL = Noise("binomial", lambda rng, shape: np.zeros(shape))  # drawn by `samples`


class ShareOfUnits(Kind[P]):
    """The share of units that show something is on the predicted side of a threshold.

    Units contribute 1 where they show it, else 0.

    Attributes:
        side: of the threshold on which the prediction agrees, "above" or "below".
        share_is: what the share is called.
        threshold_is: what the threshold is.
        which: the units that show it, after a number of them.
    """

    is_mean = False
    side: ClassVar[str]
    share_is: ClassVar[str] = "share"
    threshold_is: ClassVar[str]
    which: ClassVar[str]

    @property
    @abstractmethod
    def required(self) -> float:
        """The threshold."""

    @property
    @abstractmethod
    def shown(self) -> str:
        """What units show, as the predicate of a sentence."""

    def rule(self, sample: Sample, alpha: float) -> Ruling:
        low, high = clopper_pearson(_count(sample), sample.n, alpha)
        agree, disagree = self._sides(low > self.required, high < self.required)
        return decided((low, high), agree, disagree, guards.ANY, sample, alpha)

    def statement(self, sample: Sample, ruling: Ruling) -> Statement:
        share, low, high = (float(a[0, 0]) for a in (sample.mean, ruling.low, ruling.high))
        text = (
            f"{share * sample.n:.0f} of {sample.n} units {self.shown}: {self.share_is} in "
            f"[{_percent(low)}, {_percent(high)}], {self.threshold_is} {100 * self.required:.3g}%"
        )
        return Statement(share, (low, high), "share", text)

    def tightest(self, sample: Sample, ruling: Ruling) -> tuple[Demand, ...]:
        """The end of the interval that faces the threshold: a limit that is not reached itself."""
        end, _ = self._sides(float(ruling.low[0, 0]), float(ruling.high[0, 0]))
        name = f"{self.threshold_is} {self.share_is.split()[0]}"
        return (Demand(of=name, value=end, declared=self.required, unit="share"),)

    def units_needed(self, sample: Sample, ruling: Ruling, alpha: float) -> float:
        return units_for_share(float(sample.mean[0, 0]), self.required, sample.n, alpha)

    def fewest_to_decide(self, alpha: float, agree: bool) -> int:
        """Where all of them are alike."""
        share = 1.0 if (self.side == "above") == agree else 0.0

        def decides(n: int) -> bool:
            low, high = clopper_pearson(np.asarray(share * n), n, alpha)
            return bool(low > self.required if share else high < self.required)

        return smallest(decides, 1)

    def power(self, n: int, alpha: float, agree: bool, distance: float | None) -> str:
        """The largest share of units that are not as the wanted verdict says."""
        most, least = limits(n, self.required, alpha)
        above = (self.side == "above") == agree
        allowed = most if not above else None if least is None else n - least
        if allowed is None:
            return ""
        share = float(special.bdtri(allowed, n, NEARLY_SURE)) if allowed < n else 1.0
        exceptions = "are not as predicted" if agree else "are as predicted"
        few = f"at most {two_digits(100 * share)} % of the units {exceptions}"
        return f"{100 * NEARLY_SURE:g} % while {few}"

    def would_change(self, n: int, alpha: float) -> str:
        most, least = limits(n, self.required, alpha)
        if most is None and least is None:
            return f"{n} units are too few to agree and too few to disagree."
        agree, disagree = self._sides(_or_more(least, self.which), _or_fewer(most, self.which))
        if agree and disagree:
            return (
                f"Of {n} units, it takes {agree} to agree and {disagree} to disagree; "
                "in between it stays open."
            )
        missing, enough = ("disagree", "agree") if agree else ("agree", "disagree")
        return f"{n} units are too few to {missing}; {agree or disagree} suffice to {enough}."

    def failing(self, measured: float) -> float:
        """The units on the other side than the one that agrees."""
        return 1 - measured if self.side == "above" else measured

    def threshold(self) -> tuple[float, str]:
        return self.required, self.side

    @classmethod
    def cases(cls) -> tuple[Case, ...]:
        return (
            Case(
                cls.decides.__name__,
                cls.decides(*TEST),
                LOOKS,
                (BINOMIAL,),
                agree_edges=((1.0,),),
                disagree_edges=((1.0,),),
                spreads=(1.0,),
                power_sd=1.0,
            ),
        )

    def samples(
        self,
        rng: np.random.Generator,
        noise: Noise,
        runs: int,
        truths: Sequence[tuple[float, ...]],
        looks: Sequence[int],
        sd: float,
    ) -> Iterator[Iterator[Sample]]:
        """Successes and failures, drawn anew for every truth."""
        for (margins,) in truths:
            ones = _successes(rng, (runs, looks[-1]), self._rate(margins))
            yield map(lambda n, ones=ones: summary(ones[:, :n]), looks)

    def at_edge(
        self, rng: np.random.Generator, shape: tuple[int, int], noise: Noise = NORMAL
    ) -> Outcomes:
        """Successes at the threshold's rate, whatever the noise."""
        return _successes(rng, shape, self.required)

    def _rate(self, margins: float) -> float:
        """Rate of successes so many margins from 0 or 1; the threshold is at one margin."""
        if self.side == "below":
            return margins * self.required
        return max(0.0, 1 - margins * (1 - self.required))

    def _sides(self, above: T, below: T) -> tuple[T, T]:
        """What belongs to either side of the threshold, that of agreement first."""
        return (above, below) if self.side == "above" else (below, above)


class ShareOfSuccesses(ShareOfUnits[S]):
    """So many of the units must be as predicted."""

    side = "above"
    threshold_is = "required"
    which = "as predicted"

    @property
    def required(self) -> float:
        return self.prediction.required_share


def one_if(kept: bool, distance: float) -> Contribution:
    """1 or 0, but NaN where the ``distance`` that was judged is."""
    return distance if np.isnan(distance) else float(kept)


def limits(n: int, threshold: float, alpha: float) -> tuple[int | None, int | None]:
    """Most successes whose interval lies below the threshold, fewest whose lies above it."""
    if n == 0:
        return None, None
    low, high = clopper_pearson(np.arange(n + 1.0), n, alpha)
    below, above = np.flatnonzero(high < threshold), np.flatnonzero(low > threshold)
    most = int(below[-1]) if len(below) else None
    return most, int(above[0]) if len(above) else None


def units_for_share(share: float, threshold: float, n: int, alpha: float) -> float:
    """The first n, a quarter more each time, that decides with chance 0.8 at the measured share."""
    if abs(share - threshold) < np.sqrt(share * (1 - share) / n):
        return np.nan
    if share > threshold:
        share, threshold = 1 - share, 1 - threshold
    while n <= MOST_UNITS:
        # the interval of k successes lies below where so few have a chance below α/2
        most = np.searchsorted(special.bdtr(np.arange(n + 1), n, threshold), alpha / 2) - 1
        if most >= 0 and special.bdtr(most, n, share) >= POWER:
            return float(n)
        n += n // 4 + 1
    return np.inf


def _or_more(number: int | None, which: str) -> str:
    return "" if number is None else f"{number} or more {which}"


def _or_fewer(number: int | None, which: str) -> str:
    return "" if number is None else f"{number} or fewer {which}"


def _percent(share: float) -> str:
    """One decimal, or two digits where that is less."""
    return f"{100 * share:.2g}%" if 0 < share < 0.01 else f"{share:.1%}"


def _count(sample: Sample) -> Moment:
    return np.rint(sample.mean * sample.n)


def _successes(rng: np.random.Generator, shape: tuple[int, int], rate: float) -> Outcomes:
    return (rng.random((*shape, 1)) < rate).astype(float)
