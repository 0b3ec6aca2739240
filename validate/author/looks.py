"""After how many replicates a decision is judged, where its author does not say: as few as can."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from sim.experiment import Experiment
from theory.prediction import Curve, Identity, Prediction
from validate.author.simulations.series import Series
from validate.book import ALPHA, level
from validate.decisions.intervals import bernstein
from validate.decisions.rules.base import kind_of, smallest

ROUNDS = 4  # of the first look, so that several processes have work
EXACT = 32  # replicates of an identity: one would decide
MOST = 5  # times the replicates of the first look, at the last one
LOOKS_BOUNDED = 3
SURE = 0.6  # half-width of an interval in margins that leaves room for the mean to stray


def factors(prediction: Prediction) -> tuple[float, ...]:
    """Later looks in units of the first: as patient as the kind, up to `MOST` times.

    Where the range of the observable is declared, the last one is enough for the largest variance
    in it.
    """
    if isinstance(prediction, Identity):
        return (1.0,)
    bounded = getattr(prediction, "bounded", None)
    if bounded is not None:
        most = _for_any_variance(prediction, bounded) / _to_decide(prediction, LOOKS_BOUNDED)
        return tuple(dict.fromkeys((1.0, max(1.0, most**0.5), max(1.0, most))))
    patience = kind_of(prediction).patience
    return tuple(float(patience**k) for k in range(4) if patience**k <= MOST)


def fewest(predictions: Sequence[Prediction]) -> int:
    """Replicates that let every one of them agree, and a wrong one disagree, at the first look."""
    needed = [EXACT if isinstance(one, Identity) else 1 for one in predictions]
    return max(*needed, *(_to_decide(one, len(factors(one))) for one in predictions))


def _to_decide(prediction: Prediction, looks: int) -> int:
    kind, at = kind_of(prediction), level(ALPHA, looks)
    return max(kind.fewest_to_decide(at, agree=agree) for agree in (True, False))


def _for_any_variance(prediction: Prediction, bounded: tuple[float, float]) -> int:
    """Replicates with which outcomes at the ends of a range agree, if their mean is 0."""
    low, high = bounded
    sd, nothing = np.array([math.sqrt(-low * high)]), np.zeros(1)
    points = len(prediction.expected) if isinstance(prediction, Curve) else 1
    at = level(ALPHA, LOOKS_BOUNDED) / points

    def agrees(n: int) -> bool:
        ends = bernstein(nothing, sd, n, bounded, at)
        return bool(max(-ends[0][0], ends[1][0]) <= SURE * prediction.margin)

    return smallest(agrees, 2)


def with_block(experiment: Experiment, block: int) -> Experiment:
    """An experiment (and the parts of a series) of this block, where none is set."""
    if isinstance(experiment, Series):
        parts = tuple(with_block(part, block) for part in experiment.parts)
        return Series(parts[0].block, parts)
    if experiment.block == 0:
        return dataclasses.replace(experiment, block=block)
    return experiment


def planned_block(units: int) -> int:
    """Replicates of a block, of which `ROUNDS` make the first look."""
    return math.ceil(units / ROUNDS)


def looks(prediction: Prediction, experiment: Experiment, units: int) -> tuple[int, ...]:
    """The plan in rounds, of which each has a block of the experiment."""
    first = math.ceil(units / experiment.block)
    return tuple(math.ceil(first * factor) for factor in factors(prediction))
