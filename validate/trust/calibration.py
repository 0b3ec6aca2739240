"""Size and power of every decision rule by Monte Carlo, with the code that judges real runs.

Size: the truth is put at the edge of the margin, where AGREE (for it is not inside) and DISAGREE
(for it is not outside) are both counted as false, and at the prediction, where DISAGREE is. All K
looks are taken, each at α/K, and the first verdict stands. A rule passes in a noise where the
lower 99 % limit of each rate is at most α. Where a t interval may not be used at all the guards
must also refuse nearly all samples. The noise is as large as the margin, where AGREE is easiest to
reach falsely, and 1000 times as large, where DISAGREE can be false on both sides.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int
from scipy import stats

from theory.prediction import Prediction
from validate.decisions.case import Case
from validate.decisions.noise import Noise
from validate.decisions.rules.base import kind_of, kinds
from validate.decisions.ruling import AGREE, DISAGREE, OPEN
from validate.decisions.sample import Sample

LEVELS = (0.05, 0.01)
CONFIDENCE = 0.99  # of the limits that a rate is judged by
REFUSED = 0.9  # of the samples that a rule is not made for
CHUNK = 1000  # runs simulated at once
DISTANCES = (0.0, 0.5, 1.5, 2.0, 4.0)  # of the truth from the prediction, in margins


def cases() -> tuple[Case, ...]:
    """One or more of every kind; margins are 1, noise has standard deviation 1."""
    return tuple(case for kind in kinds() for case in kind.cases())


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
    kind, tallies = kind_of(case.prediction), {level: Tally() for level in LEVELS}
    truths = tuple(dict.fromkeys((case.center, *case.agree_edges, *case.disagree_edges)))
    for start in range(0, runs, CHUNK):
        chunk = min(CHUNK, runs - start)
        for sd in case.spreads:
            rows = kind.samples(rng, noise, chunk, truths, case.looks, sd)
            for truth, at_looks in zip(truths, rows, strict=True):
                samples = list(at_looks)
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


def upper_limit(count: int, runs: int) -> float:
    """One-sided upper Clopper–Pearson limit of a rate."""
    return float(stats.beta.ppf(CONFIDENCE, count + 1, runs - count)) if count < runs else 1.0


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
    kind, noise = kind_of(case.prediction), case.noises[0]
    truths = [case.at_distance(distance) for distance in DISTANCES]
    found = []
    rows = kind.samples(rng, noise, runs, truths, POWER_UNITS, case.power_sd)
    for distance, samples in zip(DISTANCES, rows, strict=True):
        wanted = AGREE if distance < 1 else DISAGREE
        hits = (
            sample.n
            for sample in samples
            if (kind.rule(sample, POWER_LEVEL).verdict == wanted).mean() >= POWER
        )
        verdict = "AGREE" if wanted == AGREE else "DISAGREE"
        found.append(Power(case.name, distance, verdict, next(hits, None)))
    return found
