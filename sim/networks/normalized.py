"""A layer without bias, batch normalization and leaky ReLU of an ensemble, with its gradient, in
machine code around the matrix products: a pass over memory where torch's operations take eight."""

from functools import cache
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from sim.native import compiler


def runs_normalized(z_like: Tensor, samples: int) -> bool:
    """Whether `normalized_layer` is there for such numbers and so many samples."""
    known = z_like.device.type == "cpu" and z_like.dtype in (torch.float32, torch.float64)
    if not known or compiler() is None:
        return False
    from sim.native.vectors import FORMATS

    return samples % FORMATS[z_like.dtype].lanes == 0


def normalized_layer(
    w: Float[Tensor, "networks units inputs"],
    x: Float[Tensor, "networks inputs samples"],
    gamma: Float[Tensor, "networks units"],
    beta: Float[Tensor, "networks units"],
    slope: float,
    eps: float,
) -> Float[Tensor, "networks units samples"]:
    """The leaky ReLU of batch-normalized w x, for gradients of first order.

    Args:
        beta: with the shift.
        slope: of the leaky ReLU, 0 for ReLU.
        eps: added to the variance.
    """
    out: Any = _Layer.apply(w, x, gamma, beta, slope, eps)
    return out


class _Layer(torch.autograd.Function):
    """Keeps x̂ and what a channel was divided by, not z."""

    @staticmethod
    def forward(
        ctx: Any, w: Tensor, x: Tensor, gamma: Tensor, beta: Tensor, slope: float, eps: float
    ):
        x_hat = torch.bmm(w, x)
        gamma, beta = gamma.contiguous(), beta.contiguous()
        settings = x_hat.new_tensor([eps, slope, 1 / x.shape[-1]])
        inverse, active = torch.empty_like(gamma), torch.empty_like(x_hat)
        normalize(gamma, beta, settings, x_hat, inverse, active)
        ctx.save_for_backward(w, x, gamma, beta, settings, x_hat, inverse)
        return active

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, slopes: Tensor):
        w, x, *known = ctx.saved_tensors
        dgamma, dbeta = torch.empty_like(known[0]), torch.empty_like(known[0])
        dz = torch.empty_like(known[3])
        normalize_back(*known, slopes.contiguous(), dz, dgamma, dbeta)
        dx = torch.bmm(w.mT, dz) if ctx.needs_input_grad[1] else None
        return torch.bmm(dz, x.mT), dx, dgamma, dbeta, None, None


def normalize(*arrays: Tensor) -> None:
    """γ, β, settings, z, inverse and active of `sim.native.normalization.forward_module`."""
    _call(_functions(arrays[0].dtype)[0], arrays)


def normalize_back(*arrays: Tensor) -> None:
    """γ, β, settings, x̂, inverse, slopes, dz, dγ and dβ of its `backward_module`."""
    _call(_functions(arrays[0].dtype)[1], arrays)


def _call(function: Any, arrays: tuple[Tensor, ...]) -> None:
    function(arrays[0].numel(), arrays[3].shape[-1], *(one.data_ptr() for one in arrays))


@cache
def _functions(dtype: torch.dtype) -> tuple[Any, Any]:
    """Forward and backward pass between the matrix products."""
    from sim.native import normalization as code
    from sim.native.machine import MachineFunction
    from sim.native.vectors import FORMATS

    form = FORMATS[dtype]

    def made(name: str, assembly: Any, arrays: int) -> MachineFunction:
        return MachineFunction(lambda: assembly(form), (name, form), name, code.SIZES, arrays)

    return (
        made(code.FORWARD, code.forward_module, code.FORWARD_ARRAYS),
        made(code.BACKWARD, code.backward_module, code.BACKWARD_ARRAYS),
    )
