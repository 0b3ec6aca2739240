"""Which share of the neurons Adam has not yet brought to their orientation, for one input.

On the square every passage of a kink takes a growth of its own, so that how late neurons are is
read off the flow of Adam itself. Source: our derivation.
"""

import functools
import math

import numpy as np
from jaxtyping import Bool, Float

from theory.condensation.fates.adam_flow import adam_flow
from theory.condensation.fates.flow import Flowed, Starts, gaussian_starts
from theory.condensation.fates.stragglers import at_orientations
from theory.condensation.forms.homogeneous import Content, HomogeneousForm
from theory.condensation.orientations.plane import Orientation

STARTS = 300
NEARBY = 10.0  # degrees from an orientation within which a neuron is at it
ALL = math.inf  # radius: as many steps as the flow takes


def late_under_adam(
    form: HomogeneousForm, orientations: tuple[Orientation, ...], radius: float, near: float
) -> float:
    """Share of the living neurons that are not at an orientation when |w|/ε reaches a radius.

    Neurons that no sample activates are not counted: they neither move nor add to the output.

    Args:
        form: of any order.
        orientations: all of it on the cube.
        radius: |w|/ε at the end of the run.
        near: what counts as being there, in units of `theory.condensation.fates.flow.RESIDUAL`;
            the angle fades as 1/|w|.
    """
    living, arrived = _arrivals(form, orientations)
    if not living.any():
        return 0.0
    return float(np.mean(~(arrived <= radius * near)[living]))


def beside_under_adam(form: HomogeneousForm, orientations: tuple[Orientation, ...]) -> float:
    """Share of the living neurons that no run brings to an orientation, in all steps of the flow.

    At a kink Adam's steps are not the signs of the forces alone: a weight whose force jumps there
    is slower, as its mean is less than its root mean square, and a neuron may follow the kink
    beside an orientation.
    """
    living, arrived = _arrivals(form, orientations)
    return float(np.mean(~np.isfinite(arrived[living]))) if living.any() else 0.0


def _arrivals(
    form: HomogeneousForm, orientations: tuple[Orientation, ...]
) -> tuple[Bool[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Who lives, and |w|/ε when each came to its orientation; infinite where it never does."""
    start, end = _flowed(Content(form), orientations)
    living = end.alive & (np.linalg.norm(form.gradient(end.u), axis=1) > 0)
    arrived = np.exp(np.minimum(end.arrived, 600.0)) * np.linalg.norm(start.w, axis=1)
    there = at_orientations(end.u, end.sign, orientations, NEARBY)
    never = np.isinf(end.arrived) | ~there
    return living, np.where(never, np.inf, arrived)


@functools.lru_cache(maxsize=16)
def _flowed(content: Content, orientations: tuple[Orientation, ...]) -> tuple[Starts, Flowed]:
    """Starts and where Adam's flow brings them."""
    start = gaussian_starts(np.random.default_rng(0), STARTS, content.form.dimension)
    return start, adam_flow(content.form, start, ALL, orientations)
