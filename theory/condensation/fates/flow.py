"""The flow of a small neuron, w' = a ∇H(w), a' = H(w): where it ends, and by when.

By homogeneity the direction u = w/|w| and the ratio s = a/|w| obey equations of their own,
du/dτ = s P∇H(u), ds/dτ = H(u)(1 − p s²), d ln|w|/dτ = p s H(u), so the final orientation, flips of
the output sign, deaths and the growth |w|/|w₀| at which a neuron has arrived follow from the
initial (u, s) alone. Here the pair (w, a) itself is integrated and rescaled after every step, which
is the same flow without the poles at w = 0 and a = 0. Source: our derivation.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.orientations.plane import Orientation
from theory.condensation.orientations.sphere import FLAT
from theory.condensation.orientations.within_sector import EVERY, has_sectors, is_pushed, remains

STEP = 0.1  # largest relative change of |w| and of (w, a) in one Runge–Kutta step
RIDGE_STEP = 0.02  # the same for kinked forms of order 1, an Euler step as in training
STEPS = 3000
GROWTH = 1e4  # |w|/|w₀| at which a neuron has ended
SHRUNK = 1e-3  # |w|/|w₀| below which it counts as dead for p ≥ 2, as in training
RESIDUAL = 2.0  # degrees: an angle error that counts as arrived


@dataclass(frozen=True)
class Starts:
    """Initial weights in units of their standard deviation ε."""

    w: Float[np.ndarray, "n dimension"]
    a: Float[np.ndarray, " n"]


@dataclass(frozen=True)
class Flowed:
    """Where neurons are when the flow ends.

    Attributes:
        u: directions of w.
        sign: sign of the output weight.
        log_growth: ln |w|/|w₀|.
        alive: has neither shrunk away nor stopped in a cone where H vanishes.
        finished: has grown by the factor asked for, or is dead.
        arrived: ln |w|/|w₀| when it came within `RESIDUAL` of the target nearest to it at the end,
            not to leave it again; infinite if it has not, or without targets.
    """

    u: Float[np.ndarray, "n dimension"]
    sign: Int[np.ndarray, " n"]
    log_growth: Float[np.ndarray, " n"]
    alive: Bool[np.ndarray, " n"]
    finished: Bool[np.ndarray, " n"]
    arrived: Float[np.ndarray, " n"]


def gaussian_starts(rng: np.random.Generator, n: int, dimension: int) -> Starts:
    """n neurons with all weights N(0, ε²), in units of ε."""
    both = rng.standard_normal((n, dimension + 1))
    return Starts(both[:, :-1], both[:, -1])


def flow(
    form: HomogeneousForm,
    starts: Starts,
    growth: float = GROWTH,
    targets: tuple[Orientation, ...] = (),
) -> Flowed:
    """Integrate until |w| has grown by a factor, or shrunk to `SHRUNK`."""
    return _Flow(form, starts, np.log(growth), targets).run()


class Arrivals:
    """When each neuron came within `RESIDUAL` of each target, not to leave it again."""

    def __init__(self, neurons: int, targets: tuple[Orientation, ...], dimension: int) -> None:
        self.directions = np.array([o.direction for o in targets]).reshape(-1, dimension)
        self.signs = np.array([o.sign for o in targets], dtype=int)
        self.entered = np.full((neurons, len(targets)), np.inf)

    def cosines(
        self, u: Float[np.ndarray, "n dimension"], a: Float[np.ndarray, " n"]
    ) -> Float[np.ndarray, "n targets"]:
        """Cosine of the angle to each target, −1 where the output sign is another."""
        same = np.where(a > 0, 1, -1)[:, None] == self.signs
        return np.where(same, u @ self.directions.T, -1.0)

    def record(
        self,
        which: Int[np.ndarray, " n"],
        u: Float[np.ndarray, "n dimension"],
        a: Float[np.ndarray, " n"],
        size: Float[np.ndarray, " n"],
    ) -> None:
        """Neurons ``which`` have directions u and output weights a at this size of |w|."""
        inside = self.cosines(u, a) > np.cos(np.radians(RESIDUAL))
        before = self.entered[which]
        first = np.where(np.isinf(before), size[:, None], before)
        self.entered[which] = np.where(inside, first, np.inf)

    def at_nearest(
        self, u: Float[np.ndarray, "n dimension"], a: Float[np.ndarray, " n"]
    ) -> Float[np.ndarray, " n"]:
        """Size at the arrival at the target that is nearest to the final direction."""
        if len(self.signs) == 0:
            return np.full(len(u), np.inf)
        return self.entered[np.arange(len(u)), np.argmax(self.cosines(u, a), axis=1)]


class _Flow:
    """One call of `flow`; ended neurons are taken out of the working arrays."""

    def __init__(
        self,
        form: HomogeneousForm,
        starts: Starts,
        goal: float,
        targets: tuple[Orientation, ...],
    ) -> None:
        n = len(starts.a)
        self.form, self.goal = form, goal
        # across a ridge the force jumps, where a higher order gains nothing
        self.advance = _euler if has_sectors(form) else _runge_kutta
        self.arrivals = Arrivals(n, targets, form.dimension)
        self.x = np.column_stack([starts.w, starts.a])  # (w, a), rescaled to unit length
        self.start_norm = np.log(np.linalg.norm(starts.w, axis=1))
        self.log_scale = np.log(np.linalg.norm(self.x, axis=1))
        self.x /= np.linalg.norm(self.x, axis=1, keepdims=True)
        self.alive, self.finished = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)

    def run(self) -> Flowed:
        left = np.arange(len(self.x))
        for step in range(STEPS):
            left = self._record(left)
            if step % EVERY == 0 and has_sectors(self.form):
                left = self._ahead(left)
            if len(left) == 0:
                break
            x = self.advance(self.form, self.x[left])
            norm = np.linalg.norm(x, axis=1)
            self.x[left] = x / norm[:, None]
            self.log_scale[left] += np.log(norm)
        w, a = self.x[:, :-1], self.x[:, -1]
        norm = np.linalg.norm(w, axis=1)
        u, sign = w / norm[:, None], np.where(a > 0, 1, -1)
        growth = np.log(norm) + self.log_scale - self.start_norm
        arrived = self.arrivals.at_nearest(u, a)
        return Flowed(u, sign, growth, self.alive, self.finished, arrived)

    def _record(self, left: Int[np.ndarray, " n"]) -> Int[np.ndarray, " still"]:
        """Note who has arrived or ended; returns who goes on."""
        w, a = self.x[left, :-1], self.x[left, -1]
        norm = np.linalg.norm(w, axis=1)
        grown = np.log(norm) + self.log_scale[left] - self.start_norm[left]
        u = w / norm[:, None]
        self.arrivals.record(left, u, a, grown)
        still = np.linalg.norm(self.form.gradient(u), axis=1) <= FLAT * self.form.scale
        # for p = 1 the speed of w is that of a: it passes 0 and grows on the other side
        dead = still | ((grown < np.log(SHRUNK)) & (self.form.order > 1))
        self.alive[left[dead]] = False
        ended = dead | (grown >= self.goal)
        self.finished[left[ended]] = True
        return left[~ended]

    def _ahead(self, left: Int[np.ndarray, " n"]) -> Int[np.ndarray, " still"]:
        """Put neurons that remain in one sector where they end; returns who goes on.

        With g = ∇H constant and a·H > 0 the part of w across g stays, that along ±g grows, and
        a² − |w|² stays.
        """
        w, a = self.x[left, :-1], self.x[left, -1]
        g = self.form.gradient(w)
        size = np.linalg.norm(g, axis=1, keepdims=True)
        end = np.where(a > 0, 1.0, -1.0)[:, None] * g / np.where(size > 0, size, 1.0)
        along = np.einsum("nd,nd->n", end, w)  # of the sign of a·H
        done = is_pushed(self.form, g) & (along > 0) & remains(self.form, w, end)
        if not done.any():
            return left
        which, w, a, end, along = left[done], w[done], a[done], end[done], along[done]
        across = w - along[:, None] * end
        aside = np.linalg.norm(across, axis=1)
        zero = self.start_norm[which] - self.log_scale[which]  # ln|w₀| in units of x
        with np.errstate(divide="ignore"):  # a neuron that is there has arrived before
            near = np.log(aside / np.sin(np.radians(RESIDUAL))) - zero
        length = np.exp(self.goal + zero)
        final = across + np.sqrt(length**2 - aside**2)[:, None] * end
        output = np.sign(a) * np.sqrt(a**2 + length**2 - (w**2).sum(1))
        self.arrivals.record(which, final / length[:, None], output, near)
        both = np.column_stack([final, output])
        norm = np.linalg.norm(both, axis=1)
        self.x[which] = both / norm[:, None]
        self.log_scale[which] += np.log(norm)
        self.finished[which] = True
        return left[~done]


def _velocity(
    form: HomogeneousForm, x: Float[np.ndarray, "n weights"]
) -> Float[np.ndarray, "n weights"]:
    w, a = x[:, :-1], x[:, -1:]
    gradient = form.gradient(w)
    height = np.einsum("nd,nd->n", gradient, w) / form.order  # Euler: w·∇H = pH
    return np.concatenate([a * gradient, height[:, None]], axis=1)


def _runge_kutta(
    form: HomogeneousForm, x: Float[np.ndarray, "n weights"]
) -> Float[np.ndarray, "n weights"]:
    first = _velocity(form, x)
    time = STEP * _clock(x, first)
    second = _velocity(form, x + time / 2 * first)
    third = _velocity(form, x + time / 2 * second)
    fourth = _velocity(form, x + time * third)
    return x + time / 6 * (first + 2 * second + 2 * third + fourth)


def _euler(
    form: HomogeneousForm, x: Float[np.ndarray, "n weights"]
) -> Float[np.ndarray, "n weights"]:
    velocity = _velocity(form, x)
    return x + RIDGE_STEP * _clock(x, velocity) * velocity


def _clock(
    x: Float[np.ndarray, "n weights"], velocity: Float[np.ndarray, "n weights"]
) -> Float[np.ndarray, "n 1"]:
    """Time in which w or the pair (w, a), of unit length, changes by its own size."""
    by_w = np.linalg.norm(velocity[:, :-1], axis=1) / np.linalg.norm(x[:, :-1], axis=1)
    speed = np.maximum(by_w, np.abs(velocity[:, -1]))
    return 1 / np.maximum(speed, np.finfo(float).tiny)[:, None]
