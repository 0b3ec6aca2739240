"""Data made to have orientations known in advance: orthogonally decomposable leading forms."""

import math

import numpy as np
from jaxtyping import Float64

from sim.data import DataSet
from theory.homogeneous import monomials, multiplicities

EDGE = math.sqrt(3.0)  # inputs are uniform on [−√3, √3]: unit variance
MAX_CONDITION = 1e4  # of the cubic monomials at the inputs; about 30 for drawn data


def orthogonally_decomposable(
    rng: np.random.Generator, dimension: int, samples: int | None = None
) -> tuple[DataSet, Float64[np.ndarray, "dimension dimension"]]:
    """Targets with (1/n) Σᵢ yᵢ x̃ᵢ^{⊗3} = Σₖ vₖ^{⊗3}, the vₖ a random orthonormal basis.

    Inputs are uniform; of all targets that meet the equation these have the least norm. For an
    activation of multiplicity 3 the leading form is then H(u) = c Σₖ (vₖ·u)³, which has 2D
    orientations under gradient flow (`theory.decomposable`): more than 6 from D = 4. Source: our
    derivation; such tensors are those of Robeva (2016).

    Args:
        dimension: D, the number of weights of a neuron: inputs and the bias.
        samples: by default twice as many as there are equations.

    Returns:
        The data and the basis, one vector vₖ a row.

    Raises:
        ValueError: fewer than two dimensions, or the moments cannot be chosen freely.
    """
    if dimension < 2:
        raise ValueError(f"an input and the bias make at least 2 dimensions, not {dimension}")
    equations = math.comb(dimension + 2, 3)
    n = 2 * equations if samples is None else samples
    if n < equations:
        raise ValueError(f"{equations} moments need as many samples, not {n}")
    x = rng.uniform(-EDGE, EDGE, size=(n, dimension - 1))
    rotation, triangle = np.linalg.qr(rng.standard_normal((dimension, dimension)))
    basis = (rotation * np.sign(np.diag(triangle))).T  # uniform over all bases
    weights = np.sqrt(multiplicities(dimension, 3))  # then the Frobenius norm is the plain one
    features = monomials(np.column_stack([x, np.ones(n)]), 3) * weights
    wanted = (monomials(basis, 3) * weights).sum(axis=0)
    q, r = np.linalg.qr(features)
    if np.linalg.cond(r) > MAX_CONDITION:
        raise ValueError(f"{equations} moments cannot be chosen freely at these {n} inputs")
    y = n * q @ np.linalg.solve(r.T, wanted)
    return DataSet(x, y, f"orthogonally decomposable, D = {dimension}"), basis
