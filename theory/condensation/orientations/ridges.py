"""Maxima of a leading form of order 1 with a kink (ReLU, leaky ReLU, |x|) on the unit sphere.

sign·H is linear in each sector between the hyperplanes u·x̃ᵢ = 0. Hyperplanes where it bends down
(sign·yᵢ·(c₊ + c₋) < 0) are ridges that attract the flow, so a maximum may lie on up to D − 1 of
them. Ascent by small steps shows which; inside their intersection K the maximum is P_K g/|P_K g|.
It is one exactly when the radial remainder is balanced by slopes λᵢ strictly inside the jump
(−c₋, c₊) of each active kink: then 0 is interior to the superdifferential across K, and along K
sign·H is linear and positive. Source: our derivation.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float, Int

from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.orientations.sphere import FLAT, Ends
from theory.condensation.orientations.within_sector import EVERY, is_pushed, remains

Point = Float[np.ndarray, " dimension"]

LONG, SHORT = 0.03, 1e-4  # radians: first and last steps
TRAVEL, SETTLE = 200, 300  # steps of full length, and of shrinking ones
ROUNDS = 3  # ascents before a start is given up
GROUP = 0.01  # radians: ends so close are polished together
FAILURES = 20  # ends without a maximum after which, with a tenth of all, the rest is left alone
TOLERANCES = (5e-4, 2e-3, 1e-2, 5e-2)  # |u·x̃|/|x̃| at which a ridge may be active
INSIDE = 1e-9  # share of the jump by which a slope must stay off its ends


def climb_ridges(
    form: HomogeneousForm,
    start: Float[np.ndarray, "starts dimension"],
    sign: Int[np.ndarray, " starts"],
) -> Ends:
    """Follow the steepest ascent of sign·H from unit vectors to its maxima on the sphere."""
    u = start / np.linalg.norm(start, axis=1, keepdims=True)
    verified = np.zeros(len(u), dtype=bool)
    dead = np.zeros(len(u), dtype=bool)
    for _ in range(ROUNDS):
        left = np.flatnonzero(~verified & ~dead)
        if len(left) == 0:
            break
        u[left] = _ascended(form, u[left], sign[left])
        dead[left] = np.linalg.norm(form.gradient(u[left]), axis=1) <= FLAT * form.scale
        left = left[~dead[left]]
        u[left], verified[left] = polish_groups(
            u[left], sign[left], lambda v, s: _polish(form, v, s)
        )
    return Ends(u, sign * form.value(u), verified, np.zeros(len(u), dtype=bool), dead)


def concave(form: HomogeneousForm, sign: int) -> Bool[np.ndarray, " samples"]:
    """Kinks at which sign·H bends down."""
    return sign * form.y * (form.right + form.left) < 0


def polish_groups(
    u: Float[np.ndarray, "n dimension"],
    sign: Int[np.ndarray, " n"],
    polish: Callable[[Point, int], Point | None],
) -> tuple[Float[np.ndarray, "n dimension"], Bool[np.ndarray, " n"]]:
    """Polish one end of each group and give the result to all its members.

    Args:
        u: ends of ascents.
        sign: sign of the form that each climbed.
        polish: (end, sign) -> the exact maximum near it, or None.

    Returns:
        The maxima where there is one, else the ends as they were; whether there is one.
    """
    u, done = u.copy(), np.zeros(len(u), dtype=bool)
    left = np.ones(len(u), dtype=bool)
    failures = 0
    for i in range(len(u)):
        if not left[i] or failures > FAILURES + len(u) // 10:
            continue
        members = left & (sign == sign[i]) & (np.linalg.norm(u - u[i], axis=1) < GROUP)
        found = polish(u[i], int(sign[i]))
        if found is None:
            members = np.arange(len(u)) == i  # the next member may be closer to the maximum
            failures += 1
        else:
            u[members], done[members] = found, True
        left &= ~members
    return u, done


def _ascended(
    form: HomogeneousForm, u: Float[np.ndarray, "n dimension"], sign: Int[np.ndarray, " n"]
) -> Float[np.ndarray, "n dimension"]:
    lengths = np.concatenate([np.full(TRAVEL, LONG), np.geomspace(LONG, SHORT, SETTLE)])
    u, left = u.copy(), np.arange(len(u))
    for step, length in enumerate(lengths):
        if step % EVERY == 0:
            left = _moving(form, u, sign, left)
            if len(left) == 0:
                break
        at = u[left]
        force = sign[left, None] * form.gradient(at)
        force -= np.einsum("nd,nd->n", force, at)[:, None] * at
        size = np.linalg.norm(force, axis=1, keepdims=True)
        at += length * force / np.where(size > 0, size, 1.0)
        u[left] = at / np.linalg.norm(at, axis=1, keepdims=True)
    return u


def _moving(
    form: HomogeneousForm,
    u: Float[np.ndarray, "n dimension"],
    sign: Int[np.ndarray, " n"],
    left: Int[np.ndarray, " m"],
) -> Int[np.ndarray, " k"]:
    """Who still has to ascend: the others are put where they end, or nothing moves them."""
    force = sign[left, None] * form.gradient(u[left])
    pushed = is_pushed(form, force)
    left, end = left[pushed], force[pushed]
    end /= np.linalg.norm(end, axis=1, keepdims=True)
    done = remains(form, u[left], end)
    u[left[done]] = end[done]
    return left[~done]


def _polish(
    form: HomogeneousForm, u: Float[np.ndarray, " dimension"], sign: int
) -> Float[np.ndarray, " dimension"] | None:
    distance = np.abs(form.x @ u) / np.linalg.norm(form.x, axis=1)
    order = np.argsort(np.where(concave(form, sign), distance, np.inf), kind="stable")
    tried = set()
    for tolerance in TOLERANCES:
        near = int(np.sum(distance[order][: form.dimension - 1] < tolerance))
        active = tuple(order[:near].tolist())
        while active not in tried:
            tried.add(active)
            at = _inside(form, u, sign, list(active))
            if at is None:
                break
            slopes = _slopes(form, at, sign, list(active))
            if slopes is None:
                break
            middle, half = (form.right - form.left) / 2, abs(form.right + form.left) / 2
            excess = np.abs(slopes - middle) - half * (1 - INSIDE)
            if np.all(excess < 0):
                return at if np.linalg.norm(at - u) < 10 * max(tolerance, GROUP) else None
            active = tuple(np.delete(active, int(np.argmax(excess))).tolist())
    return None


def _rest(
    form: HomogeneousForm, u: Float[np.ndarray, " dimension"], sign: int, active: list[int]
) -> Float[np.ndarray, " dimension"]:
    """Gradient of sign·H without the active kinks' samples."""
    slope = np.where(form.x @ u > 0, form.right, -form.left)
    slope[active] = 0.0
    return sign * (slope * form.y) @ form.x / len(form.y)


def _inside(
    form: HomogeneousForm, u: Float[np.ndarray, " dimension"], sign: int, active: list[int]
) -> Float[np.ndarray, " dimension"] | None:
    """The fixed point of u → P_K g(u)/|P_K g(u)| in the intersection K of active kinks."""
    kinks = form.x[active]
    if np.linalg.matrix_rank(kinks) < len(active):
        return None
    normal = np.linalg.qr(kinks.T)[0] if active else np.zeros((form.dimension, 0))
    for _ in range(30):
        g = _rest(form, u, sign, active)
        new = g - normal @ (normal.T @ g)
        if len(active) == form.dimension - 1:  # K is a line: only its direction is free
            new = u - normal @ (normal.T @ u)
        size = np.linalg.norm(new)
        if size <= FLAT * form.scale:
            return None
        new = new / size
        new -= normal @ (normal.T @ new)
        if np.linalg.norm(new - u) < 1e-13:
            return new
        u = new
    return None


def _slopes(
    form: HomogeneousForm, u: Float[np.ndarray, " dimension"], sign: int, active: list[int]
) -> Float[np.ndarray, " active"] | None:
    """Slopes of the active kinks that leave no force along the sphere, if there are any."""
    g = _rest(form, u, sign, active)
    force = g - (g @ u) * u
    columns = sign * form.y[active] * form.x[active].T / len(form.y)
    slopes = np.linalg.lstsq(columns, -force, rcond=None)[0]
    left = np.linalg.norm(force + columns @ slopes)
    return slopes if left <= 1e-9 * form.scale else None
