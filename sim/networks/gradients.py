"""Exact gradients of ensembles of two-layer networks: in torch calls, or in machine code.

Nothing is linearized, so that a run measures what training does and not what the theory says.
"""

from collections.abc import Callable
from typing import NamedTuple, cast

import torch
from jaxtyping import Float
from torch import Tensor

from sim.activation.compiled import TorchActivation
from sim.native import compiler
from sim.networks.ensemble import Data, Sigma, Weights


class Slopes(NamedTuple):
    """Minus the gradients of the losses, and what was met on the way.

    Attributes:
        w, a: minus the gradients.
        f: outputs, one network of all neurons of a set where coupled, else one a neuron; None
            where nobody asked.
        amplitude: largest |w·x̃| of each neuron.
    """

    w: Float[Tensor, "sets neurons dimension"]
    a: Float[Tensor, "sets neurons"]
    f: Float[Tensor, "sets networks samples"] | None
    amplitude: Float[Tensor, "sets neurons"]

    @property
    def outputs(self) -> Float[Tensor, "sets networks samples"]:
        """f, which was asked for."""
        if self.f is None:
            raise ValueError("outputs were not asked for")
        return self.f


Gradients = Callable[[Weights, bool], Slopes]  # of weights; whether outputs are wanted


def gradients(sigma: Sigma, data: Data, weights: Weights, coupled: bool) -> Slopes:
    """In torch calls, for tensors of any type on any device."""
    samples = data.x.shape[1]
    z = torch.bmm(weights.w, data.x.mT)
    value, derivative = sigma(z)
    f = weights.a[..., None] * value
    if coupled:
        f = f.sum(1, keepdim=True)
    residual = f - data.y[:, None, :]
    if coupled:
        da = -torch.bmm(value, residual.mT)[..., 0] / samples
    else:
        da = -torch.linalg.vecdot(value, residual) / samples
    dw = torch.bmm(derivative * residual, data.x) * (weights.a[..., None] / -samples)
    return Slopes(dw, da, f, z.abs().amax(-1))


def gradients_of(sigma: Sigma, data: Data, coupled: bool) -> Gradients:
    """The gradients on some data, in machine code where that can be had."""
    if runs_natively(sigma, data.x):
        from sim.native.training import NativeTraining

        native = NativeTraining(cast(TorchActivation, sigma), data.x, data.y, coupled)
        return lambda weights, outputs: Slopes(*native.gradients(weights.w, weights.a, outputs))
    return lambda weights, outputs: gradients(sigma, data, weights, coupled)


def pointwise(sigma: Sigma, x: Tensor) -> Sigma:
    """An activation of tensors like x, in machine code where that can be had."""
    if runs_natively(sigma, x):
        from sim.native.activation import native_activation

        return native_activation(cast(TorchActivation, sigma), x.dtype)
    return sigma


def runs_natively(sigma: Sigma, x: Tensor) -> bool:
    """Whether there is machine code for an activation of such numbers."""
    known = isinstance(sigma, TorchActivation) and not sigma.special and x.device.type == "cpu"
    return known and x.dtype in (torch.float64, torch.float32) and compiler() is not None
