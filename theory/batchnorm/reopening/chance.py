"""How many inactive filters come back without a shift: rare inputs, with decay as the clock.

Without data gradient (γ, β) shrinks along a ray: r = β/|γ| stays, γ → qγ, q = 1 − ηλ. As γ shrinks
a rare input does more (`theory.batchnorm.reopening.inputs`). Let U_t(r, y) be the chance that a
filter at r < −τ, y = ln(γB/η) is active after one of the next t steps, κ = −ln q, and n the number
of inputs of a batch above −r. One step is linear in U:

    U_{t+1}(r, y) = V(r, y − κ),
    V(r, y) = P(n = 0) U_t(r, y) + Σ_n P(n) E[U_t(r', y')],  y' = y + ln|1 − ux|,
    r' = (r − u)/|1 − ux|,  u = √n δ e^(−y),  U = 1 where r' > −τ,  U_0 = 0.

Solved on Chebyshev nodes in r and a cubic grid in y, from t = 0, without any free constant. Source:
our derivation.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import special

from theory.batchnorm.moments import gauss_legendre
from theory.batchnorm.reopening.grid import Grid, Rows, chebyshev
from theory.batchnorm.reopening.inputs import Inputs, above

RATIOS = 24  # Chebyshev nodes; finer grids change a chance by less than 0.002, shares by 0.0005
LOG_STEP = 0.4
LOWEST = -4.0  # of y: below, any kick brings the filter back, but for one in some thousands
HIGHEST_SCALE = 4.0  # of γ
NOISES = 20  # nodes in δ
LARGEST_NOISE = 6.0
NEVER = 1e-3  # expected inputs in all steps below which nothing is taken to come
DOUBLINGS = 4  # of the step, whose matrix is squared

Units = Float[np.ndarray, " units"]


@dataclass(frozen=True)
class Reopening:
    """U after all steps; on ``grid`` None where the gate is exactly shut: nothing comes back."""

    grid: Grid | None
    chances: Float[np.ndarray, "ratios logs"]
    unit: float  # η/B

    def __call__(self, ratios: Units, scales: Units) -> Units:
        """The chance that a filter from r₀ = ``ratios`` < −τ, γ₀ = ``scales`` comes back."""
        if self.grid is None:
            return np.zeros(len(ratios))
        r, y = self.grid.at_ratio(ratios), self.grid.at_log(np.log(scales / self.unit))
        found = np.einsum("ui,ij,uj->u", r, self.chances, y)
        return np.where(ratios < self.grid.ratios[0], 0.0, np.clip(found, 0.0, 1.0))


@functools.cache
def reopening(
    inputs: Inputs, *, rate: float, decay: float, threshold: float, steps: int
) -> Reopening:
    """The law for gradient descent at η = ``rate`` with λ = ``decay`` over so many steps.

    Raises:
        ValueError: ηλ is not in [0, 1).
    """
    if not 0 <= rate * decay < 1:
        raise ValueError(f"ηλ = {rate * decay:g} is not in [0, 1)")
    unit = rate / inputs.batch
    lowest = _farthest(inputs, threshold, steps)
    if lowest <= threshold:
        return Reopening(None, np.zeros((0, 0)), unit)
    logs = np.arange(LOWEST, math.log(HIGHEST_SCALE / unit) + LOG_STEP, LOG_STEP)
    grid = Grid(chebyshev(-lowest, -threshold, RATIOS), logs)
    matrix, source = _step(inputs, grid, -math.log1p(-rate * decay))
    return Reopening(grid, _iterated(matrix, source, steps).reshape(RATIOS, -1), unit)


def _farthest(inputs: Inputs, threshold: float, steps: int) -> float:
    """−r beyond which at most `NEVER` inputs are expected in all steps, or none can be."""
    levels = np.linspace(threshold, min(inputs.largest, threshold + 20), 4000)
    expected = inputs.batch * steps * inputs.tail(levels)
    few = np.flatnonzero(expected < NEVER)
    return float(levels[few[0]] if len(few) else levels[-1])


def _iterated(
    matrix: Float[np.ndarray, "states states"], source: Float[np.ndarray, " states"], steps: int
) -> Float[np.ndarray, " states"]:
    """U after so many steps U ← matrix U + source from 0."""
    chances = np.zeros_like(source)
    for _ in range(steps % 2**DOUBLINGS):
        chances = matrix @ chances + source
    for _ in range(DOUBLINGS):
        source, matrix = source + matrix @ source, matrix @ matrix
    for _ in range(steps // 2**DOUBLINGS):
        chances = matrix @ chances + source
    return chances


# -- one step ---------------------------------------------------------------------------------


def _step(
    inputs: Inputs, grid: Grid, shrink: float
) -> tuple[Float[np.ndarray, "states states"], Float[np.ndarray, " states"]]:
    """Matrix and source of a step; states in the order of (ratio, log)."""
    levels, logs = -grid.ratios, len(grid.logs)
    two = inputs.pairs(levels)
    one = inputs.batch * inputs.tail(levels) - 2 * two
    matrix = np.einsum("i,ik,jl->ijkl", 1 - one - two, np.eye(RATIOS), np.eye(logs))
    source = np.zeros((RATIOS, logs))
    for i in range(RATIOS):
        for chance, count in ((one[i], 1), (two[i], 2)):
            kept, active = _kicked(inputs, grid, levels[i], count)
            matrix[i] += chance * kept
            source[i] += chance * active
    shift = grid.at_log(grid.logs - shrink)
    matrix = np.einsum("jm,imkl->ijkl", shift, matrix).reshape(source.size, source.size)
    return matrix, (source @ shift.T).ravel()


def _kicked(
    inputs: Inputs, grid: Grid, level: float, count: int
) -> tuple[Float[np.ndarray, "logs ratios logs"], Float[np.ndarray, " logs"]]:
    """Where so many inputs above the level bring a filter at r = −level, and how often back."""
    x, mass = above(inputs, np.array(level))
    mass = mass / max(mass.sum(), np.finfo(float).tiny)
    tau, far, a = -grid.ratios[-1], -grid.ratios[0], level
    size = math.sqrt(count) * np.exp(-grid.logs)[:, None]  # of u
    low, high = -(a - tau) / (1 + tau * x) / size, (a + tau) / (tau * x - 1) / size
    active = (special.ndtr(low) + special.ndtr(-high)) @ mass
    # between these the filter is so far below that it never returns; γ changes sign there
    inner = (far - a) / (1 + far * x) / size, (far + a) / (far * x - 1) / size
    kept = np.zeros((len(grid.logs), RATIOS, len(grid.logs)))
    for start, end in ((low, inner[0]), (inner[1], high)):
        noise, weight = _noises(start, end)
        factor = 1 - noise * (size * x)[..., None]
        log = grid.logs[:, None, None] + np.log(np.abs(factor))
        ratio = (-a - noise * size[..., None]) / np.abs(factor)
        weight = weight * mass[:, None]
        rows = (grid.at_ratio(ratio) * weight[..., None]).reshape(len(log), -1, RATIOS)
        columns = grid.at_log(log).reshape(len(log), -1, len(grid.logs))
        kept += rows.transpose(0, 2, 1) @ columns
    return kept, active


def _noises(
    start: Float[np.ndarray, "*shape"], end: Float[np.ndarray, "*shape"]
) -> tuple[Rows, Rows]:
    """Nodes and weights of δ ~ N(0, 1) between two numbers."""
    node, weight = gauss_legendre(NOISES)
    start = np.maximum(start, -LARGEST_NOISE)[..., None]
    half = np.maximum(np.minimum(end, LARGEST_NOISE)[..., None] - start, 0.0) / 2
    noise = start + half * (1 + node)
    return noise, half * weight * np.exp(-(noise**2) / 2) / math.sqrt(2 * math.pi)
