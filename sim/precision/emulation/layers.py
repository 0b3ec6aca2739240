"""Linear and convolution layers of torch as products of matrices in emulated arithmetic."""

import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn
from torch.nn.functional import pad

from sim.precision.emulation.products import Arithmetic, add_bias, product

Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d


def linear(
    layer: nn.Linear, inputs: Float[Tensor, "*shape features"], arithmetic: Arithmetic
) -> Float64[Tensor, "*shape outputs"]:
    """What the layer gives; sums go over features in their order, the bias is added last.

    Raises:
        ValueError: inputs of another number of features.
    """
    if inputs.shape[-1] != layer.in_features:
        raise ValueError(f"{inputs.shape[-1]} features for a layer of {layer.in_features}")
    sums = product(inputs.reshape(-1, layer.in_features), layer.weight.T, arithmetic)
    if layer.bias is not None:
        sums = add_bias(sums, layer.bias, arithmetic)
    return sums.view(*inputs.shape[:-1], layer.out_features)


def convolution(
    layer: Convolution, inputs: Float[Tensor, "*shape"], arithmetic: Arithmetic
) -> Float64[Tensor, "..."]:
    """What the layer gives, with any stride, padding, dilation and groups.

    Inputs are (samples, channels, axes of space), with or without samples, and so are the outputs.

    Sums go over the channels of a group and, within each, over the places of the kernel, row by
    row; padded zeros are terms like others. The bias is added last.

    Raises:
        ValueError: inputs of another number of channels or axes.
    """
    space = len(layer.kernel_size)
    batched = inputs.ndim == space + 2
    if not batched and inputs.ndim != space + 1:
        raise ValueError(f"{inputs.ndim} axes for a convolution over {space}")
    if not batched:
        inputs = inputs[None]
    if inputs.shape[1] != layer.in_channels:
        raise ValueError(f"{inputs.shape[1]} channels for a layer of {layer.in_channels}")
    patches = unfolded(layer, inputs)
    samples, places = len(patches), patches.shape[1:-2]
    rows = patches.reshape(-1, layer.groups, patches.shape[-1])
    weights = layer.weight.flatten(1).unflatten(0, (layer.groups, -1))
    sums = torch.cat(
        [product(rows[:, k], weights[k].T, arithmetic) for k in range(layer.groups)], dim=1
    )
    if layer.bias is not None:
        sums = add_bias(sums, layer.bias, arithmetic)
    outputs = sums.view(samples, *places, layer.out_channels).movedim(-1, 1).contiguous()
    return outputs if batched else outputs[0]


def unfolded(
    layer: Convolution, inputs: Float[Tensor, "samples channels *space"]
) -> Float[Tensor, "samples *places_groups_terms"]:
    """The inputs under the kernel at each place, in the order of the layer's weights."""
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    patches = pad(inputs, padding(layer), mode=mode)
    space = len(layer.kernel_size)
    for k in range(space):
        stride, spread = layer.stride[k], layer.dilation[k]
        reach = spread * (layer.kernel_size[k] - 1) + 1
        patches = patches.unfold(2 + k, reach, stride)[..., ::spread]
    patches = patches.unflatten(1, (layer.groups, -1))
    return patches.movedim((1, 2), (1 + space, 2 + space)).flatten(2 + space)


def padding(layer: Convolution) -> list[int]:
    """What `torch.nn.functional.pad` is given: before and after, of the last axis first."""
    found = []
    for k in reversed(range(len(layer.kernel_size))):
        if layer.padding == "same":
            both = layer.dilation[k] * (layer.kernel_size[k] - 1)
            found += [both // 2, both - both // 2]
        else:
            found += [0, 0] if isinstance(layer.padding, str) else [int(layer.padding[k])] * 2
    return found
