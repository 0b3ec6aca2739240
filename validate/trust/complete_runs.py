"""Complete synthetic runs: how often any decision of a whole run comes out falsely.

Every registered decision is simulated by its kind, with its planned looks and its share of α. The
truth of each is put exactly at the edge of its margin, the least favorable place, where every
AGREE and every DISAGREE counts as false; a run is false where any of its decisions is.

In a run all means have outcomes of one noise, and every noise that the rules of means are
calibrated in has its own runs: those that they admit, skewed, heavy-tailed and discrete ones too,
and those of infinite variance, which guards must refuse. Shares of units are binomial and declared
ranges have outcomes at their ends in all of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theory.prediction import Prediction
from validate.book import SHARES
from validate.decisions.guards import STUDENT
from validate.decisions.noise import Noise
from validate.decisions.rules.base import Kind, Outcomes, kind_of
from validate.decisions.ruling import OPEN
from validate.decisions.sample import Sample, summary
from validate.trust.calibration import REFUSED, cases, lower_limit, upper_limit, verdicts

CHUNK = 500  # runs simulated at once
KIND_LOOKS = (160, 240, 320, 400)
COPIES = 4  # of every kind in the run of all kinds
ASKED = 50  # runs whose refused looks are counted


@dataclass(frozen=True)
class Planned:
    """A decision of a run: prediction, units at each look, and α for all its looks."""

    prediction: Prediction
    looks: tuple[int, ...]
    alpha: float


@dataclass(frozen=True)
class Familywise:
    """Share of complete runs with any false verdict, in one noise.

    Attributes:
        name: of the set of decisions.
        noise: that of all means.
        admitted: whether t intervals may be used in it at all.
        lower_limit, upper_limit: of the share, each one-sided of 99 %.
        refused: share of the looks at means judged by t intervals that guards refuse.
        guards: of those, how many each guard was the first to refuse, the most frequent first.
    """

    name: str
    noise: str
    admitted: bool
    alpha: float
    decisions: int
    runs: int
    share: float
    lower_limit: float
    upper_limit: float
    refused: float
    guards: dict[str, int]

    @property
    def passed(self) -> bool:
        """Nothing speaks against α; and where the noise is not admitted, guards refuse."""
        return self.lower_limit <= self.alpha and (self.admitted or self.refused >= REFUSED)

    @property
    def shown(self) -> bool:
        """Whether so many runs show that the share is at most α."""
        return self.passed and self.upper_limit <= self.alpha


def registered(alpha: float) -> list[Planned]:
    """The decisions of all claims of this installation, controls included, as a run plans them."""
    from validate.claim import planned_units
    from validate.registry import claims
    from validate.trust.registration import checked

    decisions = [d for claim in claims() for d in checked(claim).decisions]
    share = alpha / SHARES
    return [
        Planned(d.prediction, planned_units(d, "quick"), share) for d in decisions if d.takes_share
    ]


def every_kind(alpha: float) -> list[Planned]:
    """A run with several decisions of every kind, which share the whole of α."""
    simulated = [case.prediction for case in cases()]
    random = [prediction for prediction in simulated if kind_of(prediction).takes_share]
    share = alpha / (COPIES * len(random))
    return [Planned(prediction, KIND_LOOKS, share) for prediction in random * COPIES]


def noises() -> tuple[Noise, ...]:
    """Every noise that a rule of means is calibrated in, those first that are admitted."""
    found = {
        noise.name: noise
        for case in cases()
        if kind_of(case.prediction).is_mean and kind_of(case.prediction).takes_share
        for noise in case.noises
    }
    return tuple(sorted(found.values(), key=lambda noise: not noise.usable))


def familywise(
    name: str,
    planned: Sequence[Planned],
    noise: Noise,
    alpha: float,
    runs: int,
    rng: np.random.Generator,
) -> Familywise:
    """Simulate ``runs`` complete runs of these decisions in one noise."""
    false, looked, refused = 0, 0, Counter()
    for start in range(0, runs, CHUNK):
        any_false = np.zeros(min(CHUNK, runs - start), dtype=bool)
        for decision in planned:
            kind = kind_of(decision.prediction)
            outcomes = kind.at_edge(rng, (len(any_false), decision.looks[-1]), noise)
            any_false |= _decides(kind, decision, outcomes)
            if start == 0 and kind.is_mean:
                samples = [summary(outcomes[:ASKED, :look]) for look in decision.looks]
                looked += sum(_asked(kind, sample, decision, refused) for sample in samples)
        false += int(any_false.sum())
    return Familywise(
        name=name,
        noise=noise.name,
        admitted=noise.usable,
        alpha=alpha,
        decisions=len(planned),
        runs=runs,
        share=false / runs,
        lower_limit=lower_limit(false, runs),
        upper_limit=upper_limit(false, runs),
        refused=sum(refused.values()) / max(looked, 1),
        guards={guard: count for guard, count in refused.most_common() if count},
    )


def _decides(kind: Kind, decision: Planned, outcomes: Outcomes) -> np.ndarray:
    """Which runs decide although the truth is at the edge of the margin.

    Nearly all stay open by their means and standard deviations alone; only the others are
    summarized in full, and judged by the code that judges real runs.
    """
    level = decision.alpha / len(decision.looks)
    quick = (kind.rule(one, level).verdict != OPEN for one in _quick(outcomes, decision.looks))
    found = np.logical_or.reduce(list(quick))
    if found.any():
        left = outcomes[found]
        samples = [summary(left[:, :look]) for look in decision.looks]
        found[found] = verdicts(decision.prediction, samples, decision.alpha)[0] != OPEN
    return found


def _quick(outcomes: Outcomes, looks: Sequence[int]) -> list[Sample]:
    """Summaries at the looks in which no guard on the shape of the outcomes refuses anything.

    Sums over the units between two looks are added up, so that every outcome is read once.
    """
    starts = (0, *looks[:-1])
    by_part = [
        np.add.reduceat(outcomes, starts, axis=1),
        np.add.reduceat(outcomes * outcomes, starts, axis=1),
        np.minimum.reduceat(outcomes, starts, axis=1),
        np.maximum.reduceat(outcomes, starts, axis=1),
    ]
    joined = (np.add, np.add, np.minimum, np.maximum)
    sums, squares, lowest, highest = (
        how.accumulate(part, axis=1) for how, part in zip(joined, by_part, strict=True)
    )
    made = []
    for at, n in enumerate(looks):
        mean = sums[:, at] / n
        spread = np.maximum(squares[:, at] - n * mean**2, 0.0)
        nothing = np.zeros_like(mean)
        made.append(
            Sample(
                n=n,
                mean=mean,
                # rounding may make it too large by this: no run is missed for it
                sd=(1 - 1e-9) * np.sqrt(spread / max(n - 1, 1)),
                skewness=nothing,
                largest_share=nothing,
                repeated=np.zeros_like(mean, dtype=bool),
                lowest=lowest[:, at],
                highest=highest[:, at],
                finite=np.ones_like(mean, dtype=bool),
            )
        )
    return made


def _asked(kind: Kind, sample: Sample, decision: Planned, refused: Counter) -> int:
    """Count by guard the runs that it is the first to refuse; gives how many were asked.

    None where the interval is no t interval.
    """
    ruling = kind.rule(sample, decision.alpha / len(decision.looks))
    if ruling.guards is not STUDENT:
        return 0
    before = np.zeros(len(sample.mean), dtype=bool)
    for guard in ruling.guards:
        by_this = guard.refuses(sample, ruling.level).any(axis=1) & ~before
        refused[guard.name] += int(by_this.sum())
        before |= by_this
    return len(before)
