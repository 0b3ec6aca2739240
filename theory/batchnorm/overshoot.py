"""How far beyond a line a random walk is when it is first found there, at one look each step.

To first order in the step, a symmetric walk looked at once a step passes like a diffusion whose
line lies K standard deviations of a step further out, K = E[S²]/(2 E[S]) at the first ladder point
S of the walk (Siegmund 1979, Adv. Appl. Probab. 11, 701). From the characteristic function f of a
step of variance 1 (Spitzer's identity),

    K = −(1/π) ∫₀^∞ log(2 (1 − f(λ)) / λ²) λ⁻² dλ,    0.5826 for Gaussian steps.

Close to collapse only few samples of a batch are active, and steps are far from Gaussian: Gaussian
given x̂, with a variance that changes from batch to batch.
"""

import functools
import math
from collections.abc import Callable

import numpy as np
import sympy
from jaxtyping import Float
from scipy import integrate

from theory.batchnorm.moments import gauss_legendre, gaussian_moments

MILNE = float(-sympy.zeta(sympy.Rational(1, 2)))  # 1.4604
GAUSSIAN_OVERSHOOT = MILNE / math.sqrt(2 * math.pi)  # 0.5826, for Gaussian steps
_NODES, _REACH = 200, 8.0  # of Gauss and Legendre for samples x̂ up to τ + 8


@functools.cache
def overshoot(batch: int, threshold: float) -> float:
    """K for the step of β + τ|γ| at r = −τ, τ = ``threshold``.

    The samples of a batch are taken as independent and Gaussian: K is itself a correction.
    """
    active, weight = _active(threshold)
    at = gaussian_moments(np.array([-threshold]))
    variance = float((at.m0 + 2 * threshold * at.m1 + threshold**2 * at.m2)[0])
    load = (1 + threshold * active) ** 2 / (2 * batch * variance)

    def complement(wave: float) -> float:
        """1 − f, with its digits where λ is small."""
        share = -float(weight @ np.expm1(-(wave**2) * load))
        return -math.expm1(batch * math.log1p(-share))

    return extrapolation(complement)


def _active(threshold: float) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]:
    """Values x̂ > τ and their probabilities."""
    node, weight = gauss_legendre(_NODES)
    x = threshold + _REACH * (node + 1) / 2
    return x, weight * _REACH / 2 * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def extrapolation(complement: Callable[[float], float]) -> float:
    """K from 1 − f(λ), f the characteristic function of a symmetric step of variance 1."""

    def integrand(wave: float) -> float:
        return math.log(2 * complement(wave) / wave**2) / wave**2

    # in λ = e^x; below e^−6 the integrand is constant to 10⁻⁴ of K
    near, far = math.exp(-6.0), math.exp(8.0)
    middle, _ = integrate.quad(lambda x: integrand(math.exp(x)) * math.exp(x), -6.0, 8.0, limit=400)
    # beyond e⁸ f no longer changes: ∫ log(2 q / λ²) λ⁻² dλ with q = 1 − f
    rest = (math.log(2 * complement(far)) - 2 * math.log(far) - 2) / far
    return -(near * integrand(near) + middle + rest) / math.pi


def smoothed_overshoot(momentum: float) -> float:
    """K with momentum μ, 1/(1 − μ) ≫ 1: −ζ(1/2) thermal lengths.

    A path whose velocity persists goes on beyond the absorbing side. In this limit it is that of a
    Brownian particle with inertia (Marshall and Watson 1985, J. Phys. A 18, 3531), whose thermal
    length is ½ √((1 + μ)/(1 − μ)) standard deviations of what a single gradient does in the end.
    """
    return MILNE * math.sqrt((1 + momentum) / (1 - momentum)) / 2
