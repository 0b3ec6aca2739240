"""Data made to have orientations known in advance, by their moments."""

import itertools
import math

import numpy as np
from jaxtyping import Float64

from sim.data.data_set import DataSet
from theory.condensation.forms.homogeneous import monomials, multiplicities

EDGE = math.sqrt(3.0)  # inputs are uniform on [−√3, √3]: unit variance
DOMINANCE = 0.1  # with 0.25 some corners of four dimensions have less than 4 % of the neurons
MAX_CONDITION = 1e4  # of the monomials at the inputs; about 30 for drawn data


def orthogonally_decomposable(
    rng: np.random.Generator, dimension: int, samples: int | None = None
) -> tuple[DataSet, Float64[np.ndarray, "dimension dimension"]]:
    """Targets with (1/n) Σᵢ yᵢ x̃ᵢ^{⊗3} = Σₖ vₖ^{⊗3}, the vₖ a random orthonormal basis.

    Inputs are uniform; of all targets that meet the equation these have the least norm. For an
    activation of multiplicity 3 the leading form is then H(u) = c Σₖ (vₖ·u)³, which has 2D
    orientations under gradient flow (`theory.condensation.orientations.decomposable`): more than 6
    from D = 4. Source: our derivation; such tensors are those of Robeva (2016).

    Args:
        dimension: D, the number of weights of a neuron: inputs and the bias.
        samples: by default twice as many as there are equations.

    Returns:
        The data and the basis, one vector vₖ a row.

    Raises:
        ValueError: fewer than two dimensions, or the moments cannot be chosen freely.
    """
    x = _inputs(rng, dimension, 3, samples)
    rotation, triangle = np.linalg.qr(rng.standard_normal((dimension, dimension)))
    basis = (rotation * np.sign(np.diag(triangle))).T  # uniform over all bases
    y = _targets(x, monomials(basis, 3).sum(axis=0), 3)
    return DataSet(x, y, f"orthogonally decomposable, D = {dimension}"), basis


def dominant_diagonal(
    rng: np.random.Generator, dimension: int, samples: int | None = None
) -> tuple[DataSet, Float64[np.ndarray, "dimension dimension"]]:
    """Targets with (1/n) Σᵢ yᵢ x̃ᵢx̃ᵢᵀ = M, where the diagonal of M dominates with one sign.

    The diagonal is uniform on [0.7, 1.3] and at least 1/DOMINANCE times the sum of absolute
    values beside it in each row. For
    an activation of multiplicity 2 Adam then has 2^D orientations, one at each corner of the cube
    (`theory.condensation.orientations.quadratic`): more than 4 from D = 3. Source: our derivation.

    Args:
        dimension: D, the number of weights of a neuron: inputs and the bias.
        samples: by default four times as many as there are equations.

    Returns:
        The data and M.

    Raises:
        ValueError: fewer than two dimensions, or the moments cannot be chosen freely.
    """
    x = _inputs(rng, dimension, 2, 2 * dimension * (dimension + 1) if samples is None else samples)
    beside = np.triu(rng.uniform(-1, 1, size=(dimension, dimension)), 1)
    beside += beside.T
    diagonal = rng.uniform(0.7, 1.3, size=dimension)
    beside *= DOMINANCE * np.min(diagonal / np.abs(beside).sum(axis=1))
    matrix = rng.choice([1.0, -1.0]) * (np.diag(diagonal) + beside)
    pairs = list(itertools.combinations_with_replacement(range(dimension), 2))
    y = _targets(x, np.array([matrix[pair] for pair in pairs]), 2)
    return DataSet(x, y, f"dominant diagonal, D = {dimension}"), matrix


def _inputs(
    rng: np.random.Generator, dimension: int, order: int, samples: int | None
) -> Float64[np.ndarray, "samples inputs"]:
    if dimension < 2:
        raise ValueError(f"an input and the bias make at least 2 dimensions, not {dimension}")
    equations = math.comb(dimension + order - 1, order)
    n = 2 * equations if samples is None else samples
    if n < equations:
        raise ValueError(f"{equations} moments need as many samples, not {n}")
    return rng.uniform(-EDGE, EDGE, size=(n, dimension - 1))


def _targets(
    x: Float64[np.ndarray, "samples inputs"], wanted: Float64[np.ndarray, " monomials"], order: int
) -> Float64[np.ndarray, " samples"]:
    """The y of least norm with these moments, in the order of `monomials`."""
    n, dimension = len(x), x.shape[1] + 1
    weights = np.sqrt(multiplicities(dimension, order))  # the Frobenius norm is the plain one
    features = monomials(np.column_stack([x, np.ones(n)]), order) * weights
    q, r = np.linalg.qr(features)
    if np.linalg.cond(r) > MAX_CONDITION:
        raise ValueError(f"{len(wanted)} moments cannot be chosen freely at these {n} inputs")
    return n * q @ np.linalg.solve(r.T, wanted * weights)
