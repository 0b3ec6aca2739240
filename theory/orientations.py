"""Which orientations: the stable critical directions of the leading form, exactly.

A neuron ends at a local maximum of sign(a)·H with sign(a)·H > 0: on the unit sphere under
gradient flow (ℓ2), on the ℓ∞ cube under Adam, whose early steps are sign steps. For one input
these are roots of the polynomials of `theory.leading_form`; for p = 1 they are ±v/|v| in any
dimension. Source: our derivation.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import sympy
from jaxtyping import Float

from theory.leading_form import C, Form, Geometry

SAME_ANGLE = 1e-7  # radians; roots closer than this are one root found twice
FLAT = 1e-12  # values and derivatives of H this small against its coefficients are rounding


@dataclass(frozen=True)
class Orientation:
    """One predicted orientation of condensed neurons.

    Attributes:
        direction: unit vector (w₁, …, w_d, bias).
        sign: sign of the output weight of the neurons that condense there.
        height: |H(direction)|; |w|' = |a| p height |w|^(p-1), so it is the growth rate.
        kappa: the angle error is ∝ G^(-kappa) once |w| has grown by the factor G.
        share: share of initial (direction, output sign) pairs in its basin, if the output
            weight keeps its sign.
        direct_share: the part of ``share`` that grows from the start (sign·H > 0 at once).
    """

    direction: tuple[float, ...]
    sign: int
    height: float
    kappa: float
    share: float
    direct_share: float

    @property
    def angle(self) -> float:
        """atan2(bias, weight) in degrees, in [0, 360); one-dimensional input only."""
        return math.degrees(math.atan2(self.direction[1], self.direction[0])) % 360.0


class DegenerateError(ValueError):
    """The leading form prefers no direction on these data; the next order governs."""


def orientations(form: Form, geometry: Geometry) -> tuple[Orientation, ...]:
    """All predicted orientations for one-dimensional input, by increasing angle.

    Raises:
        DegenerateError: if H vanishes, is constant over all directions, or (ℓ∞) is constant along
            an edge of the square, so that no point of the edge is preferred.
    """
    size = float(np.max(np.abs(form.terms())))
    if size == 0:
        raise DegenerateError("the leading form vanishes on these data: the next order governs")
    deciding = ("angular",) if geometry is Geometry.L2 else ("edge_w", "edge_b")
    if any(np.max(np.abs(form.polynomial(name))) <= FLAT * size for name in deciding):
        where = "in all directions" if geometry is Geometry.L2 else "along an edge of the square"
        raise DegenerateError(f"the leading form is the same {where}: the next order governs")
    theta = extrema(form, geometry)
    heights = profile(form, geometry, theta)
    found = []
    for i, angle in enumerate(theta):
        sign = 1 if heights[i] > heights[i - 1] else -1
        if sign * heights[i] > FLAT * size:  # else a neuron that ends here shrinks for ever
            basin = (theta[i - 1], theta[(i + 1) % len(theta)])
            found.append(_orientation(form, geometry, float(angle), sign, basin))
    return tuple(found)


def profile(
    form: Form, geometry: Geometry, theta: Float[np.ndarray, "n"]
) -> Float[np.ndarray, "n"]:
    """H at angle θ on the boundary of the unit ball of the geometry."""
    return form.value(theta) if geometry is Geometry.L2 else form.on_square(theta)


def extrema(form: Form, geometry: Geometry) -> Float[np.ndarray, "n"]:
    """Angles of the alternating maxima and minima of the profile, increasing."""
    candidates = _circle_roots(form) if geometry is Geometry.L2 else _square_candidates(form)
    theta = np.sort(np.mod(candidates, 2 * np.pi))
    if len(theta) > 1:
        theta = theta[np.diff(theta, prepend=theta[-1] - 2 * np.pi) > SAME_ANGLE]
    # between neighboring candidates the profile is monotone: drop those that are merely passed
    while len(theta) > 2:
        height = profile(form, geometry, theta)
        rising = height > np.roll(height, 1)
        extremal = rising != np.roll(rising, -1)
        if extremal.all():
            break
        theta = theta[extremal]
    return theta


def _real_roots(coefficients: Float[np.ndarray, "terms"]) -> Float[np.ndarray, "n"]:
    significant = np.abs(coefficients) > 1e-13 * np.max(np.abs(coefficients))
    if not significant.any():
        return np.empty(0)
    roots = np.roots(coefficients[np.argmax(significant) :])
    return roots.real[np.abs(roots.imag) < 1e-9 * (1 + np.abs(roots.real))]


def _circle_roots(form: Form) -> Float[np.ndarray, "n"]:
    coefficients = form.polynomial("angular")
    lines = np.arctan(_real_roots(coefficients))
    if abs(coefficients[0]) <= 1e-13 * np.max(np.abs(coefficients)):
        lines = np.append(lines, np.pi / 2)  # the root t = ∞
    return np.concatenate([lines, lines + np.pi])


def _square_candidates(form: Form) -> Float[np.ndarray, "n"]:
    """Corners of the ℓ∞ square and the critical points inside its edges."""
    on_w, on_b = (_real_roots(form.polynomial(edge)) for edge in ("edge_w", "edge_b"))
    inside_w = np.arctan(on_w[np.abs(on_w) < 1])
    inside_b = np.arctan2(1.0, on_b[np.abs(on_b) < 1])
    edges = np.concatenate([inside_w, inside_b])
    corners = np.pi / 4 + np.pi / 2 * np.arange(4)
    return np.concatenate([corners, edges, edges + np.pi])


def _orientation(
    form: Form, geometry: Geometry, angle: float, sign: int, basin: tuple[float, float]
) -> Orientation:
    height = sign * float(form.value(np.array(angle)))
    kappa = 1.0  # sign steps add to w: what was there at the start fades as 1/|w|
    if geometry is Geometry.L2:
        kappa = -sign * float(form.curvature(np.array(angle))) / (form.p * height)
    lower = angle - float(np.mod(angle - basin[0], 2 * np.pi))
    upper = angle + float(np.mod(basin[1] - angle, 2 * np.pi))
    direct = float(np.mean(sign * form.value(np.linspace(lower, upper, 2001)) > 0))
    share = (upper - lower) / (4 * np.pi)  # half of the neurons have this output sign
    return Orientation(
        (math.cos(angle), math.sin(angle)), sign, height, kappa, share, share * direct
    )


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
        DegenerateError: if v = 0 (or one of its components, for ℓ∞): the next order governs.
    """
    v = c * (y @ x) / len(y)
    typical = np.sqrt(np.mean(y * y) * np.mean(x * x, axis=0))
    negligible = np.abs(v) <= 1e-12 * np.abs(c) * typical
    if negligible.all() or (geometry is Geometry.LINF and negligible.any()):
        raise DegenerateError("v = Σ y x vanishes on these data: the next order governs")
    top = v if geometry is Geometry.L2 else np.sign(v)
    top = top / np.linalg.norm(top)
    height = float(v @ top)
    return tuple(
        Orientation(tuple(float(u) for u in sign * top), sign, height, 1.0, 0.5, 0.25)
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
        found.append(Orientation(direction, sign, float(sign * height), kappa, 1 / 8, 1 / 16))
    return tuple(found)
