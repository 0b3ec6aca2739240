"""Simulated outcomes for the calibration of decision rules: noise of every kind, and its truth."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
IQR = 1.349  # of the standard normal; what noise without a variance is scaled to


@dataclass(frozen=True)
class Noise:
    """Noise of mean 0 (center 0 where there is no mean) and, where it has one, variance 1.

    ``usable`` says whether a t interval may be used at all: with infinite variance it may not,
    and the guards must refuse it.
    """

    name: str
    draw: Draw
    usable: bool = True


def _student(df: float, scale: float) -> Draw:
    return lambda rng, shape: rng.standard_t(df, shape) / scale


def _coin(rate: float) -> Draw:
    """Mean 0, variance 1, two values."""
    sd = np.sqrt(rate * (1 - rate))
    return lambda rng, shape: ((rng.random(shape) < rate) - rate) / sd


NORMAL = Noise("Gaussian", lambda rng, shape: rng.standard_normal(shape))
FOR_MEANS = (
    NORMAL,
    Noise("skewed: gamma(4), skewness 1", lambda rng, shape: rng.gamma(4, 0.5, shape) - 2),
    Noise("skewed: exponential", lambda rng, shape: rng.exponential(1, shape) - 1),
    Noise(
        "skewed: log-normal",
        lambda rng, shape: (np.exp(rng.standard_normal(shape)) - np.exp(0.5)) / 2.161,
    ),
    Noise("heavy: Student 5", _student(5.0, math.sqrt(5 / 3))),
    Noise("heavy: Student 3", _student(3.0, math.sqrt(3))),
    Noise("infinite variance: Student 1.5", _student(1.5, 1.79 / IQR), usable=False),
    Noise(
        "infinite variance: Pareto 1.5",
        lambda rng, shape: rng.pareto(1.5, shape) - 2,
        usable=False,
    ),
    Noise("no mean: Cauchy", _student(1.0, 2 / IQR), usable=False),
    Noise(
        "discrete: rounded Gaussian",
        lambda rng, shape: np.round(rng.standard_normal(shape)) / np.sqrt(1 + 1 / 12),
    ),
    Noise("discrete: rare event, 2 %", _coin(0.02)),
    # as much skewness as guards let pass at the levels of a run
    Noise(
        "skewed: gamma(40), skewness 0.3",
        lambda rng, shape: (rng.gamma(40, 1.0, shape) - 40) / math.sqrt(40),
    ),
)
REACH = 10.0  # of bounded noise on both sides, in standard deviations
BOUNDED = (
    Noise("Gaussian", lambda rng, shape: rng.standard_normal(shape).clip(-REACH, REACH)),
    Noise("skewed: beta(1, 9)", lambda rng, shape: (rng.beta(1, 9, shape) - 0.1) / 0.0905),
    Noise("discrete: coin", _coin(0.5)),
    Noise("discrete: rare event, 2 %", _coin(0.02)),
)


def mirrored(noise: Noise) -> Noise:
    """The same noise with its sign changed."""
    return Noise(f"−({noise.name})", lambda rng, shape: -noise.draw(rng, shape), noise.usable)
