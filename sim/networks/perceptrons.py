"""Ensembles of multilayer perceptrons with (post-shifted) batch normalization, trained together.

Each hidden layer is Linear without bias, batch normalization, shift, (leaky) ReLU; the readout is
Linear with bias. All networks of an ensemble go through the same operations at once: layers are
batched matrix products, and batch normalization sees networks × units channels.
Float32 is enough for training; single steps of γ and β that are compared with a theory need
float64.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from sim.networks.normalized import normalized_layer, runs_normalized

EPS = 1e-5  # that of torch's BatchNorm, in units of the variance


@dataclass
class Pass:
    """What a forward pass shows.

    Attributes:
        output: of the readout, (networks, classes, samples).
        active: of each hidden layer the values after the ReLU, (networks, units, samples).
        statistics: of each hidden layer mean and variance of the pre-activation over the samples,
            (networks × units) each; those that were given, if any. Empty while gradients are
            recorded.
    """

    output: Float[Tensor, "networks classes samples"]
    active: list[Tensor]
    statistics: list[tuple[Tensor, Tensor]]


class Networks:
    """Weights of an ensemble; leaf tensors with gradients.

    Attributes:
        weights: of each hidden layer, (networks, units, inputs).
        scales, biases: γ and β of each hidden layer, (networks, units).
        readout, offset: (networks, classes, units) and (networks, classes, 1).
        shift: α of each network, (networks, 1, 1).
        slope: of the leaky ReLU, 0 for ReLU.
    """

    def __init__(
        self,
        weights: Sequence[Tensor],
        readout: Tensor,
        shift: Float[Tensor, " networks"],
        slope: float = 0.0,
    ) -> None:
        self.weights = [one.detach().clone().requires_grad_() for one in weights]
        like = [one[..., 0].detach() for one in weights]
        self.scales = [torch.ones_like(one).requires_grad_() for one in like]
        self.biases = [torch.zeros_like(one).requires_grad_() for one in like]
        self.readout = readout.detach().clone().requires_grad_()
        self.offset = torch.zeros_like(readout[..., :1]).requires_grad_()
        self.shift, self.slope = shift.detach().clone().to(readout)[:, None, None], slope

    def parameters(self) -> list[Tensor]:
        """All of them, in the order of the layers."""
        hidden = zip(self.weights, self.scales, self.biases, strict=True)
        return [*(one for layer in hidden for one in layer), self.readout, self.offset]

    def part(self, chosen: slice) -> "Networks":
        """Some of the networks, with weights of their own."""
        made = Networks(
            [w[chosen] for w in self.weights],
            self.readout[chosen],
            self.shift[chosen, 0, 0],
            self.slope,
        )
        for mine, whole in zip(made.parameters(), self.parameters(), strict=True):
            mine.data.copy_(whole.detach()[chosen])
        return made

    def forward(
        self,
        x: Float[Tensor, "networks inputs samples"],
        statistics: Sequence[tuple[Tensor, Tensor]] | None = None,
    ) -> Pass:
        """Normalized by the statistics of these samples, or by those given."""
        active, used = [], []
        training = torch.is_grad_enabled() and statistics is None
        natively = training and runs_normalized(self.readout, x.shape[-1])
        for number, (w, gamma, beta) in enumerate(
            zip(self.weights, self.scales, self.biases, strict=True)
        ):
            shifted = beta + self.shift[..., 0]
            if natively:
                x = normalized_layer(w, x, gamma, shifted, self.slope, EPS)
                active.append(x)
                continue
            z = torch.bmm(w, x)
            channels = z.reshape(1, -1, z.shape[-1])
            if statistics is not None:
                mean, var = statistics[number]
            elif not torch.is_grad_enabled():  # their gradient is that of batch_norm itself
                mean = channels[0].mean(dim=1)  # six times as fast as torch.var_mean
                var = (channels[0] - mean[:, None]).square_().mean(dim=1)
            else:
                mean, var = None, None
            if mean is not None and var is not None:
                used.append((mean, var))
            normal = functional.batch_norm(
                channels,
                mean,
                var,
                gamma.reshape(-1),
                shifted.reshape(-1),
                training=mean is None,
                eps=EPS,
            )
            z = normal.view_as(z)
            x = functional.leaky_relu(z, self.slope) if self.slope else functional.relu(z)
            active.append(x)
        return Pass(torch.baddbmm(self.offset, self.readout, x), active, used)


def initial(
    streams: Sequence[np.random.Generator],
    sizes: tuple[int, ...],
    dtype: torch.dtype = torch.float32,
) -> tuple[list[Tensor], Tensor]:
    """Weights of the hidden layers and the readout, N(0, 2 / inputs), one stream a network."""
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        drawn = np.stack([one.standard_normal((fan_out, fan_in)) for one in streams])
        layers.append(torch.tensor(np.sqrt(2 / fan_in) * drawn, dtype=dtype))
    return layers[:-1], layers[-1]


def cross_entropy(
    output: Float[Tensor, "networks classes samples"], labels: Int[Tensor, "networks samples"]
) -> Tensor:
    """Mean over the samples, summed over the networks: their gradients do not mix."""
    return functional.cross_entropy(output, labels, reduction="sum") / labels.shape[-1]
