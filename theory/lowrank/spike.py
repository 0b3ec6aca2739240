"""A kernel with a mean: when its first singular vectors see it, and what truncation leaves then.

A k × n kernel of entries of variance 1 and mean μ is X + √θ u vᵀ with constant unit vectors and
θ = μ²kn. The outlier and its threshold are Baik, Ben Arous and Péché's, positions and overlaps for
rectangular matrices Benaych-Georges and Nadakuditi's (2012), derived here from two equations.
"""

from collections.abc import Iterator
from typing import Any

import sympy as sp

from theory.lowrank.truncation import COLUMNS, ROWS, TAIL, tail_below

Steps = Iterator[tuple[str, sp.Basic | None]]

REFERENCE = """@article{benaych2012singular,
  title = {The singular values and vectors of low rank perturbations of large rectangular random
  matrices},
  author = {Benaych-Georges, Florent and Nadakuditi, Raj Rao},
  journal = {Journal of Multivariate Analysis},
  volume = {111},
  pages = {120--135},
  year = {2012}
}"""

THETA = sp.Symbol("θ", positive=True)
TOP = sp.Symbol("σ₁²", positive=True)
LEFT = sp.Symbol("(u₁·u)²", positive=True)
RIGHT = sp.Symbol("(v₁·v)²", positive=True)
STRENGTH = sp.Symbol("τ", positive=True)  # θ/n
RATIO = sp.Symbol("c", positive=True)  # k/n
Z, M, DUAL = sp.symbols("z m m'", real=True)
REST = sp.Symbol("tail'(r − 1)", positive=True)

IN_SIZES = {STRENGTH: THETA / COLUMNS, RATIO: ROWS / COLUMNS}


def equations() -> tuple[Any, Any, Any]:
    """Of both resolvents of XXᵀ/n and XᵀX/n outside of the bulk, and of a pole of the sum's."""
    return (
        sp.Eq(M, -1 / (Z * (1 + DUAL))),
        sp.Eq(DUAL, -1 / (Z * (1 + RATIO * M))),
        sp.Eq(STRENGTH * Z * M * DUAL, 1),
    )


def solution() -> dict[sp.Symbol, sp.Expr]:
    """z, m and m' of the outlier, in τ and c."""
    (found,) = sp.solve(equations(), (Z, M, DUAL), dict=True)
    return {symbol: sp.sympify(value).factor() for symbol, value in found.items()}


def top() -> sp.Expr:
    """(θ + k)(θ + n)/θ."""
    return (COLUMNS * solution()[Z]).subs(IN_SIZES).factor()


def threshold() -> sp.Expr:
    """θ_c = √(kn), where the outlier as a function of θ is lowest, and enters the bulk."""
    (found,) = sp.solve(sp.diff(top(), THETA), THETA)
    return found


def overlaps() -> tuple[sp.Expr, sp.Expr]:
    """Squares of u₁·u and v₁·v: residues of the resolvents at the outlier."""
    found = solution()
    # d(zmm')/dz = d(1/τ)/dz, since the outlier's place is the inverse function of the strength
    slope = -1 / STRENGTH**2 / sp.diff(found[Z], STRENGTH)
    return tuple(sp.factor((found[one] / (STRENGTH * slope)).subs(IN_SIZES)) for one in (M, DUAL))  # type: ignore[return-value]


def tail_with_mean() -> sp.Expr:
    """Energy beyond rank r, with the first singular value above the bulk of the others."""
    return (1 - top() / (ROWS * COLUMNS + THETA)) * REST


def _outlier() -> Steps:
    yield (
        "Outside of the bulk the resolvents of XXᵀ/n and XᵀX/n have traces m and m', with",
        equations()[0],
    )
    yield "", equations()[1]
    yield (
        "With a mean of strength τ = θ/n, of rank 1, the resolvent of the sum has a pole where",
        equations()[2],
    )
    yield "Solved,", sp.Eq(Z, solution()[Z])


def top_law() -> Steps:
    """σ₁² above the threshold."""
    yield from _outlier()
    yield (
        "It enters the bulk where its derivative is 0,",
        sp.Eq(sp.Symbol("θ_c", positive=True), threshold()),
    )
    yield "Above that the first singular value has, with σ² = nz,", sp.Eq(TOP, top())


def left_law() -> Steps:
    """Overlap on the side of the rows."""
    yield from _outlier()
    yield (
        "The overlap is the residue of the resolvent between constant vectors, m over τ times the "
        "derivative of zmm', of rows",
        sp.Eq(LEFT, overlaps()[0]),
    )


def right_law() -> Steps:
    """Overlap on the side of the columns."""
    yield from _outlier()
    yield (
        "The overlap is the residue of the resolvent between constant vectors, m' over τ times the "
        "derivative of zmm', of columns",
        sp.Eq(RIGHT, overlaps()[1]),
    )


def tail_law() -> Steps:
    """What is left beyond rank r."""
    yield from top_law()
    yield (
        "The other singular values are those of a kernel without mean, with a row and a column "
        "less; of the energy kn + θ is left",
        sp.Eq(TAIL, tail_with_mean()),
    )
    yield "where the others leave, by the law of Marchenko and Pastur,", sp.Eq(REST, tail_below())
    yield "Together", sp.Eq(TAIL, tail_with_mean().subs(REST, tail_below()))
