"""Predicted orientations for any number of inputs, smooth or kinked activations, both geometries.

Exact where linear algebra has the answer (p = 1 and p = 2 smooth under ℓ2); elsewhere maxima of
sign·H are searched from many random starts along the flow and verified one by one. What such a
search may have missed is estimated from what it found only once (Good 1953). Source: our
derivation; the number of critical lines is bounded by Cartwright and Sturmfels (2013).
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from theory.condensation.forms.homogeneous import HomogeneousForm, enough_starts
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.cube import climb_cube
from theory.condensation.orientations.plane import DegenerateError, Orientation, linear_orientations
from theory.condensation.orientations.ridges import climb_ridges
from theory.condensation.orientations.sphere import DEGENERATE, FLAT, Ends, climb, curvatures

STARTS = 1000
MOST = 10**8  # numbers in all second derivatives of one step: some GB, and about a minute
WIDEST = 3000  # dimensions of one matrix whose eigenvalues are found in seconds
SAME = 1e-5  # distance between unit vectors that are one maximum found twice


class TooManyInputsError(ArithmeticError):
    """The search for orientations would not end in time or memory."""


@dataclass(frozen=True)
class Search:
    """Orientations and how complete the search for them was.

    Attributes:
        orientations: those found, each verified, highest first.
        starts: random (direction, output sign) pairs; 0 where the answer is exact.
        missed: estimated share of starts that belong to maxima not found (Good–Turing: those
            found once), 0 where the answer is exact.
        unverified: share of starts that end where sign·H > 0 but at no verified maximum.
        fading: share of starts that end where sign·H ≤ 0 and shrink for ever.
        dead: share of starts in a cone where H vanishes and nothing moves.
    """

    orientations: tuple[Orientation, ...]
    starts: int = 0
    missed: float = 0.0
    unverified: float = 0.0
    fading: float = 0.0
    dead: float = 0.0


def critical_orientations(
    form: HomogeneousForm, geometry: Geometry, seed: int = 0, starts: int | None = None
) -> tuple[Orientation, ...]:
    """All predicted orientations, highest first; empty if no direction grows.

    Shares are estimated from the starts, which depend on the seed; directions do not. There are
    `STARTS` unless another number is given, and fewer where there are many samples.

    Raises:
        TooManyInputsError: if the dimension is too high for its matrices.
        DegenerateError: if H vanishes or a whole curve of directions is equally good.
        ArithmeticError: if there are more critical lines than a polynomial can have.
    """
    return search(form, geometry, seed, starts).orientations


def search(
    form: HomogeneousForm, geometry: Geometry, seed: int = 0, starts: int | None = None
) -> Search:
    """`critical_orientations` together with how complete they are; the same errors."""
    starts = starts or enough_starts(form, STARTS)
    _check_dimension(form, geometry, starts)
    rng = np.random.default_rng(seed)
    u = rng.standard_normal((starts, form.dimension))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    if np.max(np.abs(form.value(u)), initial=0.0) <= FLAT * form.scale:
        raise DegenerateError("the leading form vanishes on these data")
    if form.smooth and form.order == 1:
        return Search(linear_orientations(form.x, form.y, form.right, geometry))
    if form.smooth and form.order == 2 and form.dimension > 1 and geometry is Geometry.L2:
        return Search(_eigenvectors(form, u))
    result = _searched(form, geometry, u)
    if form.smooth and geometry is Geometry.L2:
        limit = complex_lines(form.order, form.dimension)
        lines = len(result.orientations) // 2
        if lines > limit:
            raise ArithmeticError(f"{lines} critical lines where at most {limit} are possible")
    return result


def _check_dimension(form: HomogeneousForm, geometry: Geometry, starts: int) -> None:
    """Refuse what needs second derivatives in too many dimensions; order 1 has none."""
    if form.order == 1:
        return
    one = geometry is Geometry.LINF or (form.smooth and form.order == 2)
    most = WIDEST if one else math.isqrt(MOST // starts)
    if form.dimension > most:
        raise TooManyInputsError(
            f"{form.dimension} weights of a neuron are too many to search the orientations of "
            f"order {form.order}: at most {most} are accepted, bias included"
        )


def complex_lines(order: int, dimension: int) -> int:
    """Number of complex Z-eigenvectors of a generic symmetric tensor, each a line.

    ((p − 1)^D − 1)/(p − 2), D for p = 2 (Cartwright and Sturmfels 2013, Theorem 1.2), so no
    leading form has more isolated critical lines under gradient flow.
    """
    if order == 2:
        return dimension
    return ((order - 1) ** dimension - 1) // (order - 2)


def _eigenvectors(
    form: HomogeneousForm, u: Float[np.ndarray, "starts dimension"]
) -> tuple[Orientation, ...]:
    """p = 2: H(u) = u·M u, so the top eigenvector if positive, the bottom one if negative."""
    values, vectors = np.linalg.eigh(form.hessian(u[0]) / 2)
    grows = float(np.mean(form.value(u) > 0))
    found = []
    for sign, top, next_, column, direct in (
        (1, values[-1], values[-2], vectors[:, -1], grows),
        (-1, -values[0], -values[1], vectors[:, 0], 1 - grows),
    ):
        if top <= FLAT * form.scale:
            continue
        if top - next_ <= DEGENERATE * top:
            raise DegenerateError("two eigenvalues are equal: a whole circle is equally good")
        for side in (1, -1):
            direction = tuple(float(v) for v in side * column)
            found.append(
                Orientation(
                    direction,
                    sign,
                    height=float(top),
                    kappa=float(1 - next_ / top),
                    share=0.25,
                    direct_share=direct / 4,
                )
            )
    return tuple(sorted(found, key=lambda o: -o.height))


def _searched(
    form: HomogeneousForm, geometry: Geometry, u: Float[np.ndarray, "starts dimension"]
) -> Search:
    odd = form.smooth and form.order % 2 == 1  # H(−u) = −H(u): −u with the other sign is the same
    sign = np.ones(len(u), dtype=int)
    if not odd:
        u, sign = np.concatenate([u, u]), np.concatenate([sign, -sign])
    ends = _climb(form, geometry, u, sign)
    growing = ends.height > FLAT * form.scale
    if np.any(ends.flat & growing):
        raise DegenerateError("a whole curve of directions grows equally fast: none is preferred")
    at = ends.u / np.linalg.norm(ends.u, axis=1, keepdims=True)
    direct = sign * form.value(u) > 0
    mirrored = form.smooth
    found, single, members = [], 0, ends.verified & growing
    while members.any():
        first = int(np.argmax(members))
        same = members & (sign == sign[first]) & _close(at, at[first])
        if mirrored and not odd:  # H(−u) = H(u): both ends of a line are one find
            same |= members & (sign == sign[first]) & _close(at, -at[first])
        members &= ~same
        single += int(same.sum() == 1)
        shares = np.array([same.mean(), (same & direct).mean()]) / (2 if mirrored else 1)
        for side in (1, -1) if mirrored else (1,):
            to = int(sign[first] * (side if odd else 1))
            found.append(_orientation(form, geometry, side * at[first], to, shares))
    return Search(
        tuple(sorted(found, key=lambda o: -o.height)),
        starts=len(u),
        missed=single / len(u),
        unverified=float(np.mean(growing & ~ends.verified)),
        fading=float(np.mean(~growing & ~ends.dead)),
        dead=float(np.mean(ends.dead)),
    )


def _climb(
    form: HomogeneousForm,
    geometry: Geometry,
    u: Float[np.ndarray, "starts dimension"],
    sign: Int[np.ndarray, " starts"],
) -> Ends:
    if geometry is Geometry.LINF:
        return climb_cube(form, u, sign)
    if form.order == 1:
        return climb_ridges(form, u, sign)
    return climb(form, u, sign)


def _close(
    u: Float[np.ndarray, "n dimension"], to: Float[np.ndarray, " dimension"]
) -> Bool[np.ndarray, " n"]:
    return np.linalg.norm(u - to, axis=1) < SAME


def _orientation(
    form: HomogeneousForm,
    geometry: Geometry,
    u: Float[np.ndarray, " dimension"],
    sign: int,
    shares: Float[np.ndarray, " 2"],
) -> Orientation:
    height = sign * float(form.value(u))
    kappa = 1.0  # sign steps, and kinked forms of order 1, add to w: the start fades as 1/|w|
    if geometry is Geometry.L2 and form.order > 1:
        top = curvatures(form, u[None], np.array([sign]))[0][0, -1]
        kappa = -float(top) / (form.order * height)
    direction = tuple(float(v) for v in u)
    share, direct = (float(s) for s in shares)
    return Orientation(
        direction, sign, height=height, kappa=kappa, share=share, direct_share=direct
    )
