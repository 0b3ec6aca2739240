"""How far small weights may grow where a later order governs: until the own output is felt.

Where the leading form vanishes on the data and order q < 2p + 1 governs
(`theory.condensation.forms.governing`), the network's own output, of order p, opposes the data
with a force that is smaller by |w|^(2p+1−q) only. Runs end before it amounts to `FORCE` of the
data's or turns an orientation, both known before training. Source: our derivation.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.plane import Orientation
from theory.condensation.protocol import Protocol
from theory.symbolic.leading_part import LeadingPart

FORCE = 0.1  # of the data's: what is also the most that the output's moments may be of y's
TURN = 1.0  # degrees: as much as σ's next order may turn an orientation
INSIDE = 1e-9  # distance of a free coordinate of the cube from 1


@dataclass(frozen=True)
class OwnOutput:
    """What the network's own output does at the end of a run, the worst over orientations.

    Attributes:
        force: its force as a share of the data's; under Adam of each pinned coordinate.
        turn: degrees by which it turns an orientation.
        moments: of the output against those of y that the stop rule compares.
    """

    force: float
    turn: float
    moments: float


def own_output(
    leading: LeadingPart,
    form: HomogeneousForm,
    found: tuple[Orientation, ...],
    protocol: Protocol,
) -> OwnOutput:
    """The own output of order p at the stop amplitude, against the form of order q that governs.

    Neurons that share an output are taken to add up, whatever their signs: an upper bound.

    Args:
        leading: σ's leading part, whose form vanishes on the data.
        form: the form of order q.
        found: its orientations.
    """
    radii = [_radius(form, at, protocol) for at in found]
    outputs = [_output(leading, form, at, protocol, r) for at, r in zip(found, radii, strict=True)]
    if protocol.coupled:
        outputs = [protocol.neurons * np.max(np.abs(outputs), axis=0)] * len(found)
    worst = [
        _felt(leading, form, at, protocol, radius, output)
        for at, radius, output in zip(found, radii, outputs, strict=True)
    ]
    moments = max(form.moment_norm(output) for output in outputs) / form.target_norm
    return OwnOutput(max(force for force, _ in worst), max(turn for _, turn in worst), moments)


def quiet_amplitude(
    leading: LeadingPart,
    form: HomogeneousForm,
    found: tuple[Orientation, ...],
    protocol: Protocol,
) -> float:
    """The largest max |w·x̃|, no more than the protocol's, at which the own output is not felt.

    Forces have the ratio |w|^(2p+1−q), the moments of the output grow as |w|^(p+1).
    """
    seen = own_output(leading, form, found, protocol)
    gained = 2 * leading.order + 1 - form.order
    limits = (
        (FORCE, seen.force, gained),
        (TURN, seen.turn, gained),
        (protocol.moment_ratio, seen.moments, leading.order + 1),
    )
    shrink = [(limit / value) ** (1 / power) for limit, value, power in limits if value > 0]
    return protocol.amplitude * min(1.0, *shrink)


def _radius(form: HomogeneousForm, at: Orientation, protocol: Protocol) -> float:
    """|w| at which max |w·x̃| is the stop amplitude."""
    return protocol.amplitude / float(np.max(np.abs(form.x @ np.array(at.direction))))


def _output(
    leading: LeadingPart, form: HomogeneousForm, at: Orientation, protocol: Protocol, radius: float
) -> Float[np.ndarray, " samples"]:
    """a σ(w·x̃ᵢ) of one neuron, with |a| = |w|/√q (gradient flow) or max |wᵢ| (Adam)."""
    u = np.array(at.direction)
    on_cube = protocol.geometry is Geometry.LINF
    a = radius * (float(np.max(np.abs(u))) if on_cube else 1 / math.sqrt(form.order))
    z = radius * (form.x @ u)
    sigma = np.where(z > 0, leading.right, leading.left) * np.abs(z) ** leading.order
    return np.asarray(at.sign * a * sigma)


def _felt(
    leading: LeadingPart,
    form: HomogeneousForm,
    at: Orientation,
    protocol: Protocol,
    radius: float,
    output: Float[np.ndarray, " samples"],
) -> tuple[float, float]:
    """Force and turn, in degrees, of the output at one orientation."""
    u = np.array(at.direction)
    z = radius * (form.x @ u)
    slope = leading.order * np.abs(z) ** (leading.order - 1)
    slope *= np.where(z > 0, leading.right, -leading.left)
    terms = (output * slope)[:, None] * form.x
    own = np.mean(np.abs(terms) if protocol.coupled else terms, axis=0)
    data = at.sign * form.gradient(u) * radius ** (form.order - 1)
    if protocol.geometry is Geometry.LINF:
        free = np.abs(u) < np.max(np.abs(u)) * (1 - INSIDE)
        force = float(np.max(np.abs(own[~free]) / np.abs(data[~free])))
        return force, _turn_on_cube(form, u, free, own, radius)
    across = own if protocol.coupled else own - (own @ u) * u
    stiffness = form.order * at.height * at.kappa * radius ** (form.order - 1)
    turn = math.degrees(float(np.linalg.norm(across)) / stiffness)
    return float(np.linalg.norm(own) / np.linalg.norm(data)), turn


def _turn_on_cube(
    form: HomogeneousForm,
    u: Float[np.ndarray, " dimension"],
    free: np.ndarray,
    own: Float[np.ndarray, " dimension"],
    radius: float,
) -> float:
    """Only free coordinates can move, against the bend of the form along them."""
    if not free.any():
        return 0.0
    bend = form.hessian(u)[np.ix_(free, free)] * radius ** (form.order - 1)
    weakest = float(np.min(np.abs(np.linalg.eigvalsh(bend))))
    moved = float(np.linalg.norm(own[free]))
    return math.degrees(moved / weakest) if weakest > 0 else math.inf
