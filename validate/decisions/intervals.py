"""Textbook confidence intervals, from summaries of any number of runs at once.

All are two-sided of level 1 − α with α/2 on each side, so agreement and disagreement are
treated alike. An equivalence verdict from such an interval is the two one-sided tests procedure
at level α/2 (Schuirmann 1987, J. Pharmacokin. Biopharm. 15, 657).
"""

import numpy as np
from jaxtyping import Float
from scipy import special  # scipy.stats takes a second to import

Array = Float[np.ndarray, "*shape"]


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


def empirical_bernstein(
    mean: Array, sd: Array, n: int, width: float, alpha: float
) -> tuple[Array, Array]:
    """Interval for the mean of outcomes in a range of known ``width``; valid for every n.

    Maurer and Pontil 2009 (arXiv:0907.3740), theorem 4, with δ = α/2 on each side.
    """
    log = np.log(4 / alpha)
    half = sd * np.sqrt(2 * log / n) + width * 7 * log / (3 * max(n - 1, 1))
    return mean - half, mean + half


def clopper_pearson(successes: Array, n: int, alpha: float) -> tuple[Array, Array]:
    """Exact interval for a proportion (Clopper and Pearson 1934, Biometrika 26, 404)."""
    least = np.maximum(successes, 1)
    inside = special.betaincinv(least, n - least + 1, alpha / 2)
    low = np.where(successes > 0, inside, 0.0)
    fewer = np.minimum(successes, n - 1)
    high = np.where(successes < n, special.betainccinv(fewer + 1, n - fewer, alpha / 2), 1.0)
    return low, high
