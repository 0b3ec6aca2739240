"""The leading form H of a data set with any number of inputs, smooth or kinked, in numbers.

H(u) = (1/n) Σᵢ yᵢ σ_lead(u·x̃ᵢ) with σ_lead(z) = c₊ z^p for z > 0 and c₋ |z|^p for z < 0. To
leading order a small neuron follows w' = a ∇H(w), a' = H(w). A smooth activation,
c₋ = (−1)^p c₊, has a polynomial for H, the symmetric tensor (c₊/n) Σ yᵢ x̃ᵢ^{⊗p}, whose monomials
are used wherever they are fewer than the samples. Source: our derivation.
"""

import functools
import itertools
import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from theory.symbolic.activation import Activation
from theory.symbolic.leading_part import leading_part

CHEAPER = 2.0  # a monomial costs a multiplication more than a sample does
# Numbers: products of directions with samples. More than MANY are looked at in parts that fit the
# cache, where new arrays cost little.
MANY, CACHED = 100_000, 16_000
FEW_SAMPLES = 100  # with which all random starts take about a second
FEW = 8  # points for which the monomials' coefficients are not worth finding


@dataclass(frozen=True, eq=False)
class HomogeneousForm:
    """The leading form of one data set.

    Attributes:
        x: inputs, with the bias column if there is one.
        y: targets, centered where σ(0) ≠ 0.
        order: p, the degree of homogeneity.
        right: c₊, the coefficient of z^p for z > 0.
        left: c₋, the coefficient of |z|^p for z < 0.

    Raises:
        ValueError: an order below 1, or numbers that are not finite.
    """

    x: Float[np.ndarray, "samples dimension"]
    y: Float[np.ndarray, " samples"]
    order: int
    right: float
    left: float

    def __post_init__(self) -> None:
        if self.order < 1:
            raise ValueError(f"the order of a leading form is at least 1, not {self.order}")
        if not np.isfinite(self.scale):
            raise ValueError("the data or coefficients of a leading form are not finite")

    @property
    def dimension(self) -> int:
        return self.x.shape[1]

    @property
    def smooth(self) -> bool:
        """Whether H is a polynomial."""
        return self.left == (-1) ** self.order * self.right

    @functools.cached_property
    def scale(self) -> float:
        """An upper bound of |H| on the unit sphere; values far below it are rounding."""
        largest = max(abs(self.right), abs(self.left))
        sizes = np.linalg.norm(self.x, axis=1) ** self.order
        return float(largest * np.mean(np.abs(self.y) * sizes))

    @functools.cached_property
    def target_norm(self) -> float:
        """Norm of the moment tensor (1/n) Σ yᵢ x̃ᵢ^{⊗p}."""
        return self.moment_norm(self.y)

    def moment_norm(self, f: Float[np.ndarray, " samples"]) -> float:
        """Norm of (1/n) Σ fᵢ x̃ᵢ^{⊗p}, by the inner products (x̃ᵢ·x̃ⱼ)^p of such tensors."""
        square = f @ (self._products @ f)
        return math.sqrt(max(float(square), 0.0)) / len(f)

    @functools.cached_property
    def _products(self) -> Float[np.ndarray, "samples samples"]:
        """Inner products of the tensors x̃ᵢ^{⊗p}."""
        return (self.x @ self.x.T) ** self.order

    def lead(self, z: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """σ_lead(z)."""
        return np.where(z > 0, self.right, self.left) * np.abs(z) ** self.order

    def value(self, u: Float[np.ndarray, "*n dimension"]) -> Float[np.ndarray, "*n"]:
        """H(u)."""
        if self._by_tensor(u):
            return np.asarray(np.einsum("...k,...k->...", self.gradient(u), u) / self.order)
        return np.asarray(self.lead(u @ self.x.T) @ self.y / len(self.y))

    def gradient(self, u: Float[np.ndarray, "*n dimension"]) -> Float[np.ndarray, "*n dimension"]:
        """∇H(u); on a kink of order 1 the middle of both sides."""
        if u.ndim == 2 and u.shape[0] * len(self.y) > MANY:
            rows = max(FEW + 1, CACHED // len(self.y))
            return np.concatenate([self._gradient(u[i : i + rows]) for i in range(0, len(u), rows)])
        return self._gradient(u)

    def _gradient(self, u: Float[np.ndarray, "*n dimension"]) -> Float[np.ndarray, "*n dimension"]:
        """∇H(u) at as many points as fit the cache."""
        if self._by_tensor(u):
            return monomials(u, self.order - 1) @ self._gradient_terms
        z = u @ self.x.T
        if self.order == 1:
            return self._slope_of_sectors(z) @ self.x / len(self.y)
        slope = np.abs(z)
        if self.order != 2:
            slope **= self.order - 1
        slope *= self.order  # in place: most of the time goes into new arrays
        slope *= np.where(z > 0, self.right, -self.left)
        slope *= self.y
        return slope @ self.x / len(self.y)

    def _slope_of_sectors(self, z: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """yᵢ σ_lead'(zᵢ) of order 1; on a kink the middle of both sides."""
        slope = np.where(z > 0, self.right * self.y, -self.left * self.y)
        on_kink = z == 0
        if on_kink.any():
            slope = np.where(on_kink, (self.right - self.left) / 2 * self.y, slope)
        return slope

    def hessian(
        self, u: Float[np.ndarray, "*n dimension"]
    ) -> Float[np.ndarray, "*n dimension dimension"]:
        """Second derivatives of H in the space of all weights; off the kinks."""
        if self.order == 1:
            return np.zeros((*u.shape, self.dimension))
        if self._by_tensor(u):
            flat = monomials(u, self.order - 2) @ self._hessian_terms
            return flat.reshape(*u.shape, self.dimension)
        z = u @ self.x.T
        bend = self.order * (self.order - 1) * np.abs(z) ** (self.order - 2)
        bend *= np.where(z > 0, self.right, self.left) * self.y
        return (bend[..., None, :] * self.x.T) @ self.x / len(self.y)

    def _by_tensor(self, u: Float[np.ndarray, "*n dimension"]) -> bool:
        """Whether monomials are the cheaper way to these points."""
        count = math.comb(self.order + self.dimension - 2, self.order - 1)
        many = u.size > FEW * self.dimension
        return many and self.smooth and count <= CHEAPER * len(self.y)

    @functools.cached_property
    def _gradient_terms(self) -> Float[np.ndarray, "monomials dimension"]:
        weights = self.order * self.right / len(self.y) * self.y
        return _weighted(self.x, self.order - 1).T @ (weights[:, None] * self.x)

    @functools.cached_property
    def _hessian_terms(self) -> Float[np.ndarray, "monomials entries"]:
        weights = self.order * (self.order - 1) * self.right / len(self.y) * self.y
        pairs = np.einsum("i,ij,ik->ijk", weights, self.x, self.x).reshape(len(self.y), -1)
        return _weighted(self.x, self.order - 2).T @ pairs


class Content:
    """A form to be remembered by: equal to any with the same data, order and coefficients."""

    def __init__(self, form: HomogeneousForm) -> None:
        self.form = form
        arrays = form.x.shape, form.x.tobytes(), form.y.tobytes()
        self.key = (*arrays, form.order, form.right, form.left)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Content) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def enough_starts(form: HomogeneousForm, most: int) -> int:
    """How many random starts a search or a flow takes: fewer where there are many samples.

    All of them up to `FEW_SAMPLES`, then as many as take the same time, but an eighth at least.
    """
    return min(most, max(most // 8, most * FEW_SAMPLES // len(form.y)))


def leading_form_of(
    sigma: Activation,
    x: Float[np.ndarray, "samples dimension"],
    y: Float[np.ndarray, " samples"],
) -> HomogeneousForm:
    """The form of an activation: where the orders of both sides differ, the lower one governs.

    Args:
        x: inputs with the bias column.
        y: targets, centered by the caller where σ(0) ≠ 0.

    Raises:
        ValueError: the activation has no power expansion at 0.
    """
    part = leading_part(sigma)
    return HomogeneousForm(x, y, part.order, part.right, part.left)


def next_order_of(
    sigma: Activation,
    x: Float[np.ndarray, "samples dimension"],
    y: Float[np.ndarray, " samples"],
) -> HomogeneousForm | None:
    """The form of what σ has beyond its leading monomial; None if that is all there is.

    Raises:
        ValueError: the activation has no multiplicity, or its next order is not known.
    """
    if sigma.multiplicity is None:
        raise ValueError(f"{sigma.name}: {sigma.reason}")
    if not sigma.next_known:
        raise ValueError(f"{sigma.name}: its next order is not known")
    following = sigma.terms(2)[1:]
    if not following:
        return None
    (term,) = following
    right, left = float(term.right), float(term.left)
    if term.monomial:
        left = (-1) ** term.order * right  # equal up to the last digit is equal
    return HomogeneousForm(x, y, term.order, right, left)


@functools.cache
def _steps(
    dimension: int, degree: int
) -> tuple[Int[np.ndarray, " monomials"], Int[np.ndarray, " monomials"]]:
    """Each monomial of a degree as one of the degree below (its index) times a variable."""
    below = itertools.combinations_with_replacement(range(dimension), degree - 1)
    index = {factors: i for i, factors in enumerate(below)}
    factors = list(itertools.combinations_with_replacement(range(dimension), degree))
    return np.array([index[f[:-1]] for f in factors]), np.array([f[-1] for f in factors])


def monomials(
    u: Float[np.ndarray, "*n dimension"], degree: int
) -> Float[np.ndarray, "*n monomials"]:
    """All products of ``degree`` components of u, each once, in lexicographic order."""
    products = u if degree else np.ones((*u.shape[:-1], 1))
    for k in range(2, degree + 1):
        parent, axis = _steps(u.shape[-1], k)
        products = products[..., parent] * u[..., axis]
    return products


def multiplicities(dimension: int, degree: int) -> Float[np.ndarray, " monomials"]:
    """How often each of `monomials` occurs in (u₁ + … + u_D)^degree."""
    factors = itertools.combinations_with_replacement(range(dimension), degree)
    counts = [
        math.factorial(degree) / math.prod(math.factorial(f.count(k)) for k in set(f))
        for f in factors
    ]
    return np.array(counts)


def _weighted(
    x: Float[np.ndarray, "samples dimension"], degree: int
) -> Float[np.ndarray, "samples monomials"]:
    return monomials(x, degree) * multiplicities(x.shape[1], degree)
