"""Which share of all neurons ends at each orientation, flips of the output sign included.

Source: our derivation; the flows are those of `theory.condensation.fates.flow`,
`theory.condensation.fates.quadratic_flow` and `theory.condensation.fates.adam_flow`.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from theory.condensation.fates.adam_flow import RADIUS, adam_flow
from theory.condensation.fates.flow import GROWTH, Arrivals, Flowed, Starts, flow, gaussian_starts
from theory.condensation.fates.quadratic_flow import quadratic_flow
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.orientations.plane import Orientation

CAPTURED = 10.0  # degrees: a neuron that ends this close belongs to an orientation
STARTS = 2000
MANY_DIMENSIONS = 100  # beyond which the flow of order 1 is followed in its plane


@dataclass(frozen=True)
class Shares:
    """How many of all neurons end where, estimated from random starts.

    Attributes:
        at: share at each orientation, in their order.
        dead: share that shrinks away or never moves.
        elsewhere: share that does not end within `CAPTURED` of any orientation.
        target: orientation of each start, −1 for none.
        arrived: |w|/ε of each start when it came within `RESIDUAL` of it for good.
    """

    at: tuple[float, ...]
    dead: float
    elsewhere: float
    target: Int[np.ndarray, " n"]
    arrived: Float[np.ndarray, " n"]

    def arrived_share(self, radius: Float[np.ndarray, " targets"]) -> Float[np.ndarray, " targets"]:
        """Of the neurons of each orientation, the share that has arrived at |w|/ε = radius."""
        counts = [
            (np.sum(self.arrived[self.target == k] <= r), np.sum(self.target == k))
            for k, r in enumerate(radius)
        ]
        return np.array([part / whole if whole else 0.0 for part, whole in counts])


def shares(
    form: HomogeneousForm,
    orientations: tuple[Orientation, ...],
    rng: np.random.Generator,
    starts: int = STARTS,
    growth: float = GROWTH,
) -> Shares:
    """Shares of all neurons under gradient flow from N(0, ε²), flips of the sign included."""
    begin = gaussian_starts(rng, starts, form.dimension)
    if form.order == 1 and form.smooth and form.dimension > MANY_DIMENSIONS:
        form, begin, orientations = _in_the_plane(form, begin, orientations)
    solved = form.order == 2 and form.smooth
    end = (quadratic_flow if solved else flow)(form, begin, growth, orientations)
    radius = np.exp(np.minimum(end.arrived, 600.0)) * np.linalg.norm(begin.w, axis=1)
    return _tally(end, radius, orientations)


def _in_the_plane(
    form: HomogeneousForm, begin: Starts, orientations: tuple[Orientation, ...]
) -> tuple[HomogeneousForm, Starts, tuple[Orientation, ...]]:
    """The same flow where H(u) = v·u: along v and across it, where nothing acts."""
    v = form.gradient(form.x[0])
    size = float(np.linalg.norm(v))
    along = begin.w @ (v / size)
    across = np.linalg.norm(begin.w - along[:, None] * (v / size), axis=1)
    plane = HomogeneousForm(np.array([[size, 0.0]]), np.ones(1), 1, 1.0, -1.0)
    shown = [float(np.array(at.direction) @ v) / size for at in orientations]
    turned = tuple(
        replace(at, direction=(cosine, math.sqrt(max(0.0, 1 - cosine**2))))
        for at, cosine in zip(orientations, shown, strict=True)
    )
    return plane, Starts(np.column_stack([along, across]), begin.a), turned


def shares_under_adam(
    form: HomogeneousForm,
    orientations: tuple[Orientation, ...],
    rng: np.random.Generator,
    starts: int = STARTS,
    radius: float = RADIUS,
) -> Shares:
    """The same for Adam with learning rate ε, when the median |w|/ε has reached a radius."""
    begin = gaussian_starts(rng, starts, form.dimension)
    end = adam_flow(form, begin, radius, orientations)
    arrived = np.exp(np.minimum(end.arrived, 600.0)) * np.linalg.norm(begin.w, axis=1)
    return _tally(end, arrived, orientations)


def _tally(
    end: Flowed, arrived: Float[np.ndarray, " n"], orientations: tuple[Orientation, ...]
) -> Shares:
    """Count final directions by the orientation that they are close to."""
    target = np.full(len(arrived), -1)
    if orientations:
        cosines = Arrivals(0, orientations, end.u.shape[1]).cosines(end.u, end.sign * 1.0)
        close = cosines.max(axis=1) > np.cos(np.radians(CAPTURED))
        target = np.where(end.alive & close, cosines.argmax(axis=1), -1)
    return Shares(
        tuple(float(np.mean(target == k)) for k in range(len(orientations))),
        dead=float(np.mean(~end.alive)),
        elsewhere=float(np.mean(end.alive & (target < 0))),
        target=target,
        arrived=arrived,
    )
