"""What of a run decides how far it converges, and how much finer than usual it is."""

import math
from dataclasses import dataclass

from theory.condensation.forms.leading_form import Geometry


@dataclass(frozen=True)
class Offset:
    """σ(0) and the mean of y: where σ(0) ≠ 0, Σ aⱼ becomes mean(y)/σ(0) before all else.

    The m output weights then have the size mean(y)/(m σ(0)) each, all with its sign.
    """

    value_at_zero: float
    mean: float

    @property
    def total(self) -> float:
        """Σ aⱼ once the mean is fitted."""
        return self.mean / self.value_at_zero


@dataclass(frozen=True)
class Fineness:
    """Settings of a run in units of the piloted ones of `sim.condensation.methods`: 1 or smaller.

    Attributes:
        start: initial weights, under Adam the learning rate too: how long a run is.
        step: the relative step of gradient descent.
        gap: the gap between clusters, with the separation that orientations must have, the
            residual angle that is allowed and the margin.
        loud: the output at the end against the target, and the square of the amplitude; with it
            what the output and the next order of the activation do to a force.
    """

    start: float = 1.0
    step: float = 1.0
    gap: float = 1.0
    loud: float = 1.0


@dataclass(frozen=True)
class Protocol:
    """What of a run decides how far it converges.

    Attributes:
        geometry: ℓ2 for gradient descent, ℓ∞ for Adam.
        epsilon: standard deviation of all initial weights.
        neurons: neurons per data set.
        moment_ratio, amplitude: the stop rule, see `sim.networks.ensemble.Stop`.
        coupled: whether the neurons share one output.
        offset: where σ(0) ≠ 0, what the output weights fit first; None where σ(0) = 0 and they
            grow together with the input weights.
        time: of gradient flow at which a run gives up; it matters where steps may not grow,
            which is where σ(0) ≠ 0.
        fine: how much finer than the piloted settings the run is.
    """

    geometry: Geometry
    epsilon: float
    neurons: int
    moment_ratio: float
    amplitude: float
    coupled: bool
    offset: Offset | None = None
    time: float = math.inf
    fine: Fineness = Fineness()
