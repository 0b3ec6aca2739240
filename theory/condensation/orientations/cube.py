"""Where Adam's sign-like steps end: local maxima of sign·H on the surface of the ℓ∞ cube.

With w' = sign(a)·sign(∇H(w)) the point w/|w|_∞ climbs H on the cube and stops where pinned
coordinates (±1) are pushed outward and free ones feel no force: a smooth maximum of the face, or,
for kinked forms of order 1, a crossing of as many ridges as there are free coordinates.
Source: our derivation.
"""

import functools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.orientations.ridges import concave, polish_groups
from theory.condensation.orientations.sphere import FLAT, Ends
from theory.condensation.orientations.within_sector import (
    EVERY,
    has_sectors,
    is_pushed,
    remains,
)

LONG, SHORT = 0.03, 1e-5  # first and last steps, in units of the largest coordinate
TRAVEL, SETTLE = 250, 300  # steps of full length, and of shrinking ones
ROUNDS = 3  # of shrinking steps before a start is given up
MEMORY = 0.9  # of the mean force along ridges
TOLERANCES = (3e-4, 3e-3, 3e-2)  # 1 − |u_k| below which a coordinate may be pinned
NEAR = 10.0  # distance of the exact maximum, in units of that tolerance
CRITICAL = 1e-10  # force on a free coordinate against the largest force
SUSPECTS = 20  # ends examined for a degenerate edge, which attracts many
OUTWARD = 1e-7  # force on a pinned coordinate, or bend of a free one, that is no rounding


def climb_cube(
    form: HomogeneousForm,
    start: Float[np.ndarray, "starts dimension"],
    sign: Int[np.ndarray, " starts"],
) -> Ends:
    """Follow sign steps from any start to maxima of sign·H on the cube; `Ends.u` has |u|_∞ = 1."""
    u, there = _traveled(form, _on_cube(start), sign)
    verified, flat = np.zeros(len(u), dtype=bool), np.zeros(len(u), dtype=bool)
    u[there], verified[there] = polish_groups(
        u[there], sign[there], lambda v, s: _polish(form, v, s, False)
    )
    for _ in range(ROUNDS):
        # where sign·H is not positive all is pushed inward: that neuron shrinks
        left = np.flatnonzero(~verified & (sign * form.value(u) > FLAT * form.scale))
        if len(left) == 0:
            break
        u[left] = _settled(form, u[left], sign[left])
        u[left], verified[left] = polish_groups(
            u[left], sign[left], lambda v, s: _polish(form, v, s, False)
        )
    left = np.flatnonzero(~verified & (sign * form.value(u) > FLAT * form.scale))[:SUSPECTS]
    if len(left):
        u[left], flat[left] = polish_groups(
            u[left], sign[left], lambda v, s: _polish(form, v, s, True)
        )
    dead = np.linalg.norm(form.gradient(u), axis=1) <= FLAT * form.scale
    return Ends(u, sign * form.value(u), verified, flat, dead)


def _traveled(
    form: HomogeneousForm, u: Float[np.ndarray, "n dimension"], sign: Int[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, "n dimension"], Bool[np.ndarray, " n"]]:
    """Points after steps of full length, and which are at the corner where they stay for good."""
    there = np.zeros(len(u), dtype=bool)
    if not has_sectors(form):
        for _ in range(TRAVEL):
            u = _on_cube(u + LONG * np.sign(sign[:, None] * form.gradient(u)))
        return u, there
    u, left = u.copy(), np.arange(len(u))
    for step in range(TRAVEL):
        force = sign[left, None] * form.gradient(u[left])
        if step % EVERY == 0:
            end = np.sign(force)
            done = (end != 0).all(1) & remains(form, u[left], end)
            u[left[done]], there[left[done]] = end[done], True
            going = ~done & is_pushed(form, force)
            left, force = left[going], force[going]
        if len(left) == 0:
            break
        u[left] = _on_cube(u[left] + LONG * np.sign(force))
    return u, there


def _on_cube(u: Float[np.ndarray, "n dimension"]) -> Float[np.ndarray, "n dimension"]:
    """u/|u|_∞, column by column: numpy takes long over many short rows."""
    return u / functools.reduce(np.maximum, np.abs(u).T)[:, None]


def _settled(
    form: HomogeneousForm, u: Float[np.ndarray, "n dimension"], sign: Int[np.ndarray, " n"]
) -> Float[np.ndarray, "n dimension"]:
    mean = np.zeros_like(u)
    for length in np.geomspace(LONG, SHORT, SETTLE):
        force = sign[:, None] * form.gradient(u)
        if has_sectors(form):
            # signs alone stall on a ridge whose sides push all free coordinates back and forth;
            # Adam's averages do not, and follow the mean force as these steps do
            force[(np.abs(u) == 1) & (force * u > 0)] = 0.0
            mean = MEMORY * mean + (1 - MEMORY) * force
            largest = np.abs(mean).max(1, keepdims=True)
            u = np.clip(u + length * mean / np.where(largest > 0, largest, 1.0), -1.0, 1.0)
        else:
            u = u + length * np.sign(force)
        u = _on_cube(u)
    return u


@dataclass(frozen=True)
class Corner:
    """A point of the cube split into pinned coordinates (its face) and free ones.

    Attributes:
        u: the point, |u|_∞ = 1.
        force: gradient of sign·H, at kinks the one that leaves the free coordinates at rest.
        free: which coordinates are inside (−1, 1).
    """

    u: Float[np.ndarray, " dimension"]
    force: Float[np.ndarray, " dimension"]
    free: Bool[np.ndarray, " dimension"]

    @property
    def push(self) -> float:
        """Smallest outward force on a pinned coordinate as a share of the mean force."""
        mean = float(np.mean(np.abs(self.force)))
        return float(np.min((self.force * np.sign(self.u))[~self.free]) / mean) if mean else 0.0


def corner(
    form: HomogeneousForm, u: Float[np.ndarray, " dimension"], sign: int, tolerance: float = 1e-9
) -> Corner | None:
    """Forces at a point of the cube's surface; None where the free ones cannot be at rest."""
    free = np.abs(u) < 1 - tolerance
    force = sign * form.gradient(u)
    if not free.any() or not has_sectors(form):
        return Corner(u, force, free)
    distance = np.abs(form.x @ u) / np.linalg.norm(form.x, axis=1)
    active = np.flatnonzero(concave(form, sign) & (distance < 1e-9))
    slope = np.where(form.x @ u > 0, form.right, -form.left)
    slope[active] = 0.0
    rest = sign * (slope * form.y) @ form.x / len(form.y)
    columns = sign * form.y[active] * form.x[active].T / len(form.y)
    if len(active) != free.sum() or np.linalg.matrix_rank(columns[free]) < len(active):
        return None
    slopes = np.linalg.solve(columns[free], -rest[free])
    middle, half = (form.right - form.left) / 2, abs(form.right + form.left) / 2
    if np.any(np.abs(slopes - middle) >= half * (1 - 1e-9)):
        return None
    return Corner(u, rest + columns @ slopes, free)


def _polish(
    form: HomogeneousForm, u: Float[np.ndarray, " dimension"], sign: int, flat: bool
) -> Float[np.ndarray, " dimension"] | None:
    """The strict maximum near u, or, if ``flat``, one that is not strict."""
    for tolerance in TOLERANCES:
        at = np.where(np.abs(u) > 1 - tolerance, np.sign(u), u)
        free = np.abs(at) < 1
        if not has_sectors(form):
            at = _newton(form, at, free, NEAR * tolerance)
        elif not flat:
            at = _crossing(form, at, sign, free)
        if at is None or np.any(np.abs(at[free]) >= 1) or np.abs(at - u).max() > NEAR * tolerance:
            continue
        if _is_maximum(form, at, sign, flat):
            return at
    return None


def _newton(
    form: HomogeneousForm,
    u: Float[np.ndarray, " dimension"],
    free: Bool[np.ndarray, " dimension"],
    reach: float,
) -> Float[np.ndarray, " dimension"] | None:
    """Zero force on the free coordinates by Newton's method; None if it leaves a reach of u."""
    if form.order == 1 or not free.any():
        return u
    start, u = u, u.copy()
    for _ in range(20):
        bend = form.hessian(u)[np.ix_(free, free)]
        move = np.linalg.lstsq(bend, -form.gradient(u)[free], rcond=1e-9)[0]
        u[free] += np.clip(move, -0.1, 0.1)
        if np.abs(u - start).max() > reach:
            return None
        if np.abs(move).max() < 1e-14:
            break
    return u


def _crossing(
    form: HomogeneousForm,
    u: Float[np.ndarray, " dimension"],
    sign: int,
    free: Bool[np.ndarray, " dimension"],
) -> Float[np.ndarray, " dimension"] | None:
    """Where the nearest ridges, one for each free coordinate, cross on this face."""
    distance = np.abs(form.x @ u) / np.linalg.norm(form.x, axis=1)
    distance = np.where(concave(form, sign), distance, np.inf)
    active = np.argsort(distance, kind="stable")[: int(free.sum())]
    kinks = form.x[active]
    if not np.isfinite(distance[active]).all():
        return None
    if len(active) and np.linalg.matrix_rank(kinks[:, free]) < len(active):
        return None
    u = u.copy()
    if len(active):
        u[free] = np.linalg.solve(kinks[:, free], -kinks[:, ~free] @ u[~free])
    return u


def _is_maximum(
    form: HomogeneousForm, u: Float[np.ndarray, " dimension"], sign: int, flat: bool
) -> bool:
    point = corner(form, u, sign)
    if flat and point is None:  # no ridges hold the free coordinates, so no force must
        point = Corner(u, sign * form.gradient(u), np.abs(u) < 1)
    if point is None or point.free.all():
        return False
    largest = float(np.max(np.abs(point.force)))
    if largest == 0.0:
        return False  # σ is 0 on all data here: nothing grows
    if np.abs(point.force[point.free]).max(initial=0.0) > CRITICAL * largest:
        return False
    top = -np.inf
    if point.free.any() and not has_sectors(form):
        bend = sign * form.hessian(u)[np.ix_(point.free, point.free)]
        top = float(np.linalg.eigvalsh(bend)[-1]) / largest
    if flat:
        return point.push >= -OUTWARD and top <= OUTWARD
    return point.push > OUTWARD and top < -OUTWARD
