"""Noise of rounded operands through the layers of a random network.

Every layer computes z = W h with h = σ(z of the layer before), W and h rounded and the products
and sums exact. Weights are independent with mean 0 and variance σ_w² / width; the variance of
pre-activations, q = σ_w² E[σ(√q ξ)²] with a standard normal ξ, is the same in all layers. NSR is
E[error²] / E[z²]. Source: our derivation.
"""

import functools
from collections.abc import Callable, Iterator

import numpy as np
import sympy as sp
from scipy import optimize

Step = tuple[str, sp.Basic | None]

RHO, WEIGHT, ACTIVATION, GAIN = sp.symbols("ρ_L δ_W² δ_h² g", positive=True)
AMPLIFICATION, Q = sp.symbols("A q", positive=True)
LAYERS = sp.Symbol("L", positive=True, integer=True)

HOMOGENEOUS = {"relu": 2.0, "linear": 1.0}  # σ_w² that keeps the variance of pre-activations
_LARGEST = 1e3  # of the variance of pre-activations
_SMALLEST = 1e-6
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(160)


def operand_rounding() -> Iterator[Step]:
    """The law of the noise at the last pre-activations."""
    ell = sp.Symbol("l", integer=True)
    before, after = sp.symbols("ρ ρ⁺", positive=True)
    gain = sp.Symbol("E[σ′²]", positive=True), sp.Symbol("E[σ²]", positive=True)
    yield (
        "Errors of weights and of activations are independent and of mean 0: in every layer they "
        "add δ_W² + δ_h² to the noise-to-signal ratio of W h. Each is the energy-weighted "
        "E[4^⌊log₂|x|⌋] / (12 E x²) · 4^(−m) of its own numbers.",
        None,
    )
    yield (
        "W of mean 0 leaves the ratio as it is. An error of z, small and independent of the slope, "
        "is multiplied by σ′(z), and the ratio of h = σ(z) is that of z times",
        sp.Eq(GAIN, Q * gain[0] / gain[1]),
    )
    yield (
        "By Gaussian Poincaré's inequality g ≥ 1 for odd σ, more than 1 unless σ is linear. Where "
        "σ is positively homogeneous, z σ′(z) = σ(z) and σ′ is a function of the sign: g = 1.",
        None,
    )
    yield "So from layer to layer", sp.Eq(after, GAIN * before + WEIGHT + ACTIVATION)
    yield (
        "and after L layers, of which the first has an input without error, with",
        sp.Eq(AMPLIFICATION, sp.Sum(GAIN**ell, (ell, 0, LAYERS - 1)), evaluate=False),
    )
    yield "it is", sp.Eq(RHO, (WEIGHT + ACTIVATION) * AMPLIFICATION)


def amplification(gain: float, layers: int) -> float:
    """A = 1 + g + … + g^(L − 1)."""
    return float(np.sum(gain ** np.arange(layers)))


@functools.cache
def stationary_variance(activation: str, weight_variance: float) -> float:
    """The variance q > 0 of pre-activations that a layer leaves as it is.

    For a homogeneous activation that keeps every variance it is taken to be 1.

    Raises:
        ValueError: an unknown activation, or no such variance.
    """
    if activation in HOMOGENEOUS:
        if weight_variance != HOMOGENEOUS[activation]:
            raise ValueError(f"{activation} keeps a variance for {HOMOGENEOUS[activation]:g} alone")
        return 1.0

    def excess(q: float) -> float:
        return weight_variance * _mean(lambda z: np.tanh(z) ** 2, q) - q

    if activation != "tanh" or excess(_SMALLEST) <= 0:
        raise ValueError(f"{activation} with σ_w² = {weight_variance:g} keeps no variance")
    return float(optimize.brentq(excess, _SMALLEST, _LARGEST))  # type: ignore[arg-type]


def gain(activation: str, weight_variance: float) -> float:
    """g at the stationary variance; 1 for homogeneous activations.

    Raises:
        ValueError: see `stationary_variance`.
    """
    q = stationary_variance(activation, weight_variance)
    if activation in HOMOGENEOUS:
        return 1.0
    slopes = _mean(lambda z: np.cosh(z) ** -4.0, q)
    return q * slopes / _mean(lambda z: np.tanh(z) ** 2, q)


def _mean(function: Callable[[np.ndarray], np.ndarray], variance: float) -> float:
    """E f(√q ξ) by Gauss and Hermite."""
    values = function(np.sqrt(variance) * _NODES)
    return float(_WEIGHTS @ values / _WEIGHTS.sum())
