"""Multiplicity 2 in any dimension: four orientations under gradient flow, 2^D under Adam.

H(u) = uᵀMu with M = (c/n) Σᵢ yᵢ x̃ᵢx̃ᵢᵀ. On the sphere sign(a)·H has one maximum up to u → −u, the
eigenvector of the largest eigenvalue of sign(a)·M, so there are at most 2p = 4 orientations. On
the cube every corner is a maximum where the diagonal of M is of one sign and dominates its rows.
Source: our derivation; `theory.condensation.orientations.critical` finds the orientations of any M.
"""

import math
from itertools import product
from typing import cast

import numpy as np
import sympy
from jaxtyping import Float

from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.orientations.plane import Orientation
from theory.prediction import Step


def moment_matrix(form: HomogeneousForm) -> Float[np.ndarray, "dimension dimension"]:
    """M with H(u) = uᵀMu, for a smooth form of order 2.

    Raises:
        ValueError: for other forms.
    """
    if form.order != 2 or not form.smooth:
        raise ValueError("only smooth forms of order 2 are quadratic")
    return form.hessian(np.ones(form.dimension)) / 2


def stiffness_of_fading(matrix: Float[np.ndarray, "dimension dimension"]) -> float:
    """How many times faster a neuron turns than it shrinks where it shrinks for ever.

    That needs a definite M and an output weight of the wrong sign: the neuron ends along the
    eigenvalue nearest to 0. 0 for an indefinite M, where every neuron grows in the end.
    """
    values = np.linalg.eigvalsh(matrix)
    if values[0] * values[-1] <= 0:
        return 0.0
    return float(np.max(np.abs(values)) / np.min(np.abs(values)))


def corner_orientations(
    matrix: Float[np.ndarray, "dimension dimension"],
) -> tuple[Orientation, ...]:
    """All 2^D corners of the cube, with the sign of the diagonal, for Adam.

    All neurons grow, those of the other output sign after it has flipped. Shares are the mean over
    the corners: for a diagonal matrix a neuron keeps the signs of its weights and all are equal,
    otherwise a small weight may be turned by the larger ones.

    Raises:
        ArithmeticError: where the diagonal does not dominate or has both signs.
    """
    diagonal = np.diag(matrix)
    sign = 1 if diagonal[0] > 0 else -1
    beside = np.abs(matrix - np.diag(diagonal)).sum(axis=1)
    if np.any(sign * diagonal <= beside):
        raise ArithmeticError("the diagonal of the moment matrix does not dominate with one sign")
    dimension = len(matrix)
    corners = np.array(list(product((1.0, -1.0), repeat=dimension))) / math.sqrt(dimension)
    heights = sign * np.einsum("ki,ij,kj->k", corners, matrix, corners)
    share = 0.5**dimension
    # no coordinate is free: a corner is reached at a finite growth, as a kink is
    return tuple(
        Orientation(
            tuple(corner.tolist()),
            sign,
            height=float(height),
            kappa=math.inf,
            share=share,
            direct_share=share / 2,
        )
        for corner, height in zip(corners, heights, strict=True)
    )


def quadratic_steps() -> tuple[Step, ...]:
    """Why p = 2 has at most four orientations on the sphere and may have 2^D on the cube."""
    d = sympy.Symbol("D", integer=True, positive=True)
    i, j = sympy.symbols("i j", integer=True)
    u_i, u_j, m_ij = sympy.Indexed("u", i), sympy.Indexed("u", j), sympy.Indexed("M", i, j)
    height = sympy.Function("H")(sympy.Symbol("u"))
    double = sympy.Sum(m_ij * u_i * u_j, (i, 1, d), (j, 1, d))
    _check_on_the_sphere()
    _check_force_at_a_corner()
    force = 2 * cast(sympy.Expr, sympy.Sum(m_ij * u_i * u_j, (j, 1, d)))
    value = sympy.Symbol("lambda")
    return (
        Step("For p = 2 the form is quadratic, with a symmetric matrix M of the data,",
             sympy.Eq(height, double)),
        Step(
            "On the sphere its critical directions are the eigenvectors of M. One of them is no "
            "maximum of H where another eigenvalue is larger, since along that one H curves by",
            sympy.Eq(sympy.Symbol("k"), 2 * (sympy.Symbol("lambda_2") - value)),
        ),
        Step(
            "so only the largest eigenvalue is left if it is positive, and in the same way the "
            "smallest for negative output weights: two lines, whatever the dimension.",
            sympy.Le(sympy.Symbol("N"), 4),
        ),
        Step(
            "On the cube a corner u, each coordinate 1 or −1, is a maximum where every coordinate "
            "is pushed outward, by",
            sympy.Eq(sympy.Function("F")(i), force),
        ),
        Step(
            "so where the diagonal dominates the rows of M and is positive all corners are maxima "
            "(there are no others: H is convex along every edge): more than 2p = 4 from D = 3.",
            sympy.Eq(sympy.Symbol("N"), 2**d),
        ),
    )  # fmt: skip


def _check_on_the_sphere() -> None:
    """Along the circle from one eigenvector to another H curves by twice the difference."""
    t, low, high = sympy.symbols("t lambda lambda_2", real=True)
    on_circle = low * sympy.cos(t) ** 2 + high * sympy.sin(t) ** 2
    curvature = sympy.diff(on_circle, t, 2).subs(t, 0)
    if sympy.simplify(curvature - 2 * (high - low)) != 0:
        raise ArithmeticError("the curvature of a quadratic form between eigenvectors is wrong")


def _check_force_at_a_corner() -> None:
    """uᵢ ∂H/∂uᵢ = 2 Σⱼ Mᵢⱼ uᵢuⱼ at every corner, for D = 2 … 5."""
    for dimension in range(2, 6):
        u = sympy.symbols(f"u_1:{dimension + 1}")
        pairs = [(i, j) for i in range(dimension) for j in range(dimension)]
        m = {(i, j): sympy.Symbol(f"m_{min(i, j)}{max(i, j)}") for i, j in pairs}
        form = sympy.Add(*[m[i, j] * u[i] * u[j] for i, j in pairs])
        for corner in product((1, -1), repeat=dimension):
            at = dict(zip(u, corner, strict=True))
            for k in range(dimension):
                force = (u[k] * sympy.diff(form, u[k])).subs(at)
                terms = [2 * m[k, j] * corner[k] * corner[j] for j in range(dimension)]
                if sympy.expand(force - sympy.Add(*terms)) != 0:
                    raise ArithmeticError(f"the force at the corner {corner} is wrong")
