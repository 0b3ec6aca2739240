"""Adam on the leading form: sign-like steps from small weights, with its momentum.

While f is negligible a neuron sees the forces a ∇H(w) and H(w), whose common scale Adam divides
out. With learning rate ε (that of the initial weights) the run is the same for every ε, so it is
repeated here in units of ε. Source: Kingma and Ba (2015), Algorithm 1, applied to our form.
"""

import numpy as np

from theory.condensation.fates.flow import Arrivals, Flowed, Starts
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.orientations.plane import Orientation

BETAS = (0.9, 0.999)  # Adam's usual ones, torch's defaults
RADIUS = 500.0  # median |w|/ε at which the run ends
STEPS = 5000
TYPICAL = 0.3  # share of the median |w| below which a neuron counts as dead, as in training


def adam_flow(
    form: HomogeneousForm,
    starts: Starts,
    radius: float = RADIUS,
    targets: tuple[Orientation, ...] = (),
    rate: float = 1.0,
) -> Flowed:
    """Run until the median |w|/ε reaches a radius.

    Args:
        rate: learning rate in units of ε.
    """
    x = np.column_stack([starts.w, starts.a])
    start_norm = np.linalg.norm(starts.w, axis=1)
    mean, square = np.zeros_like(x), np.zeros_like(x)
    arrivals = Arrivals(len(x), targets, form.dimension)
    everyone = np.arange(len(x))
    norm = start_norm
    for step in range(1, STEPS + 1):
        w, a = x[:, :-1], x[:, -1:]
        gradient = form.gradient(w)
        height = np.einsum("nd,nd->n", gradient, w) / form.order
        force = np.concatenate([a * gradient, height[:, None]], axis=1)
        mean = BETAS[0] * mean + (1 - BETAS[0]) * force
        square = BETAS[1] * square + (1 - BETAS[1]) * force * force
        size = np.sqrt(square / (1 - BETAS[1] ** step))
        ready = size > 0  # a force that was zero all the time, in a cone without data
        move = np.where(ready, mean / (1 - BETAS[0] ** step) / np.where(ready, size, 1.0), 0.0)
        x = x + rate * move
        norm = np.linalg.norm(x[:, :-1], axis=1)
        u = x[:, :-1] / norm[:, None]
        arrivals.record(everyone, u, x[:, -1], np.log(norm / start_norm))
        if np.median(norm) >= radius:
            break
    u = x[:, :-1] / norm[:, None]
    return Flowed(
        u,
        np.where(x[:, -1] > 0, 1, -1),
        np.log(norm / start_norm),
        norm > TYPICAL * np.median(norm),
        np.full(len(x), bool(np.median(norm) >= radius)),
        arrivals.at_nearest(u, x[:, -1]),
    )
