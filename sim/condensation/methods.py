"""How to train so that the theory's assumptions hold: settings for an activation and its data.

Free of torch, so that predictions can be made without it. Source: our derivation and pilots.

- A smooth activation of order 1 grows exponentially at one rate: a wide network condenses.
- Order p ≥ 2 grows by blow-up and kinked activations at rates of their own in every direction:
  in a wide network a few neurons would win and the others hardly move, so each neuron is a
  network with a clock of its own.
- Where σ(0) ≠ 0 the output weights fit the mean of y first, and the neurons share what is left.
- Under Adam all weights move at the same speed: a wide network condenses for every order.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from theory.condensation.forms.leading_form import Geometry
from theory.condensation.protocol import Offset, Protocol
from theory.symbolic.leading_part import LeadingPart

Optimizer = Literal["gd", "adam"]
TYPICAL_NORM = 2.0  # of (x, 1) where |x| ≤ 1.5: the settings below were piloted there
AMPLITUDE = 0.2  # max |w·x| at which the leading part still governs tanh within 2 %


@dataclass(frozen=True)
class Method:
    """Training settings, by the names of `sim.condensation.experiment.Condensation`."""

    optimizer: Optimizer
    wide: bool
    neurons: int
    epsilon: float
    step: float
    moment_ratio: float = 0.02
    amplitude: float = AMPLITUDE
    steps: int = 4000
    adam_eps: float = 1e-20

    @property
    def settings(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def geometry(self) -> Geometry:
        """The unit ball on whose boundary neurons climb under this optimizer."""
        return Geometry.LINF if self.optimizer == "adam" else Geometry.L2

    def longest_step(self, value_at_zero: float) -> float:
        """Time step at which fitting the mean is stable: its rate is m σ(0)², 0 for σ(0) = 0."""
        rate = (self.neurons if self.wide else 1) * value_at_zero**2
        return 0.9 / rate if rate else math.inf

    def protocol(self, offset: Offset | None = None) -> Protocol:
        """What of it decides how far a run converges; see
        `theory.condensation.convergence.Protocol`.
        """
        time = math.inf
        if offset is not None:
            time = self.steps * self.longest_step(offset.value_at_zero)
        return Protocol(
            self.geometry,
            self.epsilon,
            self.neurons,
            self.moment_ratio,
            self.amplitude,
            self.wide,
            offset,
            time,
        )


def method(
    optimizer: Optimizer,
    part: LeadingPart,
    *,
    centered: bool = False,
    neurons: int | None = None,
    norm: float = TYPICAL_NORM,
    amplitude: float = AMPLITUDE,
    size: float = 1.0,
    epsilon: float | None = None,
) -> Method:
    """Settings under which neurons condense before the theory's assumptions end.

    Args:
        part: the leading part of the activation.
        centered: σ(0) ≠ 0.
        neurons: per data set; a default for the method if None.
        norm: largest norm of an input with its bias; initial weights shrink with it.
        amplitude: max |w·x| at which a run stops.
        size: of the targets times the leading coefficient; first gradients are proportional to it.
        epsilon: standard deviation of the initial weights, and under Adam the learning rate too;
            None for one that suits the method and the data.
    """
    small = TYPICAL_NORM / norm * amplitude / AMPLITUDE
    if optimizer == "adam":
        # far below the gradients of small networks, about size · (epsilon · norm)^order: weights
        # of small inputs start larger, but their gradients are no larger
        least = min(1e-4 * min(small, amplitude / AMPLITUDE), epsilon or math.inf)
        own = min(1e-20, least**part.order * 1e-6) * min(size, 1.0)
        rate = epsilon or 1e-4 * small
        return Method("adam", True, neurons or 200, rate, rate, amplitude=amplitude, adam_eps=own)
    if centered:
        # few neurons: the time step is limited to 0.9/(m σ(0)²)
        start = epsilon or 1e-6 * small
        return Method("gd", True, neurons or 24, start, 0.04, 0.02, amplitude, 40_000)
    if part.order == 1 and part.smooth:
        start = epsilon or 1e-6 * small
        return Method("gd", True, neurons or 100, start, 0.04, amplitude=amplitude)
    # beside a steep kink a neuron of the wrong sign takes thousands of steps to shrink away
    steps = 4000 if part.smooth else 20_000
    start = epsilon or 1e-5 * small
    return Method("gd", False, neurons or 200, start, 0.02, amplitude=amplitude, steps=steps)
