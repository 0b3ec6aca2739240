"""The leading form of a kinked activation for one input and a bias: a binary form per sector.

With σ(z) − σ(0) ~ c₊ z^p for z > 0 and c₋ |z|^p for z < 0 (ReLU: 1 and 0, p = 1),
H(u) = (1/n) Σᵢ yᵢ σ_lead(u·x̃ᵢ), x̃ = (x, 1). A sample changes sides where u·x̃ᵢ = 0, at two
opposite angles; between such breakpoints H is a binary form of degree p with moments of its
own: every sample counts with c₊ or (−1)^p c₋. H is continuous, for p = 1 with kinks at the
breakpoints, and may vanish on whole sectors. Source: our derivation.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from theory.condensation.forms.arcs import Arcs, Vectors, contract, intervals
from theory.condensation.forms.leading_form import (
    CORNERS,
    FLAT,
    SAME_ANGLE,
    Form,
    Geometry,
    form_of,
    typical_term,
)
from theory.symbolic.activation import Activation
from theory.symbolic.leading_part import LeadingPart, leading_part

KINK = 1e-8  # slopes beside an extremum up to this share of the scale are those of a root


@dataclass(frozen=True, eq=False)
class SectorForm:
    """The leading form of one data set for an activation with different sides.

    Attributes:
        right, left: c₊ and c₋ of σ_lead = c₊ z^p for z > 0 and c₋ |z|^p for z < 0.
        starts: angles in radians at which the sectors start, increasing, from −π/2 on.
        moments: of each sector, the sum over samples of the coefficient of w^k b^(p-k) without
            the binomial, k = 0 … p.
        target_norm: norm of the moment tensor (1/n) Σ yᵢ x̃ᵢ^{⊗p} of all samples.
        scale: size of the terms that were added up to give H on the unit circle.
    """

    right: float
    left: float
    starts: Float[np.ndarray, " sectors"]
    moments: Float[np.ndarray, "sectors terms"]
    target_norm: float
    scale: float

    @property
    def p(self) -> int:
        return self.moments.shape[1] - 1

    @property
    def negligible(self) -> float:
        """Values and derivatives of H up to this size are rounding."""
        return FLAT * self.scale

    def rounding(
        self, geometry: Geometry, theta: Float[np.ndarray, "*n"]
    ) -> Float[np.ndarray, "*n"]:
        """Differences of the profile at an angle up to this size are rounding."""
        return np.full_like(theta, self.negligible)

    @property
    def vanishes(self) -> bool:
        """Whether H is zero in all directions, up to rounding."""
        return bool(self._heights.max() <= self.negligible)

    def lead(self, z: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """The leading part c₊ z^p or c₋ |z|^p of the activation."""
        return np.asarray(np.where(z > 0, self.right, self.left) * np.abs(z) ** self.p)

    def value(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """H(cos θ, sin θ)."""
        return contract(self._tensor(theta), [_unit(theta)] * self.p)[..., 0]

    def slope(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """dH/dθ on the unit circle; at a kink that of one of its sides."""
        return self._slope(self._tensor(theta), theta)

    def curvature(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """d²H/dθ² on the unit circle; at a breakpoint that of one of its sides."""
        return self._curvature(self._tensor(theta), theta)

    def on_square(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """H where the ray at angle θ meets the boundary of the ℓ∞ square."""
        radius = np.maximum(np.abs(np.cos(theta)), np.abs(np.sin(theta)))
        return np.asarray(self.value(theta) / radius**self.p)

    def gradient(
        self, w: float | Float[np.ndarray, "*n"], b: float | Float[np.ndarray, "*n"]
    ) -> tuple[Float[np.ndarray, "*n"], Float[np.ndarray, "*n"]]:
        """(∂H/∂w, ∂H/∂b); at a breakpoint that of one of its sides."""
        at = (np.asarray(w, dtype=float), np.asarray(b, dtype=float))
        theta = np.asarray(np.arctan2(at[1], at[0]))
        left = contract(self._tensor(theta), [at] * (self.p - 1))
        return np.asarray(self.p * left[..., 1]), np.asarray(self.p * left[..., 0])

    def kappa(self, angle: float, sign: int) -> float:
        """Exponent of the angle error at an orientation on the circle: it is ∝ G^(-kappa).

        From a side on which the slope does not fade the orientation is reached at a finite
        growth, which counts as infinity. The slower of the two sides is given.
        """
        slopes, curvatures = self._beside(angle)
        height = sign * float(self.value(np.array(angle)))
        rates = np.where(slopes == 0, -sign * curvatures / (self.p * height), math.inf)
        return float(rates.min())

    def steepness(self, angle: float) -> float:
        """Largest |dH/dθ| / (p|H|) beside an orientation, in radians: not 0 at a kink.

        So many radians a neuron beside it turns while its weights grow by the factor e.
        """
        slopes, _ = self._beside(angle)
        return float(np.abs(slopes).max()) / (self.p * abs(float(self.value(np.array(angle)))))

    def _beside(self, angle: float) -> tuple[Float[np.ndarray, "2"], Float[np.ndarray, "2"]]:
        """Slope, 0 where it is that of a root, and curvature on both sides of an extremum."""
        at = np.array([angle, angle])
        tensor = self._tensor(at + np.array([-SAME_ANGLE, SAME_ANGLE]))
        slopes = self._slope(tensor, at)
        slopes[np.abs(slopes) <= KINK * self.scale] = 0.0
        return slopes, self._curvature(tensor, at)

    def candidates(self, geometry: Geometry) -> Float[np.ndarray, " n"]:
        """Angles in radians between which the profile of the geometry is monotone."""
        return self._arcs(geometry).candidates()

    def plateaus(self, geometry: Geometry) -> tuple[tuple[float, float], ...]:
        """Intervals of angle (radians) on which the profile is constant, dead sectors included."""
        return self._arcs(geometry).plateaus()

    def dead_sectors(self) -> tuple[tuple[float, float], ...]:
        """Intervals (start, end) of angle in radians on which H vanishes: neurons stay there.

        Starts lie in [−π/2, 3π/2). Under ReLU there is one wherever no sample is active.
        """
        return intervals(self.starts, self._heights <= self.negligible)

    @property
    def dead_share(self) -> float:
        """Share of all directions that are dead."""
        return sum(end - start for start, end in self.dead_sectors()) / (2 * math.pi)

    @property
    def _heights(self) -> Float[np.ndarray, " sectors"]:
        """The largest coefficient of the form of each sector."""
        binomials = np.array([math.comb(self.p, k) for k in range(self.p + 1)])
        return np.abs(binomials * self.moments).max(1)

    def _sectors(self, theta: Float[np.ndarray, "*n"]) -> Int[np.ndarray, "*n"]:
        turned = np.mod(theta - self.starts[0], 2 * np.pi) + self.starts[0]
        return np.asarray(np.searchsorted(self.starts, turned, side="right") - 1)

    def _tensor(self, theta: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n terms"]:
        return self.moments[self._sectors(theta)]

    def _slope(
        self, tensor: Float[np.ndarray, "*n terms"], theta: Float[np.ndarray, "*n"]
    ) -> Float[np.ndarray, "*n"]:
        vectors = [_unit(theta)] * (self.p - 1) + [_turned(theta)]
        return np.asarray(self.p * contract(tensor, vectors)[..., 0])

    def _curvature(
        self, tensor: Float[np.ndarray, "*n terms"], theta: Float[np.ndarray, "*n"]
    ) -> Float[np.ndarray, "*n"]:
        p, unit = self.p, _unit(theta)
        radial = np.asarray(p * contract(tensor, [unit] * p)[..., 0])
        if p == 1:
            return np.asarray(-radial)
        turned = contract(tensor, [unit] * (p - 2) + [_turned(theta)] * 2)[..., 0]
        return np.asarray(p * (p - 1) * turned - radial)

    def _arcs(self, geometry: Geometry) -> Arcs:
        """The sectors, divided at the corners of the square, so that none is wider than π/2."""
        lower = np.unique(np.mod(np.concatenate([self.starts, CORNERS]), 2 * np.pi))
        upper = np.append(lower[1:], lower[0] + 2 * np.pi)
        tensor = self._tensor((lower + upper) / 2)
        return Arcs(geometry, lower, upper, tensor, self.negligible)


def form_for(
    activation: Activation, x: Float[np.ndarray, "samples 1"], y: Float[np.ndarray, " samples"]
) -> Form | SectorForm:
    """The leading form of a data set for any activation with a leading order on both sides.

    Where the two sides have different orders the lower one governs, and the other side counts as
    zero.

    Args:
        y: what the neurons are to fit: the targets, less their mean where σ(0) is not 0.

    Raises:
        ValueError: the activation has no integer leading order on both sides of 0.
    """
    if None in (activation.right, activation.left, activation.value_at_zero):
        raise ValueError(
            f"{activation.name} has no leading order at 0 on both sides: {activation.reason}"
        )
    return plane_form(leading_part(activation), x, y)


def plane_form(
    part: LeadingPart, x: Float[np.ndarray, "samples 1"], y: Float[np.ndarray, " samples"]
) -> Form | SectorForm:
    """The form of one term of an activation, the leading one or a later one."""
    if part.smooth:
        return form_of(x, y, part.order, part.right)
    return sector_form(x, y, part.order, part.right, part.left)


def sector_form(
    x: Float[np.ndarray, "samples 1"],
    y: Float[np.ndarray, " samples"],
    p: int,
    right: float,
    left: float,
) -> SectorForm:
    """The leading form for c₊ z^p (z > 0) and c₋ |z|^p (z < 0); inputs may be repeated."""
    powers = np.arange(p + 1)
    inputs, which = np.unique(-x[:, 0], return_inverse=True)
    inputs, jumps = -inputs, np.bincount(which, y)
    # where the targets of a repeated input cancel there is no breakpoint
    jumps[np.abs(jumps) <= FLAT * np.bincount(which, np.abs(y))] = 0.0
    kept = jumps != 0 if jumps.any() else np.arange(len(jumps)) == 0
    terms = jumps[kept, None] * inputs[kept, None] ** powers / len(y)
    # sums over the largest inputs and over the others, each from its own end: exact zeros
    largest = np.cumsum(terms, axis=0)
    others = np.concatenate([np.cumsum(terms[::-1], axis=0)[-2::-1], np.zeros((1, p + 1))])
    mirrored = (-1) ** p * left
    halves = [right * largest + mirrored * others, right * others + mirrored * largest]
    starts = np.arctan(-inputs[kept])
    return SectorForm(
        right,
        left,
        np.concatenate([starts, starts + np.pi]),
        np.concatenate(halves),
        form_of(x, y, p, 1.0).target_norm,
        max(abs(right), abs(left)) * typical_term(x, y, p),
    )


def _unit(theta: Float[np.ndarray, "*n"]) -> Vectors:
    return np.asarray(np.cos(theta)), np.asarray(np.sin(theta))


def _turned(theta: Float[np.ndarray, "*n"]) -> Vectors:
    return np.asarray(-np.sin(theta)), np.asarray(np.cos(theta))
