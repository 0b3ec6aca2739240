"""Neurons that Adam's flow has not brought to an orientation when a run ends.

A neuron that starts between two basins first grows along the edge between them, until the force on
one of its weights changes sign; from then on it trails by an angle that fades as 1/|w|. Such
neurons trail together, so that few of them look like a cluster, see
`sim.condensation.clustering.chance_of_cluster`. Source: our derivation.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from theory.condensation.fates.adam_flow import adam_flow
from theory.condensation.fates.flow import gaussian_starts
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.orientations.plane import Orientation

STARTS = 1000


@dataclass(frozen=True)
class Stragglers:
    """Neurons that are at no orientation.

    Attributes:
        share: of all neurons.
        u: directions of w of those of the flow.
        sign: of their output weights.
    """

    share: float
    u: Float[np.ndarray, "n 2"]
    sign: Int[np.ndarray, " n"]


def stragglers(
    form: HomogeneousForm,
    orientations: tuple[Orientation, ...],
    radius: float,
    degrees: float,
) -> Stragglers:
    """Those that live and are farther from every orientation of their sign than some degrees.

    Args:
        form: for one input and a bias.
        orientations: all of it on the square.
        radius: median |w|/ε at the end of the run; longer runs than
            `theory.condensation.fates.adam_flow.STEPS` are looked at there.
        degrees: the gap that separates clusters.
    """
    start = gaussian_starts(np.random.default_rng(0), STARTS, form.dimension)
    end = adam_flow(form, start, radius)
    late = end.alive & ~at_orientations(end.u, end.sign, orientations, degrees)
    return Stragglers(float(np.mean(late)), end.u[late], end.sign[late])


def at_orientations(
    u: Float[np.ndarray, "n 2"],
    sign: Int[np.ndarray, " n"],
    orientations: tuple[Orientation, ...],
    degrees: float,
) -> Bool[np.ndarray, " n"]:
    """Whether neurons are this close to an orientation of their sign."""
    directions = np.array([one.direction for one in orientations])
    signs = np.array([one.sign for one in orientations])
    cosines = np.where(sign[:, None] == signs, u @ directions.T, -1.0)
    return np.asarray(cosines.max(axis=1) > math.cos(math.radians(degrees)))
