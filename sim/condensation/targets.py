"""Synthetic data sets of condensation: targets of arXiv:2105.11686 and our own.

Every source is a pure function; randomness comes from the generator that is passed in.
"""

import math

import numpy as np
from jaxtyping import Float64

from sim.data.data_set import DataSet

LOW, HIGH = -1.0, 1.5  # the range of x in arXiv:2105.11686, Figs. 5 and 6
MAX_CONDITION = 1e10  # of the monomials at x: moments are then met to about 1e-6


def paper_figure_5() -> DataSet:
    """The target of arXiv:2105.11686, Figs. 5 and 6: sin(3x) + sin(6x)/2 at 40 even points."""
    x = np.linspace(LOW, HIGH, 40)
    return DataSet(x[:, None], np.sin(3 * x) + np.sin(6 * x) / 2, "sin(3x) + sin(6x)/2", key={})


def two_sines() -> DataSet:
    """The built-in target for new activations: sin(2x + 1) + sin(5x + 1) at 40 even points.

    Chosen, before anything was trained, among sums of two sines because 200 neurons can resolve
    its orientations for every multiplicity from 1 to 6, under gradient descent and under Adam,
    and because its mean is not zero, which σ(0) ≠ 0 needs.
    """
    x = np.linspace(LOW, HIGH, 40)
    return DataSet(x[:, None], np.sin(2 * x + 1) + np.sin(5 * x + 1), "sin(2x + 1) + sin(5x + 1)")


def paper_sine_sum(
    rng: np.random.Generator,
    amplitude: float = 3.5,
    frequency: float = 5.0,
    inputs: int = 5,
    samples: int = 80,
    low: float = -4.0,
    high: float = 2.0,
) -> DataSet:
    """The targets of arXiv:2105.11686 with several inputs: y = Σₖ A sin(ωxₖ + 1), x uniform.

    The defaults are Fig. 2's; Fig. 4a has ω = 2, Figs. 3 and 7 have A = 4, ω = 12 and 3 inputs.
    """
    x = rng.uniform(low, high, size=(samples, inputs))
    y = amplitude * np.sin(frequency * x + 1.0).sum(axis=1)
    return DataSet(x, y, f"sum of {amplitude:g} sin({frequency:g}x + 1), d = {inputs}")


def random_labels(
    rng: np.random.Generator,
    samples: int = 40,
    inputs: int = 1,
    low: float = LOW,
    high: float = HIGH,
) -> DataSet:
    """Inputs uniform on [low, high], independent standard normal targets."""
    x = rng.uniform(low, high, size=(samples, inputs))
    return DataSet(x, rng.standard_normal(samples), f"random labels, d = {inputs}")


def gaussian_coefficients(
    rng: np.random.Generator,
    order: int,
    samples: int = 40,
    low: float = LOW,
    high: float = HIGH,
) -> DataSet:
    """One-dimensional inputs with targets that make the leading form a Gaussian random one.

    With u = (cos θ, sin θ) and augmented inputs (xᵢ, 1) the form of order p is

        H(u) = (1/n) Σᵢ yᵢ (u₁xᵢ + u₂)^p = Σₖ C(p,k) mₖ cosᵏθ sin^{p−k}θ,  mₖ = (1/n) Σᵢ yᵢ xᵢᵏ.

    Targets of least norm with mₖ = gₖ / √C(p,k), gₖ independent N(0, 1), give
    H = Σₖ √C(p,k) gₖ cosᵏθ sin^{p−k}θ, the Kostlan form: its covariance is cos^p(θ − φ), so no
    direction is preferred. (Our derivation; Kostlan 1993 for the ensemble.) One input is drawn
    in each of n equal cells, which keeps the moments well conditioned.

    Raises:
        ValueError: p + 1 moments cannot be met at these inputs.
    """
    if not 1 <= order < samples:
        raise ValueError(f"order must be between 1 and samples - 1 = {samples - 1}, not {order}")
    x = low + (high - low) * (np.arange(samples) + rng.uniform(size=samples)) / samples
    weights = np.sqrt([float(math.comb(order, k)) for k in range(order + 1)])
    y = least_norm_targets(x, rng.standard_normal(order + 1) / weights)
    return DataSet(x[:, None], y, f"Gaussian coefficients, order {order}")


def least_norm_targets(
    x: Float64[np.ndarray, " samples"], moments: Float64[np.ndarray, " orders"]
) -> Float64[np.ndarray, " samples"]:
    """The y of least norm with (1/n) Σᵢ yᵢ xᵢᵏ = moments[k], k = 0, 1, …

    Raises:
        ValueError: the monomials at x are (almost) linearly dependent.
    """
    monomials = np.vander(x, len(moments), increasing=True)
    basis, triangle = np.linalg.qr(monomials)
    if np.linalg.cond(triangle) > MAX_CONDITION:
        raise ValueError(f"{len(moments)} moments cannot be chosen freely at these inputs")
    return len(x) * basis @ np.linalg.solve(triangle.T, moments)


def xor_grid(points: int = 9) -> DataSet:
    """y = x₁x₂ on an even grid in [−1, 1]²: eight orientations at order 3 (our derivation)."""
    axis = np.linspace(-1.0, 1.0, points)
    x = np.array(np.meshgrid(axis, axis, indexing="ij")).reshape(2, -1).T
    return DataSet(x, x[:, 0] * x[:, 1], "x₁x₂ on a grid", key={})
