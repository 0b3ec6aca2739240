"""Size and power of every decision rule by Monte Carlo, with the code that judges real runs.

Size: the truth is put at the edge of the margin, where AGREE (for it is not inside) and DISAGREE
(for it is not outside) are both counted as false, and at the prediction, where DISAGREE is. All K
looks are taken, each at α/K, and the first verdict stands. A rule passes in a noise where the
lower 99 % limit of each rate is at most α. Where a t interval may not be used at all the guards
must also refuse nearly all samples. The noise is as large as the margin, where AGREE is easiest to
reach falsely, and 1000 times as large, where DISAGREE can be false on both sides.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import sympy
from jaxtyping import Float, Int
from scipy import stats

from theory.prediction import (
    Bound,
    Count,
    CountedShares,
    Curve,
    Exponent,
    Identity,
    Ordering,
    Orientations,
    Prediction,
    Shares,
    Successes,
    Value,
)
from validate.decisions.kinds.base import kind_of
from validate.decisions.kinds.exponent import slopes
from validate.decisions.ruling import AGREE, DISAGREE, OPEN
from validate.decisions.sample import Sample, summary
from validate.trust.noise import BOUNDED, FOR_MEANS, REACH, Noise, mirrored

LEVELS = (0.05, 0.01)
CONFIDENCE = 0.99  # of the limits that a rate is judged by
REFUSED = 0.9  # of the samples that a rule is not made for
CHUNK = 1000  # runs simulated at once
MEAN_LOOKS = (96, 128, 192, 256)
BOUNDED_LOOKS = (256, 512, 768, 1024)  # Bernstein's interval is wider
SHARE_LOOKS = (100, 200, 300, 400)
WINDOW = (1.0, 2.0, 4.0, 8.0)
DISTANCES = (0.0, 0.5, 1.5, 2.0, 4.0)  # of the truth from the prediction, in margins
TEST = (sympy.Symbol("m"), (), (), 1.0, "unit of the simulation")


@dataclass(frozen=True)
class Case:
    """A rule under calibration.

    ``edges`` and ``center`` are true deviations from the prediction in margins, one number for
    every point; ``agree_edges`` are those where AGREE is false, ``disagree_edges`` those where
    DISAGREE is.
    """

    name: str
    prediction: Prediction
    looks: tuple[int, ...]
    noises: tuple[Noise, ...]
    agree_edges: tuple[tuple[float, ...], ...]
    disagree_edges: tuple[tuple[float, ...], ...]
    center: tuple[float, ...] = (0.0,)
    spreads: tuple[float, ...] = (1.0, 1000.0)  # standard deviations of the noise, in margins
    power_sd: float = 2.0  # of the noise for which power is measured, in margins

    def draw(
        self, rng: np.random.Generator, noise: Noise, runs: int, n: int, sd: float = 1.0
    ) -> Float[np.ndarray, "runs n points"]:
        """Deviations from the prediction where it is true, with noise of standard deviation sd."""
        if not isinstance(self.prediction, Exponent):
            return sd * noise.draw(rng, (runs, n, len(self.center)))
        logs = np.log(np.asarray(WINDOW))
        spread = np.sqrt(((logs - logs.mean()) ** 2).sum())
        return slopes(logs, sd * spread * noise.draw(rng, (runs, n, len(WINDOW))), local=True)

    def shares(self) -> bool:
        """Whether its outcomes are successes and failures, drawn anew for every truth."""
        return isinstance(self.prediction, Bound | Successes)

    def samples(
        self,
        rng: np.random.Generator,
        noise: Noise,
        runs: int,
        truths: Sequence[tuple[float, ...]],
        looks: Sequence[int],
        sd: float = 1.0,
    ) -> Iterator[list[Sample]]:
        """For every truth its samples at the looks; the same noise under each, except shares."""
        if self.shares():
            for truth in truths:
                rate = self.rate(truth[0])
                ones = (rng.random((runs, looks[-1], 1)) < rate).astype(float)
                yield [summary(ones[:, :n]) for n in looks]
            return
        outcomes = self.draw(rng, noise, runs, looks[-1], sd)
        at_looks = [summary(outcomes[:, :n]) for n in looks]
        for truth in truths:
            yield [sample.shifted(np.asarray(truth)) for sample in at_looks]

    def rate(self, margins: float) -> float:
        """Rate of successes at a distance from the prediction; its threshold is one margin."""
        if isinstance(self.prediction, Bound):
            return margins * self.prediction.tolerated_rate
        assert isinstance(self.prediction, Successes)
        return max(0.0, 1 - margins * (1 - self.prediction.required_share))


def cases() -> tuple[Case, ...]:
    """One of every rule; margins are 1, noise has standard deviation 1."""
    both = ((1.0,), (-1.0,))
    curve = ((1.0, 1.0, 1.0), (-1.0, -1.0, -1.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
    power = ((1.0, 1.0, 1.0, 1.0), (-1.0, -1.0, -1.0, -1.0), (0.0, 4.0, 0.0, 0.0))
    value = Value(*TEST)
    bounded = Value(*TEST, bounded=(-REACH - 1, REACH + 1))
    points = Curve(*TEST, expected=(0.0, 0.0, 0.0))
    exponent = Exponent(*TEST, window=WINDOW, local_margin=4.0)
    zeros = (0.0,)
    once = {"spreads": (1.0,), "power_sd": 1.0}  # outcomes in a fixed range
    sided = FOR_MEANS + tuple(mirrored(n) for n in FOR_MEANS if "skewed" in n.name)
    return (
        Case("Value", value, MEAN_LOOKS, FOR_MEANS, both, both),
        Case("Value, bounded", bounded, BOUNDED_LOOKS, BOUNDED, both, both, **once),
        Case("Curve", points, MEAN_LOOKS, FOR_MEANS, curve, curve, zeros * 3),
        Case("Exponent", exponent, MEAN_LOOKS, FOR_MEANS, power, power, zeros * 4),
        # the effect is predicted at 2 margins: AGREE is false at 1, DISAGREE at 0
        Case("Ordering", Ordering(*TEST), MEAN_LOOKS, sided, ((1.0,),), ((0.0,),), (2.0,)),
        Case("Bound", Bound(*TEST), SHARE_LOOKS, (_BINOMIAL,), ((1.0,),), ((1.0,),), **once),
        *(
            Case(
                type(kind).__name__,
                kind,
                SHARE_LOOKS,
                (_BINOMIAL,),
                ((1.0,),),
                ((1.0,),),
                **once,
            )
            for kind in (Orientations(*TEST), Count(*TEST), Shares(*TEST), CountedShares(*TEST))
        ),
        Case("Identity", Identity(*TEST), (16, 32), (_ROUNDING,), ((1.0,),), (), **once),
    )


_BINOMIAL = Noise("binomial", lambda rng, shape: np.zeros(shape))  # drawn by `Case.samples`
_ROUNDING = Noise("rounding", lambda rng, shape: rng.uniform(0, 1, shape))


@dataclass
class Tally:
    """Counts over runs at one level; false verdicts by noise and truth, the worst is reported."""

    false_agree: Counter = field(default_factory=Counter)
    false_disagree: Counter = field(default_factory=Counter)
    at_prediction: Counter = field(default_factory=Counter)
    looked: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Size:
    """Measured error rates of one rule in one noise at one level, the worst over edges."""

    rule: str
    noise: str
    level: float
    runs: int
    false_agree: float
    false_disagree: float
    false_at_prediction: float
    lower_limit: float
    refused: float
    usable: bool
    passed: bool


def verdicts(
    prediction: Prediction, samples: Sequence[Sample], alpha: float
) -> tuple[Int[np.ndarray, " runs"], int]:
    """The first verdict of each run over all planned looks, and how many looks were refused."""
    final, refused = np.zeros(len(samples[0].mean), dtype=int), 0
    for sample in samples:
        ruling = kind_of(prediction).rule(sample, alpha / len(samples))
        final = np.where(final == OPEN, ruling.verdict, final)
        refused += int(ruling.refused.sum())
    return final, refused


def sizes(case: Case, noise: Noise, runs: int, rng: np.random.Generator) -> list[Size]:
    """Error rates of a rule in one noise at every level."""
    tallies = {level: Tally() for level in LEVELS}
    truths = tuple(dict.fromkeys((case.center, *case.agree_edges, *case.disagree_edges)))
    for start in range(0, runs, CHUNK):
        chunk = min(CHUNK, runs - start)
        for sd in case.spreads:
            rows = case.samples(rng, noise, chunk, truths, case.looks, sd)
            for truth, samples in zip(truths, rows, strict=True):
                for level, tally in tallies.items():
                    final, refused = verdicts(case.prediction, samples, level)
                    tally.looked += chunk * len(case.looks)
                    tally.refused += refused
                    _count(case, tally, (sd, truth), final)
    return [_size(case, noise, level, tally, runs) for level, tally in tallies.items()]


def _count(
    case: Case, tally: Tally, at: tuple[float, tuple[float, ...]], final: np.ndarray
) -> None:
    agreed, disagreed = int((final == AGREE).sum()), int((final == DISAGREE).sum())
    if at[1] == case.center:
        tally.at_prediction[at] += disagreed
    if at[1] in case.agree_edges:
        tally.false_agree[at] += agreed
    if at[1] in case.disagree_edges:
        tally.false_disagree[at] += disagreed


def _size(case: Case, noise: Noise, level: float, tally: Tally, runs: int) -> Size:
    agree = max(tally.false_agree.values(), default=0)
    disagree = max(tally.false_disagree.values(), default=0)
    prediction = max(tally.at_prediction.values(), default=0)
    lower = lower_limit(max(agree, disagree, prediction), runs)
    refused = tally.refused / tally.looked
    return Size(
        rule=case.name,
        noise=noise.name,
        level=level,
        runs=runs,
        false_agree=agree / runs,
        false_disagree=disagree / runs,
        false_at_prediction=prediction / runs,
        lower_limit=lower,
        refused=refused,
        usable=noise.usable,
        passed=lower <= level and (noise.usable or refused >= REFUSED),
    )


def lower_limit(count: int, runs: int) -> float:
    """One-sided lower Clopper–Pearson limit of a rate."""
    return float(stats.beta.ppf(1 - CONFIDENCE, count, runs - count + 1)) if count else 0.0


@dataclass(frozen=True)
class Power:
    """Units that a rule needs to reach a verdict in 9 of 10 runs, by distance in margins."""

    rule: str
    distance: float
    verdict: str
    units: int | None


POWER = 0.9  # share of runs that must reach the verdict
POWER_LEVEL = 0.01 / 4
POWER_UNITS = tuple(int(2 ** (k / 4)) for k in range(16, 49))  # 16 to 4096


def powers(case: Case, runs: int, rng: np.random.Generator) -> list[Power]:
    """Units needed at one look of level 0.0025 in Gaussian noise of ``power_sd`` margins."""
    noise = case.noises[0]
    truths = [_at_distance(case, distance) for distance in DISTANCES]
    found = []
    rows = case.samples(rng, noise, runs, truths, POWER_UNITS, case.power_sd)
    for distance, samples in zip(DISTANCES, rows, strict=True):
        wanted = AGREE if distance < 1 else DISAGREE
        hits = (
            sample.n
            for sample in samples
            if (kind_of(case.prediction).rule(sample, POWER_LEVEL).verdict == wanted).mean()
            >= POWER
        )
        verdict = "AGREE" if wanted == AGREE else "DISAGREE"
        found.append(Power(case.name, distance, verdict, next(hits, None)))
    return found


def _at_distance(case: Case, distance: float) -> tuple[float, ...]:
    if isinstance(case.prediction, Ordering):
        return (2.0 - distance,)
    return tuple(distance for _ in case.center)
