"""Textbook confidence intervals, from summaries of any number of runs at once.

All are two-sided of level 1 − α with α/2 on each side, so agreement and disagreement are
treated alike. An equivalence verdict from such an interval is the two one-sided tests procedure
at level α/2 (Schuirmann 1987, J. Pharmacokin. Biopharm. 15, 657).
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy import special  # scipy.stats takes a second to import

Array = Float[np.ndarray, "*shape"]
SPREADS = tuple((part, -np.log1p(-part) - part) for part in (0.1, 0.25, 0.5, 0.75, 0.9))  # λ, ψ


def student(mean: Array, sd: Array, n: int, alpha: float) -> tuple[Array, Array]:
    """Interval for a mean from n independent outcomes (Student 1908); exact if they are normal.

    Args:
        mean: sample means.
        sd: sample standard deviations, with n − 1 in the denominator.
        n: outcomes in each sample; for a single one the guards refuse the interval.
        alpha: chance that the interval misses the mean.
    """
    half = -special.stdtrit(max(n - 1, 1), alpha / 2) * sd / np.sqrt(n)
    return mean - half, mean + half


def mean_within(
    values: Float[np.ndarray, " units"] | Sequence[float], alpha: float
) -> tuple[float, float, float]:
    """Mean of some numbers with Student's interval, which holds the true one up to ``alpha``."""
    mean, sd = np.array([np.mean(values)]), np.array([np.std(values, ddof=1)])
    low, high = student(mean, sd, len(values), alpha)
    return float(mean[0]), float(low[0]), float(high[0])


def bernstein(
    mean: Array, sd: Array, n: int, bounds: tuple[float, float], alpha: float
) -> tuple[Array, Array]:
    """Interval for the mean of independent outcomes in a known range that holds 0; for every n.

    An empirical Bernstein interval that measures spread from 0, where a true prediction puts the
    mean of deviations. For x ≥ −b and 0 ≤ λ < 1 the inequality of Fan, Grama and Liu (2015,
    Electron. J. Probab. 20, 1, lemma 4.1)

        exp(λx/b − ψx²/b²) ≤ 1 + λx/b,     ψ = −log(1 − λ) − λ,

    has the expectation 1 + λμ/b ≤ exp(λμ/b) on its right side. So by Markov's inequality, with
    chance 1 − δ,

        μ > mean(x) − (ψ mean(x²)/b + b log(1/δ)/n) / λ,

    and the same for −x gives an upper limit. ``SPREADS`` are the λ, with an equal part of α/2 each
    (our derivation; Waudby-Smith and Ramdas, arXiv:2010.09686, section 3.2, estimate λ and the
    center as outcomes come in).

    Args:
        mean, sd: of each sample, as for `student`.
        n: outcomes in each sample.
        bounds: lowest and highest possible outcome.
        alpha: chance that the interval misses the mean.
    """
    if not bounds[0] <= 0 <= bounds[1]:
        raise ValueError(f"the range {bounds} of deviations does not hold 0")
    squares = (n - 1) / n * sd**2 + mean**2
    log = np.log(2 * len(SPREADS) / alpha)
    # a b that is larger than it need be is valid too, and one near 0 would ask for other λ
    least = (bounds[1] - bounds[0]) / 10
    below, above = (
        np.min([(psi * squares / b + b * log / n) / part for part, psi in SPREADS], axis=0)
        for b in (max(-bounds[0], least), max(bounds[1], least))
    )
    return mean - below, mean + above


def clopper_pearson(successes: Array, n: int, alpha: float) -> tuple[Array, Array]:
    """Exact interval for a proportion (Clopper and Pearson 1934, Biometrika 26, 404)."""
    least = np.maximum(successes, 1)
    inside = special.betaincinv(least, n - least + 1, alpha / 2)
    low = np.where(successes > 0, inside, 0.0)
    fewer = np.minimum(successes, n - 1)
    high = np.where(successes < n, special.betainccinv(fewer + 1, n - fewer, alpha / 2), 1.0)
    return low, high
