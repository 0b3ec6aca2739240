"""Adam on the leading form: sign-like steps from small weights, with its momentum.

While f is negligible a neuron sees the forces a ∇H(w) and H(w), whose common scale Adam divides
out. With learning rate ε (that of the initial weights) the run is the same for every ε, so it is
repeated here in units of ε. Source: Kingma and Ba (2015), Algorithm 1, applied to our form.
"""

import math

import numpy as np
from jaxtyping import Float, Int

from theory.condensation.fates.flow import RESIDUAL, Arrivals, Flowed, Starts
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
    x = np.vstack([starts.w.T, starts.a])  # a row a weight: numpy is slow with short rows
    mean, square = np.zeros_like(x), np.zeros_like(x)
    start_norm = np.linalg.norm(starts.w, axis=1)
    path: list[tuple[np.ndarray, np.ndarray]] = []  # of targets alone
    for step in range(1, STEPS + 1):
        force = _force(form, x)
        mean += (1 - BETAS[0]) * (force - mean)
        square += (1 - BETAS[1]) * (force * force - square)
        # a force that was zero all the time, in a cone without data, moves nothing
        size = np.sqrt(np.maximum(square, np.finfo(float).tiny))
        scale = rate * math.sqrt(1 - BETAS[1] ** step) / (1 - BETAS[0] ** step)
        x = x + scale * mean / size
        norm = np.sqrt(np.add.reduce(x[:-1] * x[:-1]))
        if targets:
            path.append((x, norm))
        # most steps are told without a median, which takes as long as all the rest
        if 2 * np.count_nonzero(norm >= radius) >= len(norm) and np.median(norm) >= radius:
            break
    u, sign = (x[:-1] / norm).T, np.where(x[-1] > 0, 1, -1)
    return Flowed(
        u,
        sign,
        np.log(norm / start_norm),
        norm > TYPICAL * np.median(norm),
        np.full(len(norm), bool(np.median(norm) >= radius)),
        _arrived(path, u, sign, start_norm, targets),
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


def _arrived(
    path: list[tuple[np.ndarray, np.ndarray]],
    u: Float[np.ndarray, "n dimension"],
    sign: Int[np.ndarray, " n"],
    start_norm: Float[np.ndarray, " n"],
    targets: tuple[Orientation, ...],
) -> Float[np.ndarray, " n"]:
    """ln |w|/|w₀| when each came within `RESIDUAL` of the target nearest to it at the end."""
    if not targets:
        return np.full(len(u), np.inf)
    nearest = Arrivals(0, targets, u.shape[1]).cosines(u, sign * 1.0).argmax(axis=1)
    direction = np.array([one.direction for one in targets])[nearest].T
    positive = np.array([one.sign for one in targets])[nearest] > 0
    inside = np.array([
        (np.add.reduce(x[:-1] * direction) > np.cos(np.radians(RESIDUAL)) * norm)
        & ((x[-1] > 0) == positive)
        for x, norm in path
    ])  # fmt: skip
    outside_last = len(inside) - 1 - np.argmin(inside[::-1], axis=0)  # the last step outside
    first = np.where(inside.all(axis=0), 0, outside_last + 1)
    there = first < len(path)
    norms = np.array([norm for _, norm in path])[
        np.minimum(first, len(path) - 1), np.arange(len(u))
    ]
    return np.where(there, np.log(norms / start_norm), np.inf)
