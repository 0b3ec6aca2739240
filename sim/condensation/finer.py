"""Runs that are finer than the piloted ones, for data on which those cannot tell the orientations.

Smaller initial weights let neurons turn for longer, shorter relative steps follow stiff
orientations, narrower gaps separate close ones, and a smaller output at the end leaves weak forces
their say. Which run is taken is decided before training, from the leading form. Source: our
derivation, see `theory.condensation.convergence`.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

from sim.condensation.methods import Method
from theory.condensation.convergence import SEPARATION
from theory.condensation.protocol import Fineness

STARTS = (1.0, 1e-5, 1e-15)  # of gradient descent: 10 to 34 more powers of e of growth
SMALLEST = 1e-140  # of |w|^p at the start: squares of gradients must be above 1e-308
STEPS = tuple(2.0**-k for k in range(8))
GAPS = (1.0, 1 / 2, 1 / 4, 1 / 8, 1 / 16)
UNDER_ADAM = tuple(4.0**-k for k in range(5))  # of the learning rate and of the output at the end
TURNING = 3.0  # powers of e more that the run takes while neurons turn
NANOSECONDS = 4.0  # of one core for a pre-activation and step, in machine code


def gap_for(apart: float) -> float | None:
    """The widest gap, in units of the usual one, for orientations so many degrees apart."""
    return next((gap for gap in GAPS if SEPARATION * gap <= apart), None)


def finer_runs(optimizer: str, gap: float, step: float) -> Iterator[Fineness]:
    """From the piloted settings on, each run longer than the one before.

    Args:
        optimizer: "gd" or "adam".
        gap: see `gap_for`.
        step: the longest step that follows all orientations, in units of the usual one.
    """
    if optimizer == "adam":
        yield from (Fineness(start=rate, gap=gap, loud=rate) for rate in UNDER_ADAM if rate <= gap)
        return
    shortened = [rung for rung in STEPS if rung <= step] or [STEPS[-1]]
    for start in STARTS:
        yield Fineness(start, shortened[0], gap, loud=gap)


def finer(method: Method, fine: Fineness, order: int) -> Method:
    """A method whose amplitude is that of the finer run, with all else that makes it finer."""
    if fine == Fineness():
        return method
    epsilon = method.epsilon * fine.start
    if method.optimizer == "adam":
        return replace(
            method,
            epsilon=epsilon,
            step=method.step * fine.start,
            moment_ratio=method.moment_ratio * fine.loud,
            steps=round(method.steps / fine.start),
            adam_eps=method.adam_eps * fine.start**order,
        )
    epsilon = max(epsilon, SMALLEST ** (1 / order))
    return replace(
        method,
        epsilon=epsilon,
        step=method.step * fine.step,
        moment_ratio=method.moment_ratio * fine.loud,
        steps=round(4 * method.steps / fine.step),
    )


def seconds(method: Method, samples: int, growth: float) -> float:
    """Seconds of one core for a network: an estimate that depends on no clock.

    Args:
        growth: the largest |w|/ε at the end of the run; under Adam it is the number of steps.
    """
    steps = growth if method.optimizer == "adam" else (math.log(growth) + TURNING) / method.step
    return 1e-9 * NANOSECONDS * method.neurons * samples * min(steps, method.steps)
