"""What a run of finite length can tell: growth at its end, and which units may be judged.

The angle error of a condensing neuron fades as a power of its growth G = |w|/|w₀| and G is
limited by the amplitude at which the leading form ceases to govern. Both are known before
training, so the units that a run can resolve are chosen without looking at its outcome.
Source: our derivation.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from theory.leading_form import Form, Geometry
from theory.orientations import DegenerateError, Orientation, basin, extrema, orientations
from theory.sectors import SectorForm

RESIDUAL = 2.0  # degrees: largest expected angle error of a judged unit
ARRIVED = 0.98  # share of directly growing starts that must be closer than RESIDUAL in time
EXPECTED_NEURONS = 10.0  # per orientation: missing all of them by chance is then < 5e-5
# Adam's momentum (ten steps long) carries some neurons over the edge of a narrow basin
EXPECTED_UNDER_ADAM = 15.0
SMALLEST_SHARE = 0.04  # of all neurons at an orientation: twice what counts as a cluster
SEPARATION = 20.0  # degrees between orientations of one sign: twice the gap of the clustering
# kappa, at a kink |H'|/(pH), above which a step of 2 % of the growth rate overshoots (κh < 0.4)
STIFF = 20.0
WEAK = 0.05  # share of the gradient below which the next order of the activation decides
SAME_SLOPE = 1e-9  # share of the largest slope by which slopes differ if not by rounding
_ARC = 400  # grid points per side of a basin


@dataclass(frozen=True)
class Protocol:
    """What of a run decides how far it converges.

    Attributes:
        geometry: ℓ2 for gradient descent, ℓ∞ for Adam.
        epsilon: standard deviation of all initial weights.
        neurons: neurons per data set.
        moment_ratio, amplitude: the stop rule, see `sim.ensemble.Stop`.
        coupled: whether the neurons share one output.
    """

    geometry: Geometry
    epsilon: float
    neurons: int
    moment_ratio: float
    amplitude: float
    coupled: bool


def growth(
    form: Form | SectorForm,
    x: Float[np.ndarray, "samples 1"],
    at: Orientation,
    protocol: Protocol,
    fastest: Orientation | None = None,
) -> float:
    """Predicted G of a neuron at one orientation when its network stops.

    The stop is where |moments of f| = ratio · |moments of y| or max |w·x̃| = amplitude, with
    |a| = |w|/√p by the conserved balance (gradient flow) or |a| = max |wᵢ| (Adam).

    Args:
        fastest: the orientation with the largest height, None to leave it out of account. Where
            neurons share one output and grow exponentially (p = 1, gradient flow) those at the
            fastest one end the run, when the others have grown by G^(height / its height) only.
    """
    exponential = form.p == 1 and protocol.coupled and protocol.geometry is Geometry.L2
    if exponential and fastest is not None and fastest.height > at.height:
        return growth(form, x, fastest, protocol) ** (at.height / fastest.height)
    p = form.p
    along = x[:, 0] * at.direction[0] + at.direction[1]
    response = form.lead(along)
    moments = [math.comb(p, k) * float(np.mean(response * x[:, 0] ** k)) ** 2 for k in range(p + 1)]
    per_output = math.sqrt(sum(moments))
    balance = math.sqrt(p)
    if protocol.geometry is Geometry.LINF:
        balance = 1.0 / max(abs(u) for u in at.direction)
    neurons = protocol.neurons if protocol.coupled else 1
    if p == 1:
        neurons /= 2  # half the initial amplitude is orthogonal to the growing direction
    reach = protocol.moment_ratio * form.target_norm * balance / (per_output * neurons)
    radius = min(reach ** (1 / (p + 1)), protocol.amplitude / float(np.max(np.abs(along))))
    return radius / (protocol.epsilon * math.sqrt(2))


def arrived_share(
    form: Form | SectorForm, at: Orientation, bounds: tuple[float, float], g: float
) -> float:
    """Share of the directly growing starts in a basin that are within RESIDUAL once grown by g.

    On the circle dθ/d ln r = H'/(pH), so the growth needed from θ is the integral of pH/H'.
    """
    target, near = math.radians(at.angle), math.radians(RESIDUAL)
    arrived, total = 0.0, 0.0
    for edge in bounds:
        if abs(edge - target) <= near:
            continue
        side = math.copysign(1.0, edge - target)
        offset = np.linspace(near, abs(edge - target), _ARC + 1)
        middle = target + side * (offset[1:] + offset[:-1]) / 2
        height = at.sign * form.value(middle)
        slope = np.abs(form.slope(middle))
        needed = np.cumsum(form.p * height / np.maximum(slope, 1e-300)) * (offset[1] - offset[0])
        direct = height > 0
        width = offset[1] - offset[0]
        arrived += width * float(np.sum(direct & (needed <= math.log(g)))) + near
        total += width * float(np.sum(direct)) + near
    return arrived / total if total else 1.0


def unresolved(
    form: Form | SectorForm, x: Float[np.ndarray, "samples 1"], protocol: Protocol
) -> str | None:
    """Why a run with this protocol could not tell these data's orientations; None if it can."""
    try:
        found = orientations(form, protocol.geometry)
    except DegenerateError as error:
        return str(error)
    if not found:
        return "no direction grows"
    on_square = protocol.geometry is Geometry.LINF
    expected = EXPECTED_UNDER_ADAM if on_square else EXPECTED_NEURONS
    if min(o.direct_share for o in found) * protocol.neurons < expected:
        return f"fewer than {expected:.0f} neurons expected at an orientation"
    if min(o.direct_share for o in found) < SMALLEST_SHARE:
        return f"less than {SMALLEST_SHARE:.0%} of the neurons expected at an orientation"
    if _closest(found) < SEPARATION:
        return f"two orientations of one sign closer than {SEPARATION:.0f}°"
    if on_square:
        return _unresolved_on_square(form, x, found, protocol)
    if max(_stiffness(form, o) for o in found) > STIFF:
        return f"an orientation turns more than {STIFF:.0f} times faster than it grows"
    theta, fastest = extrema(form, protocol.geometry), max(found, key=lambda o: o.height)
    for at in found:
        bounds = basin(form, theta, math.radians(at.angle))
        g = growth(form, x, at, protocol, fastest)
        if arrived_share(form, at, bounds, g) < ARRIVED:
            return f"more than {1 - ARRIVED:.0%} of the neurons are still on their way at the end"
    return None


def _stiffness(form: Form | SectorForm, at: Orientation) -> float:
    """How much faster a neuron near an orientation turns than it grows."""
    return form.steepness(math.radians(at.angle)) if math.isinf(at.kappa) else at.kappa


def _closest(found: tuple[Orientation, ...]) -> float:
    """Smallest angle in degrees between two orientations of the same sign."""
    smallest = 360.0
    for sign in (1, -1):
        angles = np.sort([o.angle for o in found if o.sign == sign])
        if len(angles) > 1:
            smallest = min(smallest, float(np.diff(angles, append=angles[0] + 360).min()))
    return smallest


def _unresolved_on_square(
    form: Form | SectorForm,
    x: Float[np.ndarray, "samples 1"],
    found: tuple[Orientation, ...],
    protocol: Protocol,
) -> str | None:
    for at in found:
        if math.degrees(1 / growth(form, x, at, protocol)) > RESIDUAL:
            return "the initial weights are not negligible at the end"
        top = max(abs(u) for u in at.direction)
        w, b = (u / top for u in at.direction)
        if abs(w * b) > 1 - 1e-9:
            pull = np.abs(form.gradient(w, b))
            if pull.min() < WEAK * pull.sum():
                return "at a corner one gradient component nearly vanishes"
        elif _edge_shift(form, w, b, protocol.amplitude) > RESIDUAL:
            return "an edge is so flat that the next order shifts its maximum"
    if _has_slow_passage(form):
        return "an edge is nearly flat somewhere"
    return None


def _edge_shift(form: Form | SectorForm, w: float, b: float, amplitude: float) -> float:
    """Degrees by which the next order, z²/3 for tanh, can shift a maximum inside an edge."""
    axis, tiny = int(abs(w) > abs(b)), 1e-4  # the coordinate that varies along the edge
    ahead = form.gradient(w + tiny * (axis == 0), b + tiny * (axis == 1))[axis]
    behind = form.gradient(w - tiny * (axis == 0), b - tiny * (axis == 1))[axis]
    curvature = abs(ahead - behind) / (2 * tiny)
    pull = abs(form.gradient(w, b)[1 - axis])
    return math.degrees(amplitude**2 / 3 * pull / curvature) if curvature else math.inf


def _has_slow_passage(form: Form | SectorForm) -> bool:
    """Whether |∂H| along an edge has a small minimum that is no zero: neurons linger there."""
    t, one = np.linspace(-1, 1, 401), np.ones(401)
    for side in (one, -one):
        for along in (form.gradient(side, t)[1], form.gradient(t, side)[0]):
            largest = float(np.max(np.abs(along)))
            # a slope that is the same over a stretch is one minimum
            along = along[np.abs(np.diff(along, prepend=np.inf)) > SAME_SLOPE * largest]
            size = np.abs(along)
            dip = (size[1:-1] < size[:-2]) & (size[1:-1] < size[2:])
            crossing = (along[:-2] * along[2:]) <= 0
            if np.any(dip & ~crossing & (size[1:-1] < WEAK * largest)):
                return True
    return False
