"""Which data sets a run can resolve, for any number of inputs: decided before training.

As `theory.condensation.convergence` does for one input, but by the flow itself: predicted shares,
and whether neurons have arrived at the growth at which the run ends. Source: our derivation.
"""

import functools
import math
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from theory.condensation.convergence import (
    ARRIVED,
    EXPECTED_NEURONS,
    EXPECTED_UNDER_ADAM,
    STIFF,
)
from theory.condensation.fates.shares import STARTS, Shares, shares, shares_under_adam
from theory.condensation.forms.homogeneous import Content, HomogeneousForm, enough_starts
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.cube import corner
from theory.condensation.orientations.decomposable import decomposable_orientations, decomposition
from theory.condensation.orientations.plane import Orientation
from theory.condensation.orientations.quadratic import moment_matrix, stiffness_of_fading
from theory.condensation.orientations.sphere import curvatures
from theory.condensation.protocol import Protocol

SMALLEST_SHARE = 0.04  # of all neurons at an orientation: twice what counts as a cluster
SEPARATION = 25.0  # degrees: more than twice the reach of a cluster's leader
WEAK = 0.1  # share of the mean force below which the next order of the activation decides
INSIDE = 1e-9  # distance of a free coordinate from 1
SHIFT = 2.0  # degrees by which the next order may turn an orientation


def final_radius(form: HomogeneousForm, at: Orientation, protocol: Protocol) -> float:
    """Predicted |w|/ε of a neuron at one orientation when its network stops.

    The stop is where |moments of f| = ratio · |moments of y| or max |w·x̃| = amplitude, with
    |a| = |w|/√p by the conserved balance (gradient flow) or |a| = max |wᵢ| (Adam).
    """
    u = np.array(at.direction)
    per_output = form.moment_norm(form.lead(form.x @ u))
    balance = math.sqrt(form.order)
    if protocol.geometry is Geometry.LINF:
        balance = 1.0 / float(np.max(np.abs(u)))
    neurons = protocol.neurons if protocol.coupled else 1
    if form.order == 1:
        neurons /= 2  # half the initial amplitude is orthogonal to the growing direction
    reach = protocol.moment_ratio * form.target_norm * balance / (per_output * neurons)
    loudest = float(np.max(np.abs(form.x @ u)))
    radius = min(reach ** (1 / (form.order + 1)), protocol.amplitude / loudest)
    return radius / protocol.epsilon


def predicted_shares(
    form: HomogeneousForm,
    orientations: tuple[Orientation, ...],
    protocol: Protocol,
    seed: int = 0,
    starts: int | None = None,
) -> tuple[Shares, Float[np.ndarray, " orientations"]]:
    """Shares of all neurons at each orientation, and the |w|/ε at which the run ends there.

    Estimated from ``starts`` random ones, so with a standard error up to 0.5/√starts: 2,000, fewer
    where there are many samples. The last forms are remembered: several spellings of an
    activation share theirs.
    """
    starts = starts or enough_starts(form, STARTS)
    return _predicted_shares(Content(form), orientations, protocol, seed, starts)


@functools.lru_cache(maxsize=16)
def _predicted_shares(
    content: Content,
    orientations: tuple[Orientation, ...],
    protocol: Protocol,
    seed: int,
    starts: int,
) -> tuple[Shares, Float[np.ndarray, " orientations"]]:
    form = content.form
    rng = np.random.default_rng(seed)
    radius = np.array([final_radius(form, at, protocol) for at in orientations])
    if protocol.geometry is Geometry.LINF:  # one network: all end with the first that is loud
        reached = float(radius.min())
        found = shares_under_adam(form, orientations, rng, starts, reached)
        return found, np.full(len(radius), np.inf)  # what the flow has not reached is infinite
    return shares(form, orientations, rng, starts), radius


def unresolved_nd(
    form: HomogeneousForm,
    orientations: tuple[Orientation, ...],
    protocol: Protocol,
    next_order: HomogeneousForm | None = None,
    seed: int = 0,
    starts: int | None = None,
) -> str | None:
    """Why a run with this protocol could not tell these orientations; None if it can.

    Args:
        orientations: all of the form, from `theory.condensation.orientations.critical`.
        next_order: the form of the activation's next term, which turns the orientations at
            finite weights; None where it is known to be harmless.
    """
    if not orientations:
        return "no direction grows"
    if _closest(orientations) < SEPARATION:
        return f"two orientations of one sign closer than {SEPARATION:.0f}°"
    on_cube = protocol.geometry is Geometry.LINF
    if on_cube and min(_push(form, at) for at in orientations) < WEAK:
        return "a component of the force on an orientation nearly vanishes"
    if not on_cube and max(at.kappa for at in orientations) > STIFF:
        return f"an orientation turns more than {STIFF:.0f} times faster than it grows"
    quadratic = form.order == 2 and form.smooth and not on_cube
    if quadratic and stiffness_of_fading(moment_matrix(form)) > STIFF:
        return f"a dying neuron turns more than {STIFF:.0f} times faster than it shrinks"
    if next_order is not None:
        turned = max(next_order_shift(form, next_order, at, protocol) for at in orientations)
        if turned > SHIFT:
            return f"the next order turns an orientation by more than {SHIFT:.0f}°"
    found, radius = predicted_shares(form, orientations, protocol, seed, starts)
    return _too_few(found, radius, protocol)


def unresolved_decomposable(
    form: HomogeneousForm, protocol: Protocol, next_order: HomogeneousForm | None = None
) -> str | None:
    """`unresolved_nd` for gradient flow on a form c Σₖ (vₖ·u)³, the vₖ an orthonormal basis.

    A rotation of the start turns one basis into another and c is a unit of time, so shares and
    arrivals are those of the standard basis, which are found once for each dimension; by symmetry
    all orientations have the same share.

    Raises:
        ArithmeticError: if H is no such form.
    """
    orientations = decomposable_orientations(decomposition(form), form.right)
    if next_order is not None:
        turned = max(next_order_shift(form, next_order, at, protocol) for at in orientations)
        if turned > SHIFT:
            return f"the next order turns an orientation by more than {SHIFT:.0f}°"
    radius = np.array([final_radius(form, at, protocol) for at in orientations])
    return _too_few(_standard_shares(form.dimension), radius, protocol)


@functools.cache
def _standard_shares(dimension: int) -> Shares:
    """Shares for Σₖ uₖ³, the mean over its orientations in place of each."""
    cubes = HomogeneousForm(np.eye(dimension), np.full(dimension, float(dimension)), 3, 1.0, -1.0)
    orientations = decomposable_orientations(np.eye(dimension))
    found = shares(cubes, orientations, np.random.default_rng(0))
    return replace(found, at=(float(np.mean(found.at)),) * len(orientations))


def _too_few(
    found: Shares, radius: Float[np.ndarray, " orientations"], protocol: Protocol
) -> str | None:
    """Whether an orientation gets too few neurons, or too many are late."""
    on_cube = protocol.geometry is Geometry.LINF
    expected = EXPECTED_UNDER_ADAM if on_cube else EXPECTED_NEURONS
    if min(found.at) * protocol.neurons < expected:
        return f"fewer than {expected:.0f} neurons expected at an orientation"
    if min(found.at) < SMALLEST_SHARE:
        return f"less than {SMALLEST_SHARE:.0%} of the neurons expected at an orientation"
    late = 1 - found.dead - float(np.sum(found.arrived_share(radius) * np.array(found.at)))
    if late > (1 - ARRIVED) * (1 - found.dead):
        return f"more than {1 - ARRIVED:.0%} of the neurons are still on their way at the end"
    return None


def next_order_shift(
    form: HomogeneousForm, next_order: HomogeneousForm, at: Orientation, protocol: Protocol
) -> float:
    """Degrees by which the activation's next term turns an orientation at the end of a run.

    With H + N, N homogeneous of degree q, the maximum on the sphere of radius R moves by
    −A⁻¹ P∇N(u) R^(q−p), A the Riemannian Hessian of sign·H; on the cube the free coordinates
    move in the same way, and a corner stays. Kinked forms of order 1 are held by their ridges.
    """
    if form.order == 1 and not form.smooth:
        return 0.0
    u, on_cube = np.array(at.direction), protocol.geometry is Geometry.LINF
    radius = final_radius(form, at, protocol) * protocol.epsilon
    turning = at.sign * next_order.gradient(u) * radius ** (next_order.order - form.order)
    if on_cube:
        free = np.abs(u) < np.max(np.abs(u)) * (1 - INSIDE)
        if not free.any():
            return 0.0
        bend = at.sign * form.hessian(u)[np.ix_(free, free)]
        moved = np.zeros_like(u)
        moved[free] = -np.linalg.solve(bend, turning[free])
        return math.degrees(float(np.linalg.norm(moved - (moved @ u) * u)))
    if form.order == 1:  # A is −height times the identity of the tangent space
        across = turning - (turning @ u) * u
        return math.degrees(float(np.linalg.norm(across)) / at.height)
    values, vectors = curvatures(form, u[None], np.array([at.sign]))
    along = vectors[0, :, 1:].T @ turning
    return math.degrees(float(np.linalg.norm(along / values[0, 1:])))


def _closest(orientations: tuple[Orientation, ...]) -> float:
    """Smallest angle in degrees between two orientations of the same sign."""
    largest = -1.0
    for sign in (1, -1):
        directions = np.array([o.direction for o in orientations if o.sign == sign])
        if len(directions) > 1:
            cosines = directions @ directions.T - 2 * np.eye(len(directions))
            largest = max(largest, float(cosines.max()))
    return math.degrees(math.acos(min(1.0, largest)))


def _push(form: HomogeneousForm, at: Orientation) -> float:
    """Smallest outward force at a corner or edge of the cube, as a share of the mean force."""
    u = np.array(at.direction)
    point = corner(form, u / np.max(np.abs(u)), at.sign)
    return point.push if point is not None else 0.0
