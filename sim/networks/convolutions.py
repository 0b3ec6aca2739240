"""Ensembles of small convolutional networks with (post-shifted) batch normalization.

Two or more 3×3 convolutions without bias, each with batch normalization over samples and positions,
shift and ReLU, every one after the first with stride 2; then the mean over positions and a linear
readout. All networks of an ensemble are groups of the same grouped convolutions. The interface is
that of `sim.networks.perceptrons.Networks`: a filter is a channel, active where it is at any
position.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from sim.networks.perceptrons import EPS, Pass

SIDE, KERNEL = 8, 3


class ConvolutionalNetworks:
    """Weights of an ensemble; leaf tensors with gradients.

    Attributes:
        weights: of each convolution, (networks, channels, inputs, 3, 3).
        scales, biases: γ and β of each convolution, (networks, channels).
        readout, offset: (networks, classes, channels) and (networks, classes, 1).
        shift: α of each network, (networks, 1).
    """

    def __init__(
        self, weights: Sequence[Tensor], readout: Tensor, shift: Float[Tensor, " networks"]
    ) -> None:
        self.weights = [one.detach().clone().requires_grad_() for one in weights]
        like = [one[:, :, 0, 0, 0].detach() for one in weights]
        self.scales = [torch.ones_like(one).requires_grad_() for one in like]
        self.biases = [torch.zeros_like(one).requires_grad_() for one in like]
        self.readout = readout.detach().clone().requires_grad_()
        self.offset = torch.zeros_like(readout[..., :1]).requires_grad_()
        self.shift = shift.detach().clone().to(readout)[:, None]

    def parameters(self) -> list[Tensor]:
        """All of them, in the order of the layers."""
        hidden = zip(self.weights, self.scales, self.biases, strict=True)
        return [*(one for layer in hidden for one in layer), self.readout, self.offset]

    def part(self, chosen: slice) -> "ConvolutionalNetworks":
        """Some of the networks, with weights of their own."""
        made = ConvolutionalNetworks(
            [w[chosen] for w in self.weights], self.readout[chosen], self.shift[chosen, 0]
        )
        for mine, whole in zip(made.parameters(), self.parameters(), strict=True):
            mine.data.copy_(whole.detach()[chosen])
        return made

    def forward(
        self,
        x: Float[Tensor, "networks pixels samples"],
        statistics: Sequence[tuple[Tensor, Tensor]] | None = None,
    ) -> Pass:
        """Normalized by the statistics of these samples, or by those given."""
        networks, _, samples = x.shape
        x = x.permute(2, 0, 1).reshape(samples, networks, SIDE, SIDE)
        active, used = [], []
        for number, (w, gamma, beta) in enumerate(
            zip(self.weights, self.scales, self.biases, strict=True)
        ):
            stride = 2 if number else 1
            z = functional.conv2d(x, w.flatten(0, 1), stride=stride, padding=1, groups=networks)
            if statistics is not None:
                mean, var = statistics[number]
            elif not torch.is_grad_enabled():
                var, mean = torch.var_mean(z, dim=(0, 2, 3), correction=0)
            else:
                mean, var = None, None
            if mean is not None and var is not None:
                used.append((mean, var))
            shifted = (beta + self.shift).reshape(-1)
            normal = functional.batch_norm(
                z, mean, var, gamma.reshape(-1), shifted, training=mean is None, eps=EPS
            )
            x = functional.relu(normal)
            active.append(x.unflatten(1, (networks, -1)).permute(1, 2, 0, 3, 4).flatten(2))
        pooled = x.mean((2, 3)).view(samples, networks, -1).permute(1, 2, 0)
        return Pass(torch.baddbmm(self.offset, self.readout, pooled), active, used)


def initial_convolutions(
    streams: Sequence[np.random.Generator], channels: tuple[int, ...], classes: int
) -> tuple[list[Tensor], Tensor]:
    """Kernels and readout, N(0, 2 / inputs of a unit), one stream a network.

    ``channels`` are those of the convolutions; images have one.
    """
    sizes = [(out, into, KERNEL, KERNEL) for into, out in pairwise((1, *channels))]
    drawn = []
    for shape in [*sizes, (classes, channels[-1])]:
        one = np.stack([stream.standard_normal(shape) for stream in streams])
        drawn.append(torch.tensor(np.sqrt(2 / np.prod(shape[1:])) * one, dtype=torch.float32))
    return drawn[:-1], drawn[-1]
