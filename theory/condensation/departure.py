"""How long condensed neurons stay: what the network's own output does to their direction.

For multiplicity 1 the force on a neuron is that of the residual, g = v − C W, with v the mean of
y x̃, C that of x̃ x̃ᵀ and W = Σ aⱼ wⱼ, so that f(x) = W·x̃. It turns neurons away from v as f
grows. The size of f is measured as neurons feel it: μ = |C W| / |v|, the moments of f against
those of y, which no |f| / |y| exceeds. Source: our derivation; the first stage is that of
arXiv:2105.11686.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.integrate import odeint

WITHIN = 5.0  # degrees
# μ until which neurons are within 5°: θ ≤ μ/3 to first order, which is 5° at μ = 0.26; the exact
# flow has at most 4.6° at μ = 1/4 where the condition number of C is at most 10
QUIET = 0.25
LARGEST_CONDITION = 10.0
SMALLEST_SINE = 0.1  # of the angle between v and C v: below it the law predicts hardly a turn
# μ at which the law of first order is judged: the exact flow is within 7 % of it there
LAW_LEVELS = (0.005, 0.01, 0.02, 0.05)
LEVELS = (*LAW_LEVELS, *(round(0.05 * k, 2) for k in range(2, 17)))
LAST = 0.7  # μ up to which neurons must be predicted to leave where that is judged
EARLY = 1e-4  # μ at which the exact flow starts, on the line of the law
DURATION = 15.0  # of the exact flow, in units of 1/|v|
POINTS = 400


@dataclass(frozen=True)
class Pull:
    """What the data do to neurons of multiplicity 1, for inputs with the bias column.

    Attributes:
        v: mean of y x̃.
        c: mean of x̃ x̃ᵀ.
    """

    v: Float[np.ndarray, " dimension"]
    c: Float[np.ndarray, "dimension dimension"]

    @functools.cached_property
    def direction(self) -> Float[np.ndarray, " dimension"]:
        """Where neurons condense, up to the sign of a."""
        return self.v / np.linalg.norm(self.v)

    @functools.cached_property
    def sine(self) -> float:
        """sin β, β the angle between v and C v."""
        turned = self.c @ self.direction
        across = turned - (turned @ self.direction) * self.direction
        return float(np.linalg.norm(across) / np.linalg.norm(turned))

    @property
    def known(self) -> bool:
        """Whether the law tells how these data turn neurons."""
        condition = float(np.linalg.cond(self.c))
        return condition <= LARGEST_CONDITION and self.sine >= SMALLEST_SINE

    def law(self, mu: float | Float[np.ndarray, " levels"]) -> Float[np.ndarray, "*levels"]:
        """Angle to v in degrees to first order in μ."""
        return np.degrees(self.sine / 3 * np.asarray(mu))

    def flow(self, levels: tuple[float, ...] = LEVELS) -> Float[np.ndarray, " levels"]:
        """Angle to v in degrees at each μ by the exact flow of one neuron; NaN where not reached.

        Condensed neurons are multiples αⱼ of one of them, (ω, a), and Σ αⱼ² only sets the scale.
        """
        scale = float(np.linalg.norm(self.c @ self.direction))
        c = self.c / scale  # units in which |v| = |C v| / |v| = 1
        across = c @ self.direction - (c @ self.direction @ self.direction) * self.direction
        start = self.direction - EARLY / 3 * across
        start *= math.sqrt(EARLY) / np.linalg.norm(start)

        def slope(state: Float[np.ndarray, " n"], time: float) -> Float[np.ndarray, " n"]:
            w, a = state[:-1], state[-1]
            force = self.direction - a * (c @ w)
            return np.append(a * force, force @ w)

        times = np.linspace(0, DURATION, POINTS)
        path = odeint(slope, np.append(start, math.sqrt(EARLY)), times, rtol=1e-8, atol=1e-12)
        w, a = path[:, :-1], path[:, -1]
        mu = np.linalg.norm(w @ c, axis=1) * np.abs(a)
        return at_levels(mu, angles(w, self.direction), levels)

    def leaves_by_the_law(self) -> float:
        """μ at which the law of first order, prolonged, passes 5°."""
        return math.radians(WITHIN) * 3 / self.sine


def pull_of(x: Float[np.ndarray, "samples dimension"], y: Float[np.ndarray, " samples"]) -> Pull:
    """Of inputs with the bias column."""
    return Pull(y @ x / len(y), x.T @ x / len(y))


def angles(
    w: Float[np.ndarray, "*sets n dimension"], direction: Float[np.ndarray, "*sets dimension"]
) -> Float[np.ndarray, "*sets n"]:
    """Angle in degrees between vectors and the line of a unit vector, exact for small ones."""
    along = np.einsum("...nd,...d->...n", w, direction)
    across = w - along[..., None] * direction[..., None, :]
    return np.degrees(np.arctan2(np.linalg.norm(across, axis=-1), np.abs(along)))


def at_levels(
    mu: Float[np.ndarray, " points"],
    angle: Float[np.ndarray, " points"],
    levels: tuple[float, ...] = LEVELS,
) -> Float[np.ndarray, " levels"]:
    """Angle where μ first passes each level along a run; NaN where it does not."""
    largest = np.maximum.accumulate(mu)
    first = np.concatenate([[True], np.diff(largest) > 0])
    return np.interp(levels, largest[first], angle[first], right=math.nan)


def passed(
    angle: Float[np.ndarray, " levels"],
    limit: float = WITHIN,
    levels: tuple[float, ...] = LEVELS,
) -> float:
    """The last μ up to which the angle is within a limit, interpolated; NaN if it stays within."""
    beyond = np.flatnonzero(~(angle <= limit))
    if not len(beyond) or math.isnan(angle[beyond[0]]):
        return math.nan
    k = int(beyond[0])
    if k == 0:
        return levels[0]
    share = (limit - angle[k - 1]) / (angle[k] - angle[k - 1])
    return float(levels[k - 1] + share * (levels[k] - levels[k - 1]))
