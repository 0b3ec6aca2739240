"""Runs a torch module of anybody's in emulated arithmetic."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from sim.precision.emulation.layers import convolution, linear
from sim.precision.emulation.modes import Mode
from sim.precision.emulation.named import AnyFormat
from sim.precision.emulation.products import Arithmetic, arithmetic_in
from sim.precision.emulation.rounding import Rounding

LAYERS: dict[type[nn.Module], Callable[..., Tensor]] = {
    nn.Linear: linear,
    nn.Conv1d: convolution,
    nn.Conv2d: convolution,
    nn.Conv3d: convolution,
}
# Their products and sums are inside of torch, or in one of its calls that asks no layer.
REFUSED = (
    nn.MultiheadAttention,
    nn.RNNBase,
    nn.RNNCellBase,
    nn.Bilinear,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
    torch.jit.ScriptModule,
)


@contextmanager
def emulated(
    module: nn.Module,
    arithmetic: Arithmetic | AnyFormat | str,
    mode: Mode = "nearest",
    generator: torch.Generator | None = None,
) -> Iterator[nn.Module]:
    """Within the context the module computes in the arithmetic; afterwards it is what it was.

    Linear and convolution layers round their weights, biases and inputs, every product and every
    partial sum, as `Arithmetic` says; so they do with weights that change in the context. Every
    other module without modules in it (an activation, pooling, normalization, a layer of one's own)
    computes as ever. What any of them gives is rounded (`Arithmetic.outputs`) and has the type of
    its inputs: float32 holds numbers of up to 23 mantissa and 8 exponent bits; for others turn
    module and inputs to float64. What a module with modules in it computes besides, as the sum of
    a residual connection, is rounded where it enters the next layer. No gradients are taken.

        with emulated(network, "float8_e4m3fn") as network:
            outputs = network(inputs)

    Args:
        module: is changed within the context, by a ``forward`` of its modules' own, and given back.
        arithmetic: or a format, or its name: that of everything.
        mode: of rounding, where a format is given.
        generator: of stochastic rounding, where a format is given.

    Raises:
        ValueError: a layer whose products cannot be emulated (attention, recurrent, bilinear and
            transposed layers, scripted modules, layers derived from torch's with a ``forward`` of
            their own), a mode beside an arithmetic; see also `arithmetic_in`.
    """
    if not isinstance(arithmetic, Arithmetic):
        arithmetic = arithmetic_in(arithmetic, mode, generator)
    elif mode != "nearest" or generator is not None:
        raise ValueError("mode and generator belong to a format: an Arithmetic has its own")
    forwards = {
        one: partial(_forward(name, one), arithmetic=arithmetic) for name, one in leaves(module)
    }
    own = {one: vars(one)["forward"] for one in forwards if "forward" in vars(one)}
    try:
        for one, forward in forwards.items():
            vars(one)["forward"] = forward
        yield module
    finally:
        for one in forwards:
            vars(one).pop("forward", None)
            vars(one).update({"forward": own[one]} if one in own else {})


def leaves(module: nn.Module) -> list[tuple[str, nn.Module]]:
    """Modules without modules in them, each once, with their names.

    Raises:
        ValueError: one that cannot be emulated.
    """
    for name, one in module.named_modules():
        if isinstance(one, REFUSED):
            raise ValueError(
                f"{_called(name, one)} cannot be emulated: products are rounded in Linear and Conv "
                "layers alone"
            )
    named = module.named_modules()
    return [(name, one) for name, one in named if next(one.children(), None) is None]


def _forward(name: str, module: nn.Module) -> Callable[..., Any]:
    for kind, compute in LAYERS.items():
        if isinstance(module, kind):
            if type(module).forward is not kind.forward or "forward" in vars(module):
                raise ValueError(
                    f"{_called(name, module)} cannot be emulated: it has a forward of its own"
                )
            return partial(_computed, compute, module)
    return partial(_as_ever, module.forward)


def _called(name: str, module: nn.Module) -> str:
    return f"{name or 'the module'} ({type(module).__name__})"


@torch.no_grad()
def _computed(
    compute: Callable[..., Tensor],
    module: nn.Module,
    input: Float[Tensor, "..."],
    *,
    arithmetic: Arithmetic,
) -> Float[Tensor, "..."]:
    outputs = compute(module, input, arithmetic)
    return _rounded(outputs, arithmetic.outputs).to(input.dtype)


@torch.no_grad()
def _as_ever(forward: Callable[..., Any], *args: Any, arithmetic: Arithmetic, **kwargs: Any) -> Any:
    return _rounded(forward(*args, **kwargs), arithmetic.outputs)


def _rounded(outputs: Any, rounding: Rounding | None) -> Any:
    """Floating-point tensors, rounded, in their type; also those in tuples, lists and dicts."""
    if rounding is None:
        return outputs
    if isinstance(outputs, Tensor) and outputs.is_floating_point():
        return rounding(outputs.double()).to(outputs.dtype)
    if isinstance(outputs, dict):
        return {key: _rounded(one, rounding) for key, one in outputs.items()}
    if type(outputs) in (tuple, list):
        return type(outputs)(_rounded(one, rounding) for one in outputs)
    return outputs
