"""Where gradient flow ends on the unit sphere: local maxima of sign·H found from many starts.

The flow du/dt = P ∇(sign·H)(u) is followed by exponential Euler steps: over a short arc the
force is taken as linear, with the Riemannian Hessian A = P ∇²(sign·H) P − (u·∇(sign·H)) P, and
that linear flow is solved exactly. Far from a maximum this is a flow step of a given length,
close to one it is Newton's. For forms with continuous gradient (smooth, or kinked of order
p ≥ 2); `theory.condensation.orientations.ridges` has the others. Source: our derivation.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from theory.condensation.forms.homogeneous import HomogeneousForm

ARC = 0.1  # radians of one step
STEPS = 400
FLAT = 1e-12  # values of H this small against its scale are rounding
CONVERGED = 1e-11  # radians of the last Newton step, and |P∇H| against the scale
DEGENERATE = 1e-7  # curvature this small against p·H: a curve of equally good directions


@dataclass(frozen=True)
class Ends:
    """Where ascents ended.

    Attributes:
        u: last point of each start.
        height: sign·H there.
        verified: whether it is a maximum: no gradient left and negative curvature.
        flat: critical but with a direction without curvature.
        dead: starts in a cone where H vanishes and nothing moves.
    """

    u: Float[np.ndarray, "starts dimension"]
    height: Float[np.ndarray, " starts"]
    verified: Bool[np.ndarray, " starts"]
    flat: Bool[np.ndarray, " starts"]
    dead: Bool[np.ndarray, " starts"]


def climb(
    form: HomogeneousForm,
    start: Float[np.ndarray, "starts dimension"],
    sign: Int[np.ndarray, " starts"],
) -> Ends:
    """Follow the flow on the sphere from unit vectors to maxima of sign·H."""
    u = start / np.linalg.norm(start, axis=1, keepdims=True)
    left = np.arange(len(u))
    for _ in range(STEPS):
        move = _step(form, u[left], sign[left])
        u[left] = _unit(u[left] + move)
        left = left[np.linalg.norm(move, axis=1) > CONVERGED]
        if len(left) == 0:
            break
    return _verified(form, u, sign)


def curvatures(
    form: HomogeneousForm,
    u: Float[np.ndarray, "n dimension"],
    sign: Int[np.ndarray, " n"],
) -> tuple[Float[np.ndarray, " n dimension"], Float[np.ndarray, "n dimension dimension"]]:
    """Eigenvalues of the Riemannian Hessian of sign·H, increasing, and their eigenvectors.

    The eigenvalue of the radial direction u is set to minus infinity, so it comes first.
    """
    radial = np.einsum("nd,nd->n", form.gradient(u), u) * sign
    tangent = np.eye(u.shape[1]) - u[:, :, None] * u[:, None, :]
    inner = tangent @ (sign[:, None, None] * form.hessian(u)) @ tangent
    hessian = inner - radial[:, None, None] * tangent
    lowest = np.linalg.norm(hessian, axis=(1, 2)) + form.scale
    hessian -= 2 * lowest[:, None, None] * u[:, :, None] * u[:, None, :]
    values, vectors = np.linalg.eigh(hessian)
    values[:, 0] = -np.inf
    return values, vectors


def _step(
    form: HomogeneousForm,
    u: Float[np.ndarray, "n dimension"],
    sign: Int[np.ndarray, " n"],
) -> Float[np.ndarray, "n dimension"]:
    """The linear flow's displacement after the time in which it covers `ARC`, or for ever."""
    values, vectors = curvatures(form, u, sign)
    force = sign[:, None] * form.gradient(u)
    along = np.einsum("nij,ni->nj", vectors, force)[:, 1:]
    values = values[:, 1:]
    size = np.linalg.norm(along, axis=1)
    # the longest time is bracketed in units of the slowest scale of the step
    fastest = np.maximum(np.abs(values).max(1, initial=0.0), size / ARC)
    fastest = np.where(fastest > 0, fastest, 1.0)
    lower, upper = np.full(len(u), -12.0), np.full(len(u), 40.0)  # ln of time × fastest
    for _ in range(30):
        middle = (lower + upper) / 2
        length = np.linalg.norm(_displacement(along, values, np.exp(middle) / fastest), axis=1)
        lower, upper = (
            np.where(length <= ARC, middle, lower),
            np.where(length <= ARC, upper, middle),
        )
    moved = _displacement(along, values, np.exp(lower) / fastest)
    return np.einsum("nij,nj->ni", vectors[:, :, 1:], moved)


def _displacement(
    along: Float[np.ndarray, "n tangent"],
    values: Float[np.ndarray, "n tangent"],
    time: Float[np.ndarray, " n"],
) -> Float[np.ndarray, "n tangent"]:
    """∫₀ᵗ exp(λs) ds · force in the eigenbasis."""
    t = time[:, None]
    exponent = np.clip(values * t, -700.0, 100.0)
    small = np.abs(exponent) < 1e-12
    grown = np.where(small, t, np.expm1(exponent) / np.where(small, 1.0, values))
    return grown * along


def _verified(
    form: HomogeneousForm, u: Float[np.ndarray, "n dimension"], sign: Int[np.ndarray, " n"]
) -> Ends:
    height = sign * form.value(u)
    gradient = form.gradient(u)
    dead = np.linalg.norm(gradient, axis=1) <= FLAT * form.scale
    force = gradient - np.einsum("nd,nd->n", gradient, u)[:, None] * u
    critical = np.linalg.norm(force, axis=1) <= CONVERGED * form.order * form.scale
    top = curvatures(form, u, sign)[0][:, -1]
    flat_below = DEGENERATE * form.order * np.abs(height)
    return Ends(
        u,
        height,
        critical & ~dead & (top < -flat_below),
        critical & ~dead & (np.abs(top) <= flat_below),
        dead,
    )


def _unit(u: Float[np.ndarray, "n dimension"]) -> Float[np.ndarray, "n dimension"]:
    return u / np.linalg.norm(u, axis=1, keepdims=True)
