"""Orthogonally decomposable leading forms: 2D orientations for p = 3, more than 2p from D = 4.

H(u) = c Σₖ (vₖ·u)³ with an orthonormal basis v₁ … v_D. Its positive local maxima on the sphere are
exactly the vₖ, its negative local minima −vₖ: shown here with sympy. Source: our derivation;
Robeva, Orthogonal decomposition of symmetric tensors, SIAM J. Matrix Anal. Appl. 37 (2016), for
the eigenvectors.
"""

import functools
from typing import cast

import numpy as np
import sympy
from jaxtyping import Float

from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import C
from theory.condensation.orientations.plane import Orientation
from theory.prediction import Step

ROUNDING = 1e-9  # against the scale of the form
REFERENCE = """@article{robeva2016orthogonal,
  title = {Orthogonal Decomposition of Symmetric Tensors},
  author = {Robeva, Elina},
  journal = {SIAM Journal on Matrix Analysis and Applications},
  volume = {37},
  pages = {86--102},
  year = {2016}
}"""


def decomposition(form: HomogeneousForm, seed: int = 0) -> Float[np.ndarray, "dimension dimension"]:
    """The basis v₁ … v_D, one a row, with H(u) = c Σₖ (vₖ·u)³.

    The Hessian at any point is 6c Σₖ (vₖ·u) vₖvₖᵀ, so its eigenvectors are the basis; that they
    are one for every direction is then checked on the whole tensor.

    Raises:
        ArithmeticError: if H is no such sum.
    """
    if form.order != 3 or not form.smooth:
        raise ArithmeticError("only smooth forms of order 3 are decomposed")
    rng = np.random.default_rng(seed)
    basis = np.linalg.eigh(form.hessian(rng.standard_normal(form.dimension)))[1].T
    basis *= np.sign(form.value(basis) * form.right)[:, None]
    # as many random points as there are monomials, and more: equal there is equal everywhere
    points = rng.standard_normal((form.dimension**3, form.dimension))
    cubes = form.right * ((points @ basis.T) ** 3).sum(axis=1)
    size = form.scale * np.linalg.norm(points, axis=1) ** 3
    if np.any(np.abs(form.value(points) - cubes) > ROUNDING * size):
        raise ArithmeticError("the leading form is not orthogonally decomposable")
    return basis


def decomposable_orientations(
    basis: Float[np.ndarray, "dimension dimension"], c: float = 1.0
) -> tuple[Orientation, ...]:
    """±vₖ with the sign of ±c, for gradient flow.

    By symmetry all have the same share of starts. Where no sign(a)·vₖ·u is positive, which has
    chance 2^-D, a neuron climbs to a maximum below 0 instead and fades unless its sign flips;
    H has the right sign at half of all starts, none of them there.
    """
    critical_points(len(basis))
    count = 2 * len(basis)
    return tuple(
        Orientation(
            tuple((side * v).tolist()),
            side if c > 0 else -side,
            height=abs(c),
            kappa=1.0,  # no second derivative of H is left on the tangent space of vₖ
            share=(1 - 0.5 ** len(basis)) / count,
            direct_share=1 / (2 * count),
        )
        for v in basis
        for side in (1, -1)
    )


@functools.cache
def critical_points(dimension: int) -> int:
    """Number of critical lines of Σ cₖ³ on the sphere, each examined exactly.

    In coordinates cₖ = vₖ·u the condition is 3cₖ² = 3h cₖ, so on each line m ≥ 1 coordinates are
    h = 1/√m and the others are 0; up to the order of coordinates there is one case for each m.
    The other end of each line has −H, so maxima of −H there are what maxima of H are here.

    Raises:
        ArithmeticError: if a case with m ≥ 2 were a maximum, or m = 1 were none.
    """
    c = sympy.symbols(f"c_1:{dimension + 1}", real=True)
    form = sympy.Add(*[one**3 for one in c])
    for m in range(1, dimension + 1):
        h = 1 / sympy.sqrt(m)
        at = dict(zip(c, [h] * m + [sympy.Integer(0)] * (dimension - m), strict=True))
        height = form.subs(at)
        radial = 3 * height  # Euler: u·∇H = pH
        if any(sympy.simplify((sympy.diff(form, v) - radial * v).subs(at)) != 0 for v in c):
            raise ArithmeticError(f"{m} equal coordinates are not critical on the sphere")
        # the Hessian is diagonal: curvature along cᵢ − cⱼ in the support, and out of it
        inside, outside = (sympy.diff(form, v, 2).subs(at) - radial for v in (c[0], c[-1]))
        if m > 1 and not inside > 0:
            raise ArithmeticError(f"{m} equal coordinates are no saddle")
        if m < dimension and not outside < 0:
            raise ArithmeticError(f"no maximum across the support of {m} coordinates")
    return 2**dimension - 1


def decomposable_steps() -> tuple[Step, ...]:
    """Why H = c Σ (vₖ·u)³ has 2D orientations, checked case by case for D = 2 … 6."""
    for dimension in range(2, 7):
        critical_points(dimension)
    k, m, d = sympy.symbols("k m D", integer=True, positive=True)
    one = cast(sympy.Expr, sympy.Indexed("c", k))
    h = sympy.Symbol("h", positive=True)
    cubes = sympy.Sum(one**3, (k, 1, d))
    s = sympy.Symbol("s", real=True)
    inside, outside = (sympy.diff(s**3, s, 2).subs(s, at) - 3 * h for at in (h, 0))
    return (
        Step(
            "The targets are chosen such that, in orthonormal coordinates c_k of the direction u,",
            sympy.Eq(sympy.Function("H")(sympy.Symbol("u")), C * cubes),
        ),
        Step(
            "A direction of height H/c = h is critical on the sphere where every coordinate is "
            "0 or h, and neurons grow where h > 0 (opposite, with the other sign, where h < 0):",
            sympy.Eq(one**2, h * one),
        ),
        Step("with m of them not zero,", sympy.Eq(h, 1 / sympy.sqrt(m))),
        Step(
            "Between two coordinates that are not zero H/c curves upward, so for m ≥ 2 the "
            "direction is a saddle; the curvature is",
            sympy.Eq(sympy.Symbol("lambda_1"), inside),
        ),
        Step(
            "toward a coordinate that is zero it curves downward, so for m = 1 the direction is a "
            "strict maximum; the curvature is",
            sympy.Eq(sympy.Symbol("lambda_2"), outside),
        ),
        Step(
            "These are D maxima, and as many minima opposite to them, more than 2p = 6 from D = 4:",
            sympy.Eq(sympy.Symbol("N"), 2 * d),
        ),
    )
