"""What a decision rule says of the samples of any number of runs.

A real run is a single one, so that `validate.trust.calibration` exercises exactly the code that
judges. With the intervals of `validate.decisions.intervals`:

- AGREE where the whole interval lies inside the margin, DISAGREE where it lies outside;
- several intervals in one decision (a curve's points, local slopes) share α equally (Bonferroni),
  AGREE needs all of them inside and DISAGREE one of them outside;
- where a guard refuses the sample there is no verdict.

A wrong AGREE or DISAGREE needs an interval that misses the truth. With at most α/K for each of K
planned looks and α = Σ α_k over the decisions, the chance of any in a run is at most α by the
union bound, however looks and decisions depend on each other. For means that are judged by a t
interval this stands where outcomes rarer than one in n are excluded or their range is declared.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from validate.decisions.guards import Guard, refused
from validate.decisions.sample import Mask, Moment, Sample

AGREE, OPEN, DISAGREE = 1, 0, -1


@dataclass(frozen=True)
class Ruling:
    """What a rule says of each run: intervals at every point, one verdict, or a refusal.

    ``level`` is that of each interval, ``guards`` those that were asked.
    """

    low: Moment
    high: Moment
    verdict: Int[np.ndarray, " runs"]
    refused: Bool[np.ndarray, " runs"]
    level: float
    guards: tuple[Guard, ...]


def decided(
    interval: tuple[Moment, Moment],
    agree: Mask,
    disagree: Mask,
    guards: tuple[Guard, ...],
    sample: Sample,
    level: float,
) -> Ruling:
    """The ruling where all points must ``agree`` and one that must ``disagree`` is enough.

    Args:
        interval: lower and upper limits.
        agree: whether an interval speaks for the prediction.
        disagree: whether it speaks against it.
        guards: what may refuse the sample.
        sample: the summaries that the intervals were made from.
        level: chance that an interval misses the truth.
    """
    refusals = np.asarray(refused(guards, sample, level).any(axis=1))
    verdict = np.where(agree.all(axis=1), AGREE, np.where(disagree.any(axis=1), DISAGREE, OPEN))
    return Ruling(*interval, np.where(refusals, OPEN, verdict), refusals, level, guards)


@dataclass(frozen=True)
class Statement:
    """A measured value with its interval, in words and, in ``unit``, in numbers.

    ``point`` says at which of the prediction's numbers it was measured, where it has several.
    """

    measured: float
    interval: tuple[float, float]
    unit: str
    text: str
    point: int = 0
