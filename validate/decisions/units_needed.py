"""How many replicates would probably decide what a look has left open."""

from functools import singledispatch

import numpy as np
from scipy import special

from theory.prediction import Bound, Ordering, Prediction, Successes
from validate.decisions.guards import STUDENT, outcomes_needed
from validate.decisions.rules import Ruling
from validate.decisions.sample import Sample

POWER = 0.8  # what "probably" means
MOST = 100_000  # more than this is no plan


@singledispatch
def replicates(prediction: Prediction, sample: Sample, ruling: Ruling, alpha: float) -> float:
    """Units with which the same rule would decide with chance 0.8, if the estimates hold.

    Infinite where no number helps; NaN where the estimate lies within a standard error of an
    edge, for nobody can tell then.
    For means: n = ((z₁₋α⸝₂ + z₀.₈) s / d)², d the distance to the nearest edge of the margin; the
    point of a curve with the largest n decides. For bounded outcomes, whose interval also has a
    part in 1/n, at least as many as would shrink it to d in proportion.
    """
    margins = np.asarray(getattr(prediction, "margins", (prediction.margin,)))
    return _for_mean(sample, ruling, np.abs(np.abs(sample.mean[0]) - margins))


@replicates.register
def _(prediction: Ordering, sample: Sample, ruling: Ruling, alpha: float) -> float:
    mean = sample.mean[0]
    if 0 <= float(mean[0]) <= prediction.margin:
        return np.inf  # between the two verdicts no number of units helps
    return _for_mean(sample, ruling, np.minimum(np.abs(mean), np.abs(mean - prediction.margin)))


@replicates.register
def _(prediction: Bound, sample: Sample, ruling: Ruling, alpha: float) -> float:
    return _for_share(float(sample.mean[0, 0]), prediction.tolerated_rate, sample.n, alpha)


@replicates.register
def _(prediction: Successes, sample: Sample, ruling: Ruling, alpha: float) -> float:
    return _for_share(float(sample.mean[0, 0]), prediction.required_share, sample.n, alpha)


def _for_mean(sample: Sample, ruling: Ruling, gap: np.ndarray) -> float:
    sd = sample.sd[0]
    if (gap < sd / np.sqrt(sample.n)).any():
        return np.nan
    z = float(special.ndtri(POWER) - special.ndtri(ruling.level / 2))
    needed = float(((z * sd / gap) ** 2).max())
    if ruling.guards is STUDENT:
        return max(needed, float(outcomes_needed(ruling.level)))
    half = (ruling.high[0] - ruling.low[0]) / 2
    return max(needed, sample.n * float((half / gap).max()))


def _for_share(share: float, threshold: float, n: int, alpha: float) -> float:
    """The first n, a quarter more each time, that decides with chance 0.8 at the measured share."""
    if abs(share - threshold) < np.sqrt(share * (1 - share) / n):
        return np.nan
    if share > threshold:
        share, threshold = 1 - share, 1 - threshold
    while n <= MOST:
        # the interval of k successes lies below where so few have a chance below α/2
        most = np.searchsorted(special.bdtr(np.arange(n + 1), n, threshold), alpha / 2) - 1
        if most >= 0 and special.bdtr(most, n, share) >= POWER:
            return float(n)
        n += n // 4 + 1
    return np.inf


def sentence(needed: float) -> str:
    """What a person is told."""
    if np.isnan(needed):
        return "too close to the edge of the margin to say how many units would decide it"
    if needed > MOST:
        return "no feasible number of units would decide it"
    return f"about {float(f'{needed:.2g}'):.0f} units would probably decide it"
