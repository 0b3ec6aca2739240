"""Rare inputs through the gate of an inactive filter: how often they come, and what one does.

A filter z = γx̂ + β without a shift has r = β/|γ| < −τ. A step sees a batch of B inputs, normalized,
so that one of them has the density of `theory.batchnorm.moments` on |x̂| < √(B − 1). Those above
a = −r open the gate, one of them with noise δ ~ N(0, 1) at the output moves

    γ ← qγ(1 − ux̂),   β ← qγ(r − u),   q = 1 − ηλ,   u = ηδ/(Bqγ).

Two at once count as one with noise √2 δ: both lie so close above a that their gradients are almost
parallel. γ > 0 is no restriction, for the inputs are symmetric. Source: our derivation.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import sympy
from jaxtyping import Float
from scipy import special

from theory.batchnorm.moments import finite_batch_moments

Levels = Float[np.ndarray, "*shape"]
NODES = 8  # of Gauss and Laguerre, for inputs above a level

KICK = sympy.Symbol("u", real=True)
INPUT, LEVEL, THRESHOLD = sympy.symbols("x a τ", positive=True)


class Inputs(ABC):
    """Inputs of one batch of B."""

    batch: int

    @property
    @abstractmethod
    def largest(self) -> float:
        """No input is larger."""

    @abstractmethod
    def tail(self, level: Levels) -> Levels:
        """P(x̂ > level)."""

    @abstractmethod
    def density(self, x: Levels) -> Levels:
        """Of one input."""

    @abstractmethod
    def pairs(self, level: Levels) -> Levels:
        """Expected number of pairs of a batch that both lie above the level."""


@dataclass(frozen=True)
class Normalized(Inputs):
    """Gaussian inputs normalized by mean and variance of their batch: uniform on a sphere."""

    batch: int

    @property
    def largest(self) -> float:
        return math.sqrt(self.batch - 1)

    def tail(self, level: Levels) -> Levels:
        return finite_batch_moments(-level, self.batch).m0

    def density(self, x: Levels) -> Levels:
        half = (self.batch - 2) / 2
        top = math.exp(math.lgamma(half + 0.5) - math.lgamma(half)) / math.sqrt(math.pi)
        inside = np.maximum(1 - (x / self.largest) ** 2, 0.0)
        return top / self.largest * inside ** (half - 1)

    def pairs(self, level: Levels) -> Levels:
        # given one, the others are a normalized batch of B − 1 about −x̂/(B − 1)
        x, weight = above(self, level)
        center = -x / (self.batch - 1)
        spread = np.sqrt((self.batch - x**2) / (self.batch - 1) - center**2)
        others = finite_batch_moments((center - level[..., None]) / spread, self.batch - 1).m0
        return self.batch * (self.batch - 1) / 2 * (weight * others).sum(-1)


@dataclass(frozen=True)
class Gaussian(Inputs):
    """As if they were not normalized: a wrong law, for controls."""

    batch: int

    @property
    def largest(self) -> float:
        return math.inf

    def tail(self, level: Levels) -> Levels:
        return special.ndtr(-level)

    def density(self, x: Levels) -> Levels:
        return np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)

    def pairs(self, level: Levels) -> Levels:
        return self.batch * (self.batch - 1) / 2 * self.tail(level) ** 2


def above(
    inputs: Inputs, level: Levels
) -> tuple[Float[np.ndarray, "*shape nodes"], Float[np.ndarray, "*shape nodes"]]:
    """Inputs above a level > 0 and their weights, which sum to P(x̂ > level).

    The tail falls about as exp(−a(x̂ − a)). Nodes beyond the largest input have no weight and are
    put back to it.
    """
    node, weight = np.polynomial.laguerre.laggauss(NODES)
    level = level[..., None]
    x = level + node / level
    mass = weight * np.exp(node) / level * inputs.density(x)
    return np.minimum(x, inputs.largest * (1 - 1e-12)), mass


def active_kicks() -> tuple[sympy.Expr, sympy.Expr]:
    """u₋ < 0 and u₊ > 1/x: a filter at r = −a is active after a kick u < u₋ or u > u₊.

    From β = −τ|γ| after the kick, with |1 − ux| = ±(1 − ux).

    Raises:
        ArithmeticError: one of them does not lie on its side.
    """
    x, a = INPUT, LEVEL
    found = []
    for sign in (1, -1):
        (edge,) = sympy.solve(-a - KICK + THRESHOLD * sign * (1 - KICK * x), KICK)
        found.append(sympy.factor(edge))
    low, high = found
    at = {x: 5, a: 4, THRESHOLD: 3}
    if not (low.subs(at) < 0 and high.subs(at) > sympy.Rational(1, 5)):
        raise ArithmeticError("the edges of the active kicks are not where they should be")
    return low, high
