"""How far a finite amplitude turns the predicted orientations, from the activation itself.

At |w| > 0 the flow of w climbs H_σ(w) = (1/n) Σ yᵢ σ(w·x̃ᵢ) and not its leading part: the next
order of σ turns an orientation by −(Hessian)⁻¹ times the extra tangential gradient. The amplitude
at which a run stops is chosen so that this stays small, before training. Source: our derivation.
"""

import math

import numpy as np
import torch
from jaxtyping import Bool, Float

from sim.networks.ensemble import Sigma
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.plane import Orientation
from theory.condensation.orientations.within_sector import has_sectors

SHIFT = 1.0  # degrees that the finite amplitude may turn an orientation
KINK = 1e-6  # relative size of w·x that counts as being on the kink
LADDER = (0.2, 0.05, 0.0125, 0.003)  # max |w·x| at the stop, the first that is small enough


def amplitude(
    sigma: Sigma,
    form: HomogeneousForm,
    geometry: Geometry,
    found: tuple[Orientation, ...],
    most: float = LADDER[0],
    limit: float = SHIFT,
) -> float | None:
    """Largest stop amplitude at which no orientation is turned by more than a limit, or None.

    Args:
        most: no amplitude is larger.
        limit: in degrees.
    """
    for value in (most, *(rung for rung in LADDER if rung < most)):
        if all(shift(sigma, form, geometry, at, value) <= limit for at in found):
            return value
    return None


def shift(
    sigma: Sigma, form: HomogeneousForm, geometry: Geometry, at: Orientation, amplitude: float
) -> float:
    """Degrees by which an orientation is turned, an upper bound, when max |w·x| = amplitude."""
    u = np.array(at.direction)
    extra = at.sign * _extra_gradient(sigma, form, u, amplitude)
    if geometry is Geometry.LINF:
        return _shift_on_cube(form, at, extra)
    tangential = extra - (extra @ u) * u
    return math.degrees(float(np.linalg.norm(tangential)) / (form.order * at.height * at.kappa))


def _extra_gradient(
    sigma: Sigma, form: HomogeneousForm, u: Float[np.ndarray, " dimension"], amplitude: float
) -> Float[np.ndarray, " dimension"]:
    """∇(H_σ − H) at the radius where max |w·x| = amplitude, in units of radius^(p − 1).

    Samples on a kink of order 1 are left out: they hold the orientation there whatever the next
    order.
    """
    z = form.x @ u
    largest = float(np.max(np.abs(z)))
    radius = amplitude / largest
    true = sigma(torch.as_tensor(radius * z))[1].numpy() / radius ** (form.order - 1)
    leading = np.where(z > 0, form.right, -form.left) * form.order * np.abs(z) ** (form.order - 1)
    difference = true - leading
    if has_sectors(form):
        difference = np.where(np.abs(z) > KINK * largest, difference, 0.0)
    return (difference * form.y) @ form.x / len(form.y)


def _shift_on_cube(
    form: HomogeneousForm, at: Orientation, extra: Float[np.ndarray, " dimension"]
) -> float:
    """Only coordinates inside a face of the cube can move; the corner of a cube is held."""
    u = np.array(at.direction)
    free = np.abs(u) < np.max(np.abs(u)) * (1 - 1e-9)
    if not free.any():
        return 0.0
    if _held(form, at, free, extra):
        return 0.0
    bend = form.hessian(u)[np.ix_(free, free)]
    weakest = float(np.min(np.abs(np.linalg.eigvalsh(bend))))
    moved = float(np.linalg.norm(extra[free]))
    return math.degrees(moved / weakest) if weakest > 0 else math.inf


def _held(
    form: HomogeneousForm,
    at: Orientation,
    free: Bool[np.ndarray, " dimension"],
    extra: Float[np.ndarray, " dimension"],
) -> bool:
    """Whether kinks of order 1 hold a point in a face: H falls to both sides along each axis.

    Such a form is linear between its kinks, so that a maximum inside a face is on one.
    """
    if not has_sectors(form):
        return False
    u = np.array(at.direction)
    for axis in np.flatnonzero(free):
        aside = np.zeros_like(u)
        aside[axis] = KINK
        falls = [-at.sign * side * form.gradient(u + side * aside)[axis] for side in (1, -1)]
        if min(falls) <= abs(extra[axis]):
            return False
    return True
