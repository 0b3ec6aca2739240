"""How far into training a prediction of the first stage holds, in the networks that were trained.

The theory is about an output that is small against the targets. Some of the networks that agree
are trained on, each until the moments of its output reach a share of the targets', and compared
with the prediction there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.condensation.finer import NANOSECONDS
from sim.condensation.variants.on_data import OnData
from validate.results.words import share

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.5)  # of the moments of f against those of y
ENOUGH = 0.9  # of the networks, as in the verdict
REACHED = 0.9  # of them, to speak of a level at all
STEPS = 4000  # under Adam, at least
MORE = 160.0  # powers of e of relative growth that gradient descent is given
FAR = 1e6  # no limit of max |w·x|: f alone says where a network is


@dataclass(frozen=True)
class Stage:
    """Where a prediction was looked at.

    Attributes:
        held: the largest |f|/|y|, root mean squares, up to which it held.
        left: that at which it no longer did, None where it held as far as networks came.
        networks: how many were looked at.
    """

    held: float
    left: float | None
    networks: int


def later(experiment: OnData, growth: float, limit: float) -> tuple[OnData, ...]:
    """Such networks, trained up to each level above that of the experiment.

    Args:
        experiment: one that agreed.
        growth: the median |w|/|w₀| at its end.
        limit: seconds of one core that a level may take.
    """
    found = []
    for level in LEVELS:
        steps = _steps(experiment, growth, level / experiment.moment_ratio)
        needed = experiment.block * 1e-9 * NANOSECONDS * experiment.neurons * steps
        if level > experiment.moment_ratio and needed * experiment.samples_given <= limit:
            found.append(replace(experiment, moment_ratio=level, amplitude=FAR, steps=steps))
    return tuple(found)


def _steps(experiment: OnData, growth: float, louder: float) -> int:
    """Enough to reach an output that is louder by a factor; who stands still is not waited for."""
    if experiment.optimizer == "adam":  # a step is as long as the initial weights
        grown = 2 * growth * max(1.0, louder) ** (1 / (experiment.order + 1))
        return max(STEPS, round(2 * grown))
    return min(experiment.steps, round(MORE / experiment.step))


def stage_of(
    first: Sequence[Mapping[str, Any]],
    levels: Sequence[Sequence[Mapping[str, Any]]],
    matches: Callable[[Mapping[str, Any]], bool],
) -> Stage:
    """Until where the prediction held.

    Args:
        first: measurements of the networks where the verdict looks.
        levels: of the same networks at each level.
        matches: whether a network is as predicted.
    """
    held = _size(first)
    for measured in levels:
        done = [one for one in measured if one["unfinished"] <= 1 - REACHED]
        if len(done) < REACHED * len(measured):
            break
        size = _size(measured)
        if np.mean([matches(one) for one in measured]) < ENOUGH:
            return Stage(held, size, len(measured))
        held = max(held, size)
    return Stage(held, None, len(first))


def _size(measured: Sequence[Mapping[str, Any]]) -> float:
    return float(np.median([one["output"] for one in measured]))


def in_words(stage: Stage) -> str:
    """One line for beside the verdict."""
    start = "this is the first stage of training, a small output: "
    until = f"in {stage.networks} such networks it held until |f| = {share(stage.held)} of |y|"
    if stage.left is None:
        return f"{start}{until}, as far as they were trained"
    return f"{start}{until} and no longer at {share(stage.left)}"
