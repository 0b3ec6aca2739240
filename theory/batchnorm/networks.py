"""Noise and collapse in whole networks: which moments govern which layer, and what decay does.

The one-step laws of `theory.batchnorm.one_step` hold inside a network with the moments of the noise
that reaches a layer. Under the readout the gradients of samples are independent. Under a linear
layer with batch normalization they sum to 0 in every batch, since a constant added to all samples
is normalized away: there the centered moments govern, smaller the more samples are active. s² is
measured, so that no constant is free. Source: our derivation.
"""

import functools
import math
from typing import Any

import numpy as np
import sympy
from jaxtyping import Float

from theory.batchnorm.moments import (
    drift,
    finite_batch_centered_moments,
    finite_batch_moments,
)
from theory.batchnorm.one_step import ASSUMPTIONS, CHANGE, MEAN, SYMBOLS, THETA
from theory.batchnorm.taylor import ANGLE, A
from theory.prediction import Count, Step, Symbol, Value

LAYER_MARGIN = 0.1
LAYER_REASON = (
    "the pre-activations of a network with finite layers are Gaussian only nearly, and batch "
    "normalization above takes a second component out of each unit's gradient, of relative size "
    "1/B: a few percent at 64 units and a batch of 64. With the moments of the other kind the "
    "prediction is off by 40 % or more"
)
NOTICEABLE = 0.05  # share of a network's filters
NOTICEABLE_REASON = (
    "a difference counts above a twentieth of the filters, ten of 192: more than the few that die "
    "by chance in either network. Yes (1) and no (0) are told apart at 0.5"
)
EQUAL_REASON = "half of the difference that counts, five filters of 192"
UNCHANGED = 0.1
UNCHANGED_REASON = (
    "at the largest learning rate a few percent of the filters die by chance, in either network; "
    "a tenth covers their difference and is far below what weight decay does"
)
BETTER = 0.05  # share of the test images
BETTER_REASON = (
    "a difference counts above a twentieth of the test images, 18 of 360: networks that differ by "
    "their seeds alone differ by 0.02. Yes (1) and no (0) are told apart at 0.5"
)
_POINTS, _WIDEST = 601, 6.0  # of the grid of r; linear interpolation errs by less than 1e-4
_COLLAPSED, _ACCURACY = sympy.Function("c"), sympy.Function("a")
_RATE, _DECAY, _SHIFT = sympy.symbols("η λ α", nonnegative=True)
_SYMBOLS = (
    Symbol(
        _COLLAPSED(_RATE, _DECAY, _SHIFT), "share of the filters that no training image reaches"
    ),
    Symbol(_ACCURACY(_RATE, _DECAY, _SHIFT), "share of the test images that are recognized"),
    Symbol(_RATE, "learning rate"),
    Symbol(_DECAY, "weight decay"),
    Symbol(_SHIFT, "shift, 0 for batch normalization"),
)


# -- drift in a layer -------------------------------------------------------------------------


@functools.cache
def _per_noise(batch: int, centered: bool) -> tuple[np.ndarray, np.ndarray]:
    """A grid of r, inside the range of normalized inputs, and E[Δθ] per A on it."""
    widest = min(_WIDEST, 0.99 * math.sqrt(batch - 1))
    grid = np.linspace(-widest, widest, _POINTS)
    moments = finite_batch_centered_moments if centered else finite_batch_moments
    return grid, drift(moments(grid, batch), grid).mean_theta


def layer_drift(
    gamma: Float[np.ndarray, " units"],
    beta: Float[np.ndarray, " units"],
    power: Float[np.ndarray, " units"],
    *,
    rate: float,
    batch: int,
    centered: bool,
) -> Float[np.ndarray, " units"]:
    """E[Δθ] in radians of each unit of a layer in one step.

    ``power`` is s² = E[δ²] of each unit, δ a sample's gradient at the output of the ReLU;
    ``centered`` whether a linear layer with batch normalization follows.

    Raises:
        ValueError: some γ is 0, where θ has no such law.
    """
    if np.any(gamma == 0):
        raise ValueError("the law needs γ ≠ 0")
    noise = rate**2 * power / (batch * gamma**2)
    return noise * np.interp(beta / np.abs(gamma), *_per_noise(batch, centered))


def layer_prediction() -> Value:
    """Measured drift of θ, summed over the units of a layer, divided by the predicted one."""
    return Value(
        formula=sympy.Eq(MEAN(CHANGE(THETA)), A * ANGLE.mean),
        symbols=SYMBOLS,
        assumptions=ASSUMPTIONS,
        margin=LAYER_MARGIN,
        margin_reason=LAYER_REASON,
        unit="of the prediction",
        expected=1.0,
    )


# -- collapse ---------------------------------------------------------------------------------


def _collapsed(rate: str, decay: sympy.Expr, shift: sympy.Expr) -> sympy.Expr:
    return _COLLAPSED(sympy.Symbol(rate, positive=True), decay, shift)


def growth_prediction() -> Count:
    """With decay more filters collapse at the larger of two learning rates, by `NOTICEABLE`."""
    low, high = (_collapsed(name, _DECAY, sympy.Integer(0)) for name in ("η_1", "η_2"))
    return _count(sympy.Gt(high - low, NOTICEABLE), NOTICEABLE_REASON)


def prevention_prediction() -> Count:
    """With decay fewer filters collapse with the shift than without, by `NOTICEABLE`."""
    plain, shifted = (_collapsed("η", _DECAY, one) for one in (sympy.Integer(0), _SHIFT))
    return _count(sympy.Gt(plain - shifted, NOTICEABLE), NOTICEABLE_REASON)


def accuracy_prediction() -> Count:
    """With decay a network with the shift recognizes more than one without, by `BETTER`."""
    plain, shifted = (_ACCURACY(_RATE, _DECAY, one) for one in (sympy.Integer(0), _SHIFT))
    return _count(sympy.Gt(shifted - plain, BETTER), BETTER_REASON)


def idle_prediction() -> Count:
    """Without decay as many filters collapse with the shift as without, up to `UNCHANGED`."""
    zero = sympy.Integer(0)
    plain, shifted = (_collapsed("η", zero, one) for one in (zero, _SHIFT))
    formula = sympy.Le(sympy.Abs(plain - shifted), UNCHANGED)
    return _count(formula, UNCHANGED_REASON, UNCHANGED)


def equal_prediction() -> Count:
    """For controls: a difference between two networks of at most half of `NOTICEABLE`."""
    one, other = sympy.symbols("c_1 c_2", nonnegative=True)
    half = NOTICEABLE / 2
    return _count(sympy.Le(sympy.Abs(one - other), half), EQUAL_REASON, half)


def _count(formula: sympy.Basic, reason: str, margin: float = 0.5) -> Count:
    """In more than half of the pairs; a margin of 0.5 tells yes (1) from no (0)."""
    return Count(
        formula=formula,
        symbols=_SYMBOLS,
        assumptions=("both networks start from the same weights and see the same minibatches",),
        margin=margin,
        margin_reason=reason,
        shown="differ as predicted",
    )


Columns = list[sympy.Expr]  # one entry a sample


# -- derivation -------------------------------------------------------------------------------


def _backward(gradients: Columns, normal: Columns, scale: sympy.Expr) -> Columns:
    """Gradient at the input of batch normalization, from that at its output (γ = 1)."""
    size = len(gradients)
    mean = sympy.Add(*gradients) / size
    along = sympy.Add(*(g * x for g, x in zip(gradients, normal, strict=True))) / size
    return [(g - mean - along * x) / scale for g, x in zip(gradients, normal, strict=True)]


def _check_backward(size: int = 3) -> None:
    """`_backward` is the derivative of (z − mean)/√variance, and sums to 0.

    That by one sample is checked: the formulas turn into each other with the samples.

    Raises:
        ArithmeticError: one of them fails.
    """
    z, g = (list(sympy.symbols(f"{name}1:{size + 1}", real=True)) for name in "zg")
    mean = sympy.Add(*z) / size
    variance = sympy.Add(*((one - mean) ** 2 for one in z)) / size
    scale = sympy.Symbol("s", positive=True)  # √variance, so that s' = variance'/(2 s)
    normal = [(one - mean) / scale for one in z]
    loss = sympy.Add(*(one * x for one, x in zip(g, normal, strict=True)))
    back = _backward(g, normal, scale)
    through_scale = loss.diff(scale) * variance.diff(z[0]) / (2 * scale)

    def vanishes(expression: sympy.Expr) -> bool:
        """Times s³ it is a polynomial in s."""
        return sympy.expand(sympy.expand(expression * scale**3).subs(scale**2, variance)) == 0

    if not vanishes(loss.diff(z[0]) + through_scale - back[0]):
        raise ArithmeticError("the gradient through batch normalization is wrong")
    if not vanishes(sympy.Add(*back)):
        raise ArithmeticError("gradients through batch normalization do not sum to 0")


@functools.cache
def network_steps() -> tuple[Step, ...]:
    """Why hidden layers need centered moments."""
    _check_backward()
    i, batch = sympy.symbols("i B", integer=True, positive=True)
    delta: Any
    residual: Any
    out: Any
    delta, residual, out = (sympy.IndexedBase(name) for name in ("δ", "ξ", "W"))
    k = sympy.Symbol("k", integer=True)
    return (
        Step(
            "Under the readout W the gradient of a sample at the output of unit j is, for the loss "
            "mean ξ·o with independent ξ of variance 1, with s² the squared length of W's column:",
            sympy.Eq(delta[i], sympy.Sum(out[k] * residual[i, k], (k, 1, 10))),
        ),
        Step(
            "so that samples are independent. A layer with batch normalization that follows takes "
            "two components out of each gradient, since neither a constant added to all samples of "
            "a batch nor a common factor changes its output. With the first of them",
            sympy.Eq(sympy.Sum(delta[i], (i, 1, batch)), 0),
        ),
        Step(
            "at every unit below, for a linear map of such gradients. The centered moments "
            "follow. The second component differs from unit to unit above and is of relative size "
            "1/B.",
        ),
    )
