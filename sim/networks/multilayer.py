"""Many deep networks trained at once with Adam, full batch, each on data of its own.

A network is x⁰ = x, xˡ = σₗ(Wˡ (xˡ⁻¹, 1)) for its hidden layers and f = a·xᴸ, with xˡ⁻¹ added to xˡ
where it is residual and the widths agree. The loss is (1/2n) Σᵢ (f(xᵢ) − yᵢ)². The bias is the last
input weight of a neuron; the output has none. Arrays carry a leading axis of networks. The
gradients are exact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor

from sim.activation.compiled import TorchActivation
from sim.engine.optimizers import Descent
from sim.networks.chunks import layers, together
from sim.networks.ensemble import Sigma
from sim.networks.gradients import pointwise, runs_natively

CHUNK_ELEMENTS = 150_000  # pre-activations trained together in torch calls, in single precision


@dataclass(frozen=True)
class Net:
    """The form of a network: the activation of every hidden layer, and whether it is residual."""

    activations: tuple[Sigma, ...]
    residual: bool = False


@dataclass(frozen=True)
class Parameters:
    """Input weights of every hidden layer, shapes (networks, width, inputs + 1), and outputs'."""

    layers: tuple[Tensor, ...]
    output: Float[Tensor, "networks width"]

    def copy(self) -> "Parameters":
        return Parameters(tuple(w.clone() for w in self.layers), self.output.clone())

    def part(self, networks: slice) -> "Parameters":
        return Parameters(tuple(w[networks] for w in self.layers), self.output[networks])


Gradients = Callable[[Parameters], Parameters]


def forward(
    net: Net, parameters: Parameters, x: Float[Tensor, "networks samples inputs"]
) -> Float[Tensor, "networks samples"]:
    """The outputs of the networks."""
    return _forward(net, parameters, _with_ones(x))[0]


def gradients(
    net: Net,
    parameters: Parameters,
    x: Float[Tensor, "networks samples inputs"],
    y: Float[Tensor, "networks samples"],
) -> Parameters:
    """Exact gradients of the loss."""
    return _gradients_of(net, x, y)(parameters)


def adam(
    net: Net,
    parameters: Parameters,
    x: Float[Tensor, "networks samples inputs"],
    y: Float[Tensor, "networks samples"],
    *,
    rate: float,
    epochs: Sequence[int],
) -> dict[int, Parameters]:
    """The parameters after each of the given numbers of steps of torch's Adam with its defaults.

    Adam acts on every parameter by itself, so networks trained together do not meet.
    """
    chunk = _chunk(net, parameters, x, len(epochs))
    parts = [
        _adam_chunk(_gradients_of(net, x[at], y[at]), parameters.part(at).copy(), rate, epochs)
        for at in (slice(start, start + chunk) for start in range(0, len(x), chunk))
    ]
    return {epoch: _joined([part[epoch] for part in parts]) for epoch in epochs}


def _gradients_of(net: Net, x: Tensor, y: Tensor) -> Gradients:
    """The gradients on some data, in machine code where that can be had."""
    if _runs_natively(net, x):
        from sim.native.multilayer.gradients import NativeGradients

        known = [cast(TorchActivation, sigma) for sigma in net.activations]
        native = NativeGradients(known, net.residual, x, y)
        return lambda now: Parameters(*native(now.layers, now.output))
    inputs = _with_ones(x)
    return lambda now: _gradients(net, now, inputs, y)


def _runs_natively(net: Net, x: Tensor) -> bool:
    return bool(net.activations) and all(runs_natively(one, x) for one in net.activations)


def _chunk(net: Net, parameters: Parameters, x: Tensor, kept: int) -> int:
    """How many networks are trained together, see `sim.networks.chunks.together`.

    Torch calls write what they make to memory, and read it again; machine code does not.
    """
    networks, samples, inputs = x.shape
    widths = [w.shape[1] for w in parameters.layers]
    native = _runs_natively(net, x)
    return together(
        networks,
        x.device,
        cached=networks if native else CHUNK_ELEMENTS // (sum(widths) * samples),
        needed=layers(
            net.activations, [inputs, *widths], samples=samples, kept=kept, dtype=x.dtype
        ),
    )


def _adam_chunk(
    gradients_at: Gradients, now: Parameters, rate: float, epochs: Sequence[int]
) -> dict[int, Parameters]:
    descent = Descent("adam", [*now.layers, now.output], rate)
    saved = {}
    for step in range(max(epochs) + 1):
        if step in epochs:
            saved[step] = now.copy()
        if step < max(epochs):
            slopes = gradients_at(now)
            descent.step([*slopes.layers, slopes.output])
    return saved


def _joined(parts: Sequence[Parameters]) -> Parameters:
    by_layer = zip(*(part.layers for part in parts), strict=True)
    return Parameters(
        tuple(torch.cat(list(layer)) for layer in by_layer),
        torch.cat([part.output for part in parts]),
    )


def _with_ones(x: Tensor) -> Tensor:
    return torch.cat([x, torch.ones_like(x[..., :1])], -1)


def _forward(
    net: Net, parameters: Parameters, inputs: Tensor
) -> tuple[Tensor, Tensor, list[Tensor], list[Tensor]]:
    """Outputs, the last hidden layer, and of every layer its inputs with ones and σ'."""
    augmented, slopes = [inputs], []
    hidden = inputs[..., :-1]
    for depth, (sigma, weight) in enumerate(zip(net.activations, parameters.layers, strict=True)):
        if depth:
            augmented.append(_with_ones(hidden))
        value, slope = pointwise(sigma, inputs)(torch.bmm(augmented[-1], weight.mT))
        hidden = value + hidden if _skips(net, weight) else value
        slopes.append(slope)
    return torch.bmm(hidden, parameters.output[..., None])[..., 0], hidden, augmented, slopes


def _gradients(net: Net, parameters: Parameters, inputs: Tensor, y: Tensor) -> Parameters:
    f, hidden, augmented, slopes = _forward(net, parameters, inputs)
    error = (f - y) / y.shape[1]
    output = torch.bmm(error[:, None, :], hidden)[:, 0]
    back = error[..., None] * parameters.output[:, None, :]
    layers = []
    for depth in reversed(range(len(slopes))):
        weight = parameters.layers[depth]
        at_z = back * slopes[depth]
        layers.append(torch.bmm(at_z.mT, augmented[depth]))
        if depth:
            through = torch.bmm(at_z, weight[..., :-1])
            back = through + back if _skips(net, weight) else through
    return Parameters(tuple(reversed(layers)), output)


def _skips(net: Net, weight: Tensor) -> bool:
    return net.residual and weight.shape[1] == weight.shape[2] - 1
