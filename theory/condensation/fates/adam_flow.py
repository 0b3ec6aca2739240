"""Adam on the leading form: sign-like steps from small weights, with its momentum.

While f is negligible a neuron sees the forces a ∇H(w) and H(w), whose common scale Adam divides
out. With learning rate ε (that of the initial weights) the run is the same for every ε, so it is
repeated here in units of ε. Source: Kingma and Ba (2015), Algorithm 1, applied to our form.
"""

import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float, Int

from theory.condensation.fates.flow import RESIDUAL, Arrivals, Flowed, Starts
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.orientations.plane import Orientation

BETAS = (0.9, 0.999)  # Adam's usual ones, torch's defaults
RADIUS = 500.0  # median |w|/ε at which the run ends
STEPS = 5000
KEPT = 500  # steps whose weights are kept at once
EVERY = 50  # steps between looks at who moves at all
REST = 1e-6  # steps in units of the learning rate that are none
TYPICAL = 0.3  # share of the median |w| below which a neuron counts as dead, as in training


def adam_flow(
    form: HomogeneousForm,
    starts: Starts,
    radius: float = RADIUS,
    targets: tuple[Orientation, ...] = (),
    rate: float = 1.0,
) -> Flowed:
    """Run until the median |w|/ε reaches a radius, or all that move have.

    Args:
        rate: learning rate in units of ε.
    """
    x = np.vstack([starts.w.T, starts.a])  # a row a weight: numpy is slow with short rows
    mean, square = np.zeros_like(x), np.zeros_like(x)
    start_norm = np.linalg.norm(starts.w, axis=1)
    passed = _Passed(targets, start_norm, form.dimension)
    for step in range(1, STEPS + 1):
        force = _force(form, x)
        mean += (1 - BETAS[0]) * (force - mean)
        square += (1 - BETAS[1]) * (force * force - square)
        # a force that was zero all the time, in a cone without data, moves nothing
        size = np.sqrt(np.maximum(square, np.finfo(float).tiny))
        scale = rate * math.sqrt(1 - BETAS[1] ** step) / (1 - BETAS[0] ** step)
        move = scale * mean / size
        x = x + move
        norm = np.sqrt(np.add.reduce(x[:-1] * x[:-1]))
        passed.keep(x, norm)
        # most steps are told without a median, which takes as long as all the rest
        if 2 * np.count_nonzero(norm >= radius) >= len(norm) and np.median(norm) >= radius:
            break
        # where most neurons are dead the median does not grow: all others have ended
        if step % EVERY == 0 and ((norm >= radius) | (np.abs(move) < REST).all(0)).all():
            break
    u, sign = (x[:-1] / norm).T, np.where(x[-1] > 0, 1, -1)
    return Flowed(
        u,
        sign,
        np.log(norm / start_norm),
        norm > TYPICAL * np.median(norm),
        np.full(len(norm), bool(np.median(norm) >= radius)),
        passed.arrived(u, sign),
    )


def _force(
    form: HomogeneousForm, x: Float[np.ndarray, "weights n"]
) -> Float[np.ndarray, "weights n"]:
    """(a ∇H(w), H(w))."""
    w, gradient = x[:-1], form.gradient(x[:-1].T).T
    force = np.empty_like(x)
    np.multiply(x[-1], gradient, out=force[:-1])
    np.divide(np.add.reduce(gradient * w), form.order, out=force[-1])  # Euler: w·∇H = pH
    return force


class _Passed:
    """What the weights were, as far as it tells when they came near their last target.

    Which one that is shows at the end only. Until then the last steps are kept as they were, and of
    those before when each neuron came near each target, not to leave it again.
    """

    def __init__(
        self, targets: tuple[Orientation, ...], start_norm: Float[np.ndarray, " n"], dimension: int
    ) -> None:
        self.start_norm = start_norm
        self.arrivals = Arrivals(len(start_norm), targets, dimension)
        self.steps: list[tuple[np.ndarray, np.ndarray]] = []  # (w, a) and |w|

    def keep(self, x: Float[np.ndarray, "weights n"], norm: Float[np.ndarray, " n"]) -> None:
        """The weights after one more step."""
        if len(self.steps) == KEPT:
            for k, (direction, sign) in enumerate(self._targets()):
                before = self.arrivals.entered[:, k]
                self.arrivals.entered[:, k] = self._since(
                    before, direction[:, None], bool(sign > 0)
                )
            self.steps.clear()
        if len(self.arrivals.signs):
            self.steps.append((x, norm))

    def arrived(
        self, u: Float[np.ndarray, "n dimension"], sign: Int[np.ndarray, " n"]
    ) -> Float[np.ndarray, " n"]:
        """ln |w|/|w₀| when each came within `RESIDUAL` of the target nearest to it at the end."""
        if not len(self.arrivals.signs):
            return np.full(len(u), np.inf)
        nearest = self.arrivals.cosines(u, sign * 1.0).argmax(axis=1)
        before = self.arrivals.entered[np.arange(len(u)), nearest]
        direction = self.arrivals.directions[nearest].T
        return self._since(before, direction, self.arrivals.signs[nearest] > 0)

    def _targets(self) -> Iterator[tuple[np.ndarray, int]]:
        return zip(self.arrivals.directions, self.arrivals.signs, strict=True)

    def _since(
        self,
        before: Float[np.ndarray, " n"],
        direction: Float[np.ndarray, "dimension m"],
        positive: Bool[np.ndarray, " n"] | bool,
    ) -> Float[np.ndarray, " n"]:
        """When each came near a target, given when it had before these steps; infinite if not."""
        near = np.cos(np.radians(RESIDUAL))
        outside = np.array(
            [
                (np.add.reduce(x[:-1] * direction) <= near * norm) | ((x[-1] > 0) != positive)
                for x, norm in self.steps
            ]
        )
        stayed = ~outside.any(axis=0)
        last = len(outside) - 1 - np.argmax(outside[::-1], axis=0)  # step outside, where any is
        first = np.where(stayed, 0, np.minimum(last + 1, len(outside) - 1))
        norms = np.array([norm for _, norm in self.steps])[first, np.arange(len(before))]
        since = np.where(
            stayed | (last < len(outside) - 1), np.log(norms / self.start_norm), np.inf
        )
        return np.where(stayed & np.isfinite(before), before, since)
