"""Random forms of degree p in two variables, by the coefficients of w^k b^(p−k), k = 0 … p.

Pure functions: randomness comes from the generator that is passed in. Five ensembles, so that a
search for a form with too many maxima does not depend on how forms are drawn.
"""

import math
from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float64

from sim.condensation.targets import random_labels

Ensemble = Literal["gaussian", "decades", "labels", "zeros", "turning"]
Terms = Float64[np.ndarray, " terms"]
ENSEMBLES: tuple[Ensemble, ...] = get_args(Ensemble)

DECADES = 4.0  # on either side of 1, of coefficients that differ in size
NEAREST = -3.0  # decades below 1 that a pair of zeros comes near to a real line
OUTSIDE = 2.0  # of the side, which ends at 1: how far a chosen zero may be


def draw_terms(ensemble: Ensemble, rng: np.random.Generator, p: int) -> Terms:
    """Coefficients of one form of degree p ≥ 1."""
    return _DRAWS[ensemble](rng, p)


def _gaussian(rng: np.random.Generator, p: int) -> Terms:
    """The Kostlan form, which prefers no direction."""
    return rng.standard_normal(p + 1) * np.sqrt([math.comb(p, k) for k in range(p + 1)])


def _decades(rng: np.random.Generator, p: int) -> Terms:
    """Coefficients of all sizes, with signs at random."""
    return rng.choice([1.0, -1.0], p + 1) * 10 ** rng.uniform(-DECADES, DECADES, p + 1)


def _labels(rng: np.random.Generator, p: int) -> Terms:
    """The leading form of a data set with random labels, as networks are trained on."""
    data = random_labels(rng)
    moments = [float(np.mean(data.y * data.x[:, 0] ** k)) for k in range(p + 1)]
    return np.array([math.comb(p, k) * moment for k, moment in enumerate(moments)])


def _zeros(rng: np.random.Generator, p: int) -> Terms:
    """A product of real lines at random and of pairs of zeros that come near to one."""
    pairs = int(rng.integers(p // 2 + 1))
    product = np.ones(1)
    for i in range(p - pairs):
        angle = rng.uniform(0, math.pi)
        along = np.array([math.sin(angle), -math.cos(angle)])  # of b and w
        if i < pairs:
            across = 10 ** rng.uniform(NEAREST, 0) * np.array([math.cos(angle), math.sin(angle)])
            along = np.convolve(along, along) + np.convolve(across, across)
        product = np.convolve(product, along)
    return product


def _turning(rng: np.random.Generator, p: int) -> Terms:
    """As many turning points on the side w = 1 as there can be, and a zero on or near it."""
    slope = np.polynomial.polynomial.polyfromroots(rng.uniform(-1, 1, p - 1))
    rising = np.polynomial.polynomial.polyint(slope)
    zero = np.polynomial.polynomial.polyval(rng.uniform(-OUTSIDE, OUTSIDE), rising)
    rising[0] -= zero
    return np.asarray(rising[::-1])  # b^k from w^(p−k)


_DRAWS: dict[Ensemble, Callable[[np.random.Generator, int], Terms]] = {
    "gaussian": _gaussian,
    "decades": _decades,
    "labels": _labels,
    "zeros": _zeros,
    "turning": _turning,
}
