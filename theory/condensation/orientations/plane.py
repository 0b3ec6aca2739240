"""Which orientations: the stable critical directions of the leading form, exactly.

A neuron ends at a local maximum of sign(a)·H with sign(a)·H > 0: on the unit sphere under
gradient flow (ℓ2), on the ℓ∞ cube under Adam, whose early steps are sign steps. For one input
these are roots of the polynomials of `theory.condensation.forms.leading_form`, for kinked
activations also kinks between the sectors of `theory.condensation.forms.sectors`; for p = 1 and a
smooth activation they are ±v/|v| in any dimension. Source: our derivation.
"""

import functools
import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import sympy
from jaxtyping import Float

from theory.condensation.forms.leading_form import FLAT, SAME_ANGLE, C, Form, Geometry
from theory.condensation.forms.sectors import SectorForm
from theory.direction import Direction

POINTS = 257  # of a basin, between which a profile is taken as straight


@dataclass(frozen=True, kw_only=True)
class Orientation(Direction):
    """One predicted orientation: a direction with what the theory says of it.

    Attributes:
        height: |H(direction)|; |w|' = |a| p height |w|^(p-1), so it is the growth rate.
        kappa: the angle error is ∝ G^(-kappa) once |w| has grown by the factor G; infinite at a
            kink of H, which is reached at a finite growth.
        share: share of initial (direction, output sign) pairs in its basin, if the output
            weight keeps its sign.
        direct_share: the part of ``share`` that grows from the start (sign·H > 0 at once).
    """

    height: float
    kappa: float
    share: float = field()  # known here: no default
    direct_share: float


class DegenerateError(ValueError):
    """The leading form prefers no direction on these data; what is beyond it decides."""


def orientations(form: Form | SectorForm, geometry: Geometry) -> tuple[Orientation, ...]:
    """All predicted orientations for one-dimensional input, by increasing angle.

    Raises:
        DegenerateError: if H vanishes, or is constant over all directions or around a maximum
            or minimum that neurons would grow to, so that no point there is preferred.
    """
    if form.vanishes:
        raise DegenerateError("the leading form vanishes on these data")
    plateaus = form.plateaus(geometry)
    if any(end - start >= 2 * math.pi for start, end in plateaus):
        raise _no_preference("in all directions")
    theta = extrema(form, geometry)
    heights = profile(form, geometry, theta)
    rounding = form.rounding(geometry, theta)
    found = []
    for i, angle in enumerate(theta):
        sign = 1 if heights[i] > heights[i - 1] else -1
        if sign * heights[i] > rounding[i]:  # else a neuron that ends here shrinks for ever
            if any(_on(plateau, float(angle)) for plateau in plateaus):
                on_circle = geometry is Geometry.L2
                raise _no_preference("in a sector" if on_circle else "along an edge of the square")
            bounds = basin(form, theta, float(angle))
            found.append(_orientation(form, geometry, float(angle), sign, bounds))
    return tuple(found)


def _no_preference(where: str) -> DegenerateError:
    return DegenerateError(f"the leading form is the same {where}: it prefers no direction there")


def _on(interval: tuple[float, float], angle: float) -> bool:
    """Whether an angle lies in an interval or at one of its ends."""
    turned = (angle - interval[0] + SAME_ANGLE) % (2 * math.pi)
    return turned <= interval[1] - interval[0] + 2 * SAME_ANGLE


def profile(
    form: Form | SectorForm, geometry: Geometry, theta: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """H at angle θ on the boundary of the unit ball of the geometry."""
    return form.value(theta) if geometry is Geometry.L2 else form.on_square(theta)


def extrema(form: Form | SectorForm, geometry: Geometry) -> Float[np.ndarray, " n"]:
    """Angles of the alternating maxima and minima of the profile, increasing.

    A plateau that is an extremum is stood for by one of its ends; one that is merely passed, and
    whatever differs by rounding only, is left out.
    """
    theta = np.sort(np.mod(form.candidates(geometry), 2 * np.pi))
    if len(theta) > 1:
        theta = theta[np.diff(theta, prepend=theta[-1] - 2 * np.pi) > SAME_ANGLE]
    height = profile(form, geometry, theta)
    # between neighboring candidates the profile is monotone: drop those that are merely passed
    while len(theta) > 2:
        rising = height > np.roll(height, 1)
        extremal = rising != np.roll(rising, -1)
        if extremal.all():
            break
        theta, height = theta[extremal], height[extremal]
    while len(theta) > 2:
        rounding = form.rounding(geometry, theta)
        step = np.abs(height - np.roll(height, 1)) - np.maximum(rounding, np.roll(rounding, 1))
        pair = int(np.argmin(step))
        if step[pair] > 0:
            break
        theta, height = (np.delete(values, [pair - 1, pair]) for values in (theta, height))
    return theta


def basin(
    form: Form | SectorForm, theta: Float[np.ndarray, " n"], angle: float
) -> tuple[float, float]:
    """From where a neuron turns to an extremum of ``theta``: the neighboring extrema, or the
    dead sector before them, as angles in radians that enclose ``angle``.
    """
    i = int(np.argmin(np.abs(np.angle(np.exp(1j * (theta - angle))))))
    dead = form.dead_sectors()
    below = [float(theta[i - 1]), *(end for _, end in dead)]
    above = [float(theta[(i + 1) % len(theta)]), *(start for start, _ in dead)]
    return (
        angle - min((angle - bound) % (2 * math.pi) for bound in below),
        angle + min((bound - angle) % (2 * math.pi) for bound in above),
    )


def _orientation(
    form: Form | SectorForm,
    geometry: Geometry,
    angle: float,
    sign: int,
    bounds: tuple[float, float],
) -> Orientation:
    height = sign * float(form.value(np.array(angle)))
    # sign steps add to w: what was there at the start fades as 1/|w|
    kappa = form.kappa(angle, sign) if geometry is Geometry.L2 else 1.0
    lower, upper = bounds
    direct = _positive_share(sign * form.value(np.linspace(lower, upper, POINTS)))
    share = (upper - lower) / (4 * np.pi)  # half of the neurons have this output sign
    return Orientation(
        (math.cos(angle), math.sin(angle)),
        sign,
        height=height,
        kappa=kappa,
        share=share,
        direct_share=share * direct,
    )


def _positive_share(height: Float[np.ndarray, " points"]) -> float:
    """Share of an interval where a profile is positive, straight between its points."""
    above, size = np.maximum(height, 0.0), np.abs(height)
    total = size[:-1] + size[1:]
    parts = (above[:-1] + above[1:]) / np.where(total > 0, total, 1.0)
    return float(np.mean(parts))


def linear_orientations(
    x: Float[np.ndarray, "samples dimension"],
    y: Float[np.ndarray, "samples"],
    c: float,
    geometry: Geometry = Geometry.L2,
) -> tuple[Orientation, ...]:
    """p = 1 in any dimension: H(u) = c v·u with v = (1/n) Σ yᵢ x̃ᵢ, so ±v/|v| (ℓ2), ±sign v (ℓ∞).

    Args:
        x: inputs with the bias column.

    Raises:
        DegenerateError: if v = 0 (or one of its components, for ℓ∞).
    """
    v = c * (y @ x) / len(y)
    typical = np.sqrt(np.mean(y * y) * np.mean(x * x, axis=0))
    negligible = np.abs(v) <= FLAT * np.abs(c) * typical
    if negligible.all() or (geometry is Geometry.LINF and negligible.any()):
        what = "v = Σ y x" if negligible.all() else "a component of v = Σ y x"
        raise DegenerateError(f"{what} vanishes on these data, where no direction is preferred")
    top = v if geometry is Geometry.L2 else np.sign(v)
    top = top / np.linalg.norm(top)
    height = float(v @ top)
    return tuple(
        Orientation(
            tuple(float(u) for u in sign * top),
            sign,
            height=height,
            kappa=1.0,
            share=0.5,
            direct_share=0.25,
        )
        for sign in (1, -1)
    )


def xor_form() -> tuple[sympy.Expr, tuple[sympy.Symbol, ...]]:
    """H of y = x₁x₂ on a symmetric product grid for p = 3: only the term u₁u₂u₃ survives.

    Returns:
        H in the symbols u_1, u_2 (inputs), u_3 (bias), with s = mean of x₁² = mean of x₂².
    """
    u = sympy.symbols("u_1 u_2 u_3", real=True)
    x1, x2, s = sympy.symbols("x_1 x_2 s", real=True)
    expanded = sympy.Poly(sympy.expand((u[0] * x1 + u[1] * x2 + u[2]) ** 3 * x1 * x2), x1, x2)
    # odd powers average to zero on a symmetric grid, and the two inputs are independent
    mean = sympy.Add(
        *[
            coefficient * s ** ((i + j) // 2)
            for (i, j), coefficient in expanded.terms()
            if i % 2 == 0 and j % 2 == 0
        ]
    )
    return (C * mean).factor(), u


@functools.cache
def xor_orientations() -> tuple[Orientation, ...]:
    """The eight orientations (±1, ±1, ±1)/√3 of the XOR recipe, the same for ℓ2 and ℓ∞.

    Each is verified here as a strict maximum of sign·H on the sphere: the gradient is radial
    and the Hessian of the Lagrangian is negative on the tangent plane. Heights are for c = 1 and
    inputs of unit variance.
    """
    h, u = xor_form()
    h = h.subs({C: 1, sympy.Symbol("s", real=True): 1})
    gradient, hessian = [sympy.diff(h, v) for v in u], sympy.hessian(h, u)
    found = []
    for signs in itertools.product((1, -1), repeat=3):
        at: dict = dict(zip(u, (sympy.Integer(v) / sympy.sqrt(3) for v in signs), strict=True))
        height = h.subs(at)
        sign = int(sympy.sign(height))
        radial = 3 * height  # Euler: u·∇H = pH
        if any(
            sympy.simplify(g.subs(at) - radial * at[v]) != 0
            for g, v in zip(gradient, u, strict=True)
        ):
            raise ArithmeticError(f"{signs} is not critical on the sphere")
        point = sympy.Matrix([at[v] for v in u])
        tangent = sympy.Matrix.hstack(*sympy.Matrix([point.T]).nullspace())
        curvature = (tangent.T * tangent).inv() * tangent.T * hessian.subs(at) * tangent
        top = max(float(sign * value) for value in curvature.eigenvals())
        kappa = 1 - top / float(sign * radial)
        if top >= float(sign * radial):
            raise ArithmeticError(f"{signs} is not a maximum on the sphere")
        direction = tuple(v / math.sqrt(3) for v in signs)
        # by symmetry four maxima of each sign share the sphere; H has the right sign in an octant
        found.append(
            Orientation(
                direction,
                sign,
                height=float(sign * height),
                kappa=kappa,
                share=1 / 8,
                direct_share=1 / 16,
            )
        )
    return tuple(found)
