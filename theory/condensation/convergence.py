"""What a run of finite length can tell: growth at its end, and which units may be judged.

The angle error of a condensing neuron fades as a power of its growth G = |w|/|w₀| and G is
limited by the amplitude at which the leading form ceases to govern. Both are known before
training, so the units that a run can resolve are chosen without looking at its outcome.
Source: our derivation.
"""

import dataclasses
import math

import numpy as np
from jaxtyping import Float

from theory.condensation.forms.leading_form import Form, Geometry
from theory.condensation.forms.sectors import SectorForm
from theory.condensation.orientations.plane import (
    DegenerateError,
    Orientation,
    basin,
    extrema,
    orientations,
)
from theory.condensation.protocol import Offset, Protocol

RESIDUAL = 2.0  # degrees: largest expected angle error of a judged unit
ARRIVED = 0.98  # share of directly growing starts that must be closer than RESIDUAL in time
EXPECTED_NEURONS = 10.0  # per orientation: missing all of them by chance is then < 5e-5
# Adam's momentum (ten steps long) carries some neurons over the edge of a narrow basin
EXPECTED_UNDER_ADAM = 15.0
SMALLEST_SHARE = 0.04  # of all neurons at an orientation: twice what counts as a cluster
SEPARATION = 20.0  # degrees between orientations of one sign: twice the gap of the clustering
STIFF = 20.0  # kappa above which a step of 2 % of the growth rate overshoots (κh < 0.4)
# |H'|/(pH) at a kink, across which a neuron swings by that times the step: 4.6° for 2 %
STIFF_AT_KINK = 4.0
WEAK = 0.05  # share of the gradient below which the next order of the activation decides
SAME_SLOPE = 1e-9  # share of the largest slope by which slopes differ if not by rounding
_ARC = 400  # grid points per side of a basin


def orientations_under(form: Form | SectorForm, protocol: Protocol) -> tuple[Orientation, ...]:
    """The predicted orientations of a run: of one output sign where the mean of y fixes it.

    Raises:
        DegenerateError: as `theory.condensation.orientations.plane.orientations`.
    """
    found = orientations(form, protocol.geometry)
    if protocol.offset is None:
        return found
    sign = 1 if protocol.offset.total > 0 else -1
    return tuple(
        dataclasses.replace(o, share=2 * o.share, direct_share=2 * o.direct_share)
        for o in found
        if o.sign == sign
    )


def enough_neurons(found: tuple[Orientation, ...], protocol: Protocol) -> tuple[bool, ...]:
    """At which orientations a run has neurons enough to tell them from stragglers."""
    expected = _expected(protocol)
    return tuple(o.direct_share >= max(expected / protocol.neurons, SMALLEST_SHARE) for o in found)


def _expected(protocol: Protocol) -> float:
    return EXPECTED_UNDER_ADAM if protocol.geometry is Geometry.LINF else EXPECTED_NEURONS


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
    largest = protocol.amplitude / float(np.max(np.abs(along)))
    if protocol.offset is not None:
        total = max(abs(protocol.offset.total), 1e-300)
        share = protocol.moment_ratio * form.target_norm / (per_output * total)
        return min(share ** (1 / p), largest) / (protocol.epsilon * math.sqrt(2))
    balance = math.sqrt(p)
    if protocol.geometry is Geometry.LINF:
        balance = 1.0 / max(abs(u) for u in at.direction)
    neurons = protocol.neurons if protocol.coupled else 1
    if p == 1:
        neurons /= 2  # half the initial amplitude is orthogonal to the growing direction
    reach = protocol.moment_ratio * form.target_norm * balance / (per_output * neurons)
    radius = min(reach ** (1 / (p + 1)), largest)
    return radius / (protocol.epsilon * math.sqrt(2))


def arrived_share(
    form: Form | SectorForm,
    at: Orientation,
    bounds: tuple[float, float],
    g: float,
    residual: float = RESIDUAL,
) -> float:
    """Share of the directly growing starts in a basin that are within ``residual`` degrees once
    grown by g.

    On the circle dθ/d ln r = H'/(pH), so the growth needed from θ is the integral of pH/H'.
    """
    target, near = math.radians(at.angle_degrees), math.radians(residual)
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
    form: Form | SectorForm,
    x: Float[np.ndarray, "samples 1"],
    protocol: Protocol,
    sparse: bool = False,
) -> str | None:
    """Why a run with this protocol could not tell these data's orientations; None if it can.

    Args:
        sparse: some orientations (not all) may have too few neurons, see `enough_neurons`; they
            are then not to be judged.
    """
    try:
        found = orientations_under(form, protocol)
    except DegenerateError as error:
        return str(error)
    if not found:
        return "no direction grows"
    on_square = protocol.geometry is Geometry.LINF
    enough = enough_neurons(found, protocol)
    if not any(enough) or (not sparse and not all(enough)):
        return (
            f"fewer than {_expected(protocol):.0f} neurons, or less than {SMALLEST_SHARE:.0%} of "
            "them, expected at an orientation"
        )
    apart = SEPARATION * protocol.fine.gap
    if closest(found) < apart:
        return f"two orientations of one sign closer than {apart:.3g}°"
    if on_square:
        return _unresolved_on_square(form, x, found, protocol)
    if protocol.offset is not None:
        return _unresolved_with_offset(form, x, found, protocol, protocol.offset)
    for at in found:
        limit = _stiffest(at, protocol)
        if _stiffness(form, at) > limit:
            return f"an orientation turns more than {limit:.0f} times faster than it grows"
    theta, fastest = extrema(form, protocol.geometry), max(found, key=lambda o: o.height)
    for at in found:
        bounds = basin(form, theta, math.radians(at.angle_degrees))
        g = growth(form, x, at, protocol, fastest)
        if arrived_share(form, at, bounds, g, RESIDUAL * protocol.fine.gap) < ARRIVED:
            return f"more than {1 - ARRIVED:.0%} of the neurons are still on their way at the end"
    return None


def _unresolved_with_offset(
    form: Form | SectorForm,
    x: Float[np.ndarray, "samples 1"],
    found: tuple[Orientation, ...],
    protocol: Protocol,
    offset: Offset,
) -> str | None:
    """σ(0) ≠ 0: the mean must be fitted before w moves, and fix the signs until the run ends.

    While the mean decays as exp(−m σ(0)² t), w moves along the form of a constant target by
    a mean(y)/(2 m σ(0)²). Later the differences between the output weights grow as exp(H t) from ε
    and w as a H t, so that the signs are fixed up to |w| = a ln(a/ε).
    """
    if form.p != 1 or isinstance(form, SectorForm):
        return "where σ(0) ≠ 0 only smooth activations of order 1 grow at one rate, as one group"
    output = abs(offset.total) / protocol.neurons
    means = math.hypot(float(np.mean(x)), 1.0)
    early = abs(form.c * offset.mean) * output * means
    early /= 2 * protocol.neurons * offset.value_at_zero**2
    for at in found:
        g = growth(form, x, at, protocol)
        radius = g * protocol.epsilon * math.sqrt(2)
        if math.degrees(max(early / radius, 1 / g)) > RESIDUAL / 2:
            return "w moves too far while the mean of y is being fitted"
        if output <= protocol.epsilon or radius > output * math.log(output / protocol.epsilon) / 2:
            return "the mean of y is too small to fix the signs of the output weights"
        if 2 * radius > output * at.height * protocol.time:
            return "the neurons grow too slowly: the run would end before they have condensed"
    return None


def step_needed(
    form: Form | SectorForm, found: tuple[Orientation, ...], protocol: Protocol
) -> float:
    """The relative step, in units of the protocol's, at which no orientation is too stiff."""
    ratios = (_stiffest(at, protocol) / max(_stiffness(form, at), 1e-300) for at in found)
    return min([1.0, *ratios])


def _stiffest(at: Orientation, protocol: Protocol) -> float:
    """How much faster a neuron may turn than it grows: with steps as long as the protocol's.

    Across a kink it swings by a step's turn, which must be small against the gap of the clusters.
    """
    fine = protocol.fine
    return STIFF_AT_KINK * fine.gap / fine.step if math.isinf(at.kappa) else STIFF / fine.step


def _stiffness(form: Form | SectorForm, at: Orientation) -> float:
    """How much faster a neuron near an orientation turns than it grows."""
    return form.steepness(math.radians(at.angle_degrees)) if math.isinf(at.kappa) else at.kappa


def closest(found: tuple[Orientation, ...]) -> float:
    """Smallest angle in degrees between two orientations of the same sign."""
    smallest = 360.0
    for sign in (1, -1):
        angles = np.sort([o.angle_degrees for o in found if o.sign == sign])
        if len(angles) > 1:
            smallest = min(smallest, float(np.diff(angles, append=angles[0] + 360).min()))
    return smallest


def _unresolved_on_square(
    form: Form | SectorForm,
    x: Float[np.ndarray, "samples 1"],
    found: tuple[Orientation, ...],
    protocol: Protocol,
) -> str | None:
    residual, weak = RESIDUAL * protocol.fine.gap, WEAK * protocol.fine.loud
    for at in found:
        if math.degrees(1 / growth(form, x, at, protocol)) > residual:
            return "the initial weights are not negligible at the end"
        top = max(abs(u) for u in at.direction)
        w, b = (u / top for u in at.direction)
        if abs(w * b) > 1 - 1e-9:
            pull = np.abs(form.gradient(w, b))
            if pull.min() < weak * pull.sum():
                return "at a corner one gradient component nearly vanishes"
        elif _edge_shift(form, w, b, protocol.amplitude) > residual:
            return "an edge is so flat that the next order shifts its maximum"
    if _has_slow_passage(form, weak):
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


def _has_slow_passage(form: Form | SectorForm, weak: float) -> bool:
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
            if np.any(dip & ~crossing & (size[1:-1] < weak * largest)):
                return True
    return False
