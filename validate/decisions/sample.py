"""What the decision rules need to know of the outcomes of independent units."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

Moment = Float[np.ndarray, "runs points"]
Mask = Bool[np.ndarray, "runs points"]


@dataclass(frozen=True)
class Sample:
    """Summaries of n outcomes at each point; a real run is one of ``runs``, calibration has many.

    Attributes:
        n: outcomes in each sample.
        mean: sample mean.
        sd: sample standard deviation, with n − 1 in the denominator.
        skewness: g₁ = m₃ / m₂^(3/2), without corrections.
        largest_share: share of the sum of squared deviations that the largest one carries.
        repeated: whether one value makes up more than half of the sample.
        lowest: smallest outcome.
        highest: largest outcome.
        finite: whether all outcomes are finite numbers; where not, they count as 0 above.
    """

    n: int
    mean: Moment
    sd: Moment
    skewness: Moment
    largest_share: Moment
    repeated: Mask
    lowest: Moment
    highest: Moment
    finite: Mask

    def shifted(self, by: Float[np.ndarray, "#points"]) -> "Sample":
        """The summaries of the same outcomes with ``by`` added."""
        return dataclasses.replace(
            self, mean=self.mean + by, lowest=self.lowest + by, highest=self.highest + by
        )


def summary(outcomes: Float[np.ndarray, "runs n points"]) -> Sample:
    """Summarize each run's outcomes at each point, at least one."""
    n = outcomes.shape[1]
    finite = np.asarray(np.isfinite(outcomes).all(axis=1))
    if not finite.all():
        outcomes = np.where(np.isfinite(outcomes), outcomes, 0.0)
    # one sample after the other in memory, so that all sums below run along it
    values = np.ascontiguousarray(np.moveaxis(outcomes, 1, -1))
    mean = values.mean(axis=-1)
    deviation = values - mean[..., None]
    largest = np.abs(deviation).max(axis=-1)
    scale = np.where(largest > 0, largest, 1.0)
    deviation /= scale[..., None]  # so that no power of an outcome overflows
    squares = deviation * deviation
    total = squares.sum(axis=-1)
    safe = np.where(total > 0, total, 1.0)
    cubes = np.einsum("...n,...n->...", squares, deviation)
    middle = np.partition(values, n // 2, axis=-1)[..., n // 2, None]
    return Sample(
        n=n,
        mean=mean,
        sd=scale * np.sqrt(total / max(n - 1, 1)),
        skewness=np.sqrt(n) * cubes / safe**1.5,
        largest_share=np.where(total > 0, 1 / safe, 0.0),
        repeated=(values == middle).sum(axis=-1) > n / 2,
        lowest=values.min(axis=-1),
        highest=values.max(axis=-1),
        finite=finite,
    )
