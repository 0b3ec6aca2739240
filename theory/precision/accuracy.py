"""Accuracy lost to noise of a logit: two Gaussian classes at a distance d, and what R² says of it.

Inputs of class ±1 are N(±d/2, 1) along one direction, so the logit f of the posterior is that
coordinate times d: N(±d²/2, d²). Source of the one linear model that is judged: Hill, Zamirai et
al., arXiv:1808.02513.
"""

from collections.abc import Iterator
from typing import Any

import sympy as sp

Step = tuple[str, sp.Basic | None]

REFERENCE = """@misc{hill2018rethinking,
  title = {Rethinking Numerical Representations for Deep Neural Networks},
  author = {Hill, Parker and Zamirai, Babak and others},
  year = {2018},
  note = {arXiv:1808.02513}
}"""

LOSS, NOISE, SLOPE, LOST = sp.symbols("ΔA s² κ ΔA/((1−R²)A)", positive=True)
DISTANCE, LIKE = sp.symbols("d d₀", positive=True)
FLIPS, EXPLAINED = sp.symbols("F R²", positive=True)


def density(distance: Any) -> Any:
    """p_f(0) of the logit."""
    return sp.exp(-(distance**2) / 8) / (sp.sqrt(2 * sp.pi) * distance)


def slope(distance: Any) -> Any:
    """κ: share of the accuracy that is lost, over 1 − R²."""
    variance = distance**2 + distance**4 / 4
    accuracy = (1 + sp.erf(distance / sp.sqrt(8))) / 2
    return density(distance) * variance / 4 / accuracy


def share_of_flips() -> sp.Expr:
    """Share of signs that differ, of two normal numbers of mean 0 with a squared correlation R²."""
    angle, radius = sp.symbols("φ r", positive=True)
    isotropic = radius * sp.exp(-(radius**2) / 2) / (2 * sp.pi)
    between = sp.integrate(isotropic, (radius, 0, sp.oo))  # of directions, for a unit of angle
    return sp.integrate(2 * between, (angle, 0, sp.acos(sp.sqrt(EXPLAINED))))


def law_of_flips() -> Iterator[Step]:
    """The law of the signs that noise changes (Sheppard, Phil. Trans. R. Soc. A 192, 1899)."""
    yield (
        "A normal logit of mean 0 and the same with normal noise are two projections of an "
        "isotropic normal vector, at an angle whose cosine is their correlation √R². Their signs "
        "differ where the vector lies between the lines perpendicular to them, on both sides:",
        sp.Eq(FLIPS, share_of_flips()),
    )


def loss_of_noise() -> Iterator[Step]:
    """The law of the accuracy that a small noise of the logit costs."""
    t, s = sp.symbols("t s", positive=True)
    tail = sp.erfc(t / sp.sqrt(2)) / 2
    share = sp.integrate(4 * t * tail, (t, 0, sp.oo))
    at_0, rate = sp.symbols("p_f(0) η′(0)", positive=True)
    yield (
        "Where noise of variance s² changes the sign of f, of probability Q(|f|/s), accuracy falls "
        "by |2η(f) − 1|. For small s only small f matter, with |2η − 1| = 2 η′(0) |f|:",
        sp.Eq(LOSS, at_0 * rate * share * s**2),
    )
    yield "η is the logistic function, so η′(0) = 1/4, and the density of f at 0 is", None
    yield "that of the two classes:", sp.Eq(at_0, density(DISTANCE))
    yield "So", sp.Eq(LOSS, density(DISTANCE) * NOISE / 4)


def one_slope() -> Iterator[Step]:
    """What one linear model for all tasks says, if it fits the tasks of distance d₀."""
    yield from loss_of_noise()
    yield (
        "For noise like any other s² = (1 − R²) Var f with Var f = d² + d⁴/4; divided by the exact "
        "accuracy Φ(d/2) the slope is",
        sp.Eq(SLOPE, slope(DISTANCE)),
    )
    yield (
        "It depends on the task. One linear model, fitted where the distance is d₀, says of all",
        sp.Eq(LOST, slope(LIKE)),
    )
