"""Gradients of the cross-entropy of ensembles of perceptrons in memory of their own.

What autograd asks for at every step are fresh pages, which cost as much as the products.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from sim.networks.convolutions import ConvolutionalNetworks
from sim.networks.normalized import normalize, normalize_back, runs_normalized
from sim.networks.perceptrons import EPS, Networks, cross_entropy

# of inputs (networks, inputs, samples) and labels (networks, samples), in the parameters' order
Gradients = Callable[[Tensor, Tensor], Sequence[Tensor]]


def gradients_of(networks: Networks | ConvolutionalNetworks, samples: int) -> Gradients:
    """The gradients on minibatches of so many samples, in machine code where that can be had.

    They are those of the mean over the samples; the next call may write over them.
    """
    if isinstance(networks, Networks) and runs_normalized(networks.readout, samples):
        return Backpropagation(networks, samples).gradients
    parameters = networks.parameters()

    def gradients(x: Tensor, labels: Tensor) -> Sequence[Tensor]:
        loss = cross_entropy(networks.forward(x).output, labels)
        return torch.autograd.grad(loss, parameters)

    return gradients


class _Layer:
    """A hidden layer: its parameters, what a pass keeps of it, and its gradients."""

    def __init__(self, w: Tensor, gamma: Tensor, beta: Tensor, samples: int) -> None:
        self.w, self.gamma, self.beta = w.detach(), gamma.detach(), beta.detach()
        self.shifted, self.inverse = torch.empty_like(self.beta), torch.empty_like(self.beta)
        self.x_hat, self.active, self.slopes, self.dz = (
            self.w.new_empty(*self.beta.shape, samples) for _ in range(4)
        )
        self.dw, self.dgamma, self.dbeta = map(torch.empty_like, (self.w, self.gamma, self.beta))

    def forward(self, x: Tensor, shift: Tensor, settings: Tensor) -> Tensor:
        torch.add(self.beta, shift, out=self.shifted)
        torch.bmm(self.w, x, out=self.x_hat)  # normalized where it is
        normalize(self.gamma, self.shifted, settings, self.x_hat, self.inverse, self.active)
        return self.active

    def backward(self, x: Tensor, settings: Tensor, below: Tensor | None) -> None:
        """From the slopes at the output; ``below`` receives those at the inputs."""
        known = (self.gamma, self.shifted, settings, self.x_hat, self.inverse)
        normalize_back(*known, self.slopes, self.dz, self.dgamma, self.dbeta)
        torch.bmm(self.dz, x.mT, out=self.dw)
        if below is not None:
            torch.bmm(self.w.mT, self.dz, out=below)


class Backpropagation:
    """Gradients of networks whose parameters are changed in place.

    Args:
        networks: where `sim.networks.normalized.runs_normalized`.
        samples: of every minibatch.
    """

    def __init__(self, networks: Networks, samples: int) -> None:
        layers = zip(networks.weights, networks.scales, networks.biases, strict=True)
        self._layers = [_Layer(*one, samples) for one in layers]
        self._readout, self._offset = networks.readout.detach(), networks.offset.detach()
        self._output = self._readout.new_empty(*self._readout.shape[:2], samples)
        self._ends = torch.empty_like(self._readout), torch.empty_like(self._offset)
        self._shift = networks.shift[..., 0]
        self._settings = self._readout.new_tensor([EPS, networks.slope, 1 / samples])
        self._down = self._readout.new_tensor(-1.0)

    @torch.no_grad()
    def gradients(
        self,
        x: Float[Tensor, "networks inputs samples"],
        labels: Int[Tensor, "networks samples"],
    ) -> Sequence[Tensor]:
        """Of the mean cross-entropy, in the order of the parameters; the next call's memory."""
        inputs = [x]
        for layer in self._layers:
            inputs.append(layer.forward(inputs[-1], self._shift, self._settings))
        self._read_out(inputs[-1], labels)
        below = [None, *(layer.slopes for layer in self._layers[:-1])]
        for layer, x, slopes in reversed(list(zip(self._layers, inputs[:-1], below, strict=True))):
            layer.backward(x, self._settings, slopes)
        hidden = (one for layer in self._layers for one in (layer.dw, layer.dgamma, layer.dbeta))
        return [*hidden, *self._ends]

    def _read_out(self, active: Tensor, labels: Tensor) -> None:
        """The gradients of the readout and the slopes at what it reads."""
        torch.baddbmm(self._offset, self._readout, active, out=self._output)
        off = torch.softmax(self._output, 1)  # less 1 for the right class: how far it is off
        index = labels[:, None]
        off.scatter_add_(1, index, self._down.expand(index.shape))
        off /= active.shape[-1]
        torch.bmm(off, active.mT, out=self._ends[0])
        torch.sum(off, 2, keepdim=True, out=self._ends[1])
        torch.bmm(self._readout.mT, off, out=self._layers[-1].slopes)
