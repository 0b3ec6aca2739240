"""Experiment: networks with batch normalization on digits, until filters have collapsed.

Each replicate trains, from the same initial weights and on the same minibatches, a network with
batch normalization and one with the shift, at every learning rate and weight decay. A filter has
collapsed where no training image makes it active.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from sim.data.digits import digit_images
from sim.engine.optimizers import Optimizer
from sim.experiment import Experiment, Measurement
from sim.networks.backpropagation import gradients_of
from sim.networks.chunks import together
from sim.networks.convolutions import KERNEL, SIDE, ConvolutionalNetworks, initial_convolutions
from sim.networks.optimizers import Optimizers
from sim.networks.perceptrons import Networks, initial
from sim.post_shifted import SHIFT

CLASSES = 10
CHUNK = 100  # steps whose minibatches are drawn at once
TOGETHER = 36  # networks in one ensemble: more of them leave the cache
IMAGES = 1797  # to train on and to test on
# arrays of a layer: those that its gradient needs and those of it; values of all images and masks
OF_LAYER, OF_SEEN = 9, 3
OF_PARAMETERS = 8  # gradients, their averages, copies

Labels = Literal["true", "random", "fresh"]


@dataclass(frozen=True)
class Collapse(Experiment):
    """Settings; a replicate is one seed with networks for all settings and shifts.

    Attributes:
        trained: pairs of learning rate and weight decay, which acts on all parameters.
        shifts: α, 0 for batch normalization itself.
        optimizer: for all parameters.
        labels: true, drawn once for each training image, or drawn anew at each step.
        hidden: units of each hidden layer of a perceptron.
        channels: of each convolution, for convolutional networks in place of perceptrons.
        slope: of the leaky ReLU of perceptrons, 0 for ReLU.
        train: images to train on, drawn for each replicate; the others test.
    """

    name: ClassVar[str] = "bn-collapse"
    dtype: ClassVar[str] = "float32"

    trained: tuple[tuple[float, float], ...] = ((1.0, 5e-3), (3.0, 5e-3))
    shifts: tuple[float, ...] = (0.0, SHIFT)
    optimizer: Optimizer = "sgd"
    labels: Labels = "true"
    hidden: tuple[int, ...] = (64, 64, 64)
    channels: tuple[int, ...] = ()
    slope: float = 0.0
    batch: int = 64
    steps: int = 500
    train: int = 1437

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        size = together(
            len(replicates),
            torch.device(device),
            cached=TOGETHER // (len(self.trained) * len(self.shifts)),
            needed=self.needed(),
        )
        parts = [replicates[k : k + size] for k in range(0, len(replicates), size)]
        return [one for part in parts for one in self._run(seed, part, device)]

    def _run(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        """Networks in the order (trained, shifts, replicates)."""
        count = len(replicates)
        copies = len(self.trained) * len(self.shifts)
        networks = self._networks(seed, replicates, device)
        images = _Images(
            [self.stream(seed, replicate, "images") for replicate in replicates], self, device
        )
        optimizers = Optimizers(self.optimizer, networks.parameters(), self.trained)
        gradients = gradients_of(networks, self.batch)
        for step in range(self.steps):
            if step % CHUNK == 0:
                images.draw()
            optimizers.step(gradients(*images.minibatch(step % CHUNK, copies)))
        judged = [
            _judged(networks.part(slice(k * count, (k + 1) * count)), images) for k in range(copies)
        ]
        arms = len(self.shifts)
        return [
            {
                key: [
                    [judged[k * arms + arm][key][i] for arm in range(arms)]
                    for k in range(len(self.trained))
                ]
                for key in judged[0]
            }
            for i in range(count)
        ]

    def _networks(
        self, seed: int, replicates: Sequence[int], device: str
    ) -> Networks | ConvolutionalNetworks:
        streams = [self.stream(seed, replicate, "weights") for replicate in replicates]
        if self.channels:
            weights, readout = initial_convolutions(streams, self.channels, CLASSES)
        else:
            weights, readout = initial(streams, (64, *self.hidden, CLASSES))
        copies = len(self.trained) * len(self.shifts)
        weights = [torch.cat([w] * copies).to(device) for w in weights]
        readout = torch.cat([readout] * copies).to(device)
        shift = torch.tensor(self.shifts).repeat_interleave(len(replicates))
        shift = shift.repeat(len(self.trained)).to(device)
        if self.channels:
            return ConvolutionalNetworks(weights, readout, shift)
        return Networks(weights, readout, shift, self.slope)

    def needed(self) -> int:
        """Bytes of a replicate on a card: of its networks in training, and of those judged."""
        copies = len(self.trained) * len(self.shifts)
        if self.channels:
            places = [(SIDE >> number) ** 2 for number in range(len(self.channels))]
            sizes = [1, *self.channels]
            parameters = sum(KERNEL**2 * into * out + 2 * out for into, out in pairwise(sizes))
            values = sum(out * place for out, place in zip(sizes[1:], places, strict=True))
        else:
            sizes = [SIDE**2, *self.hidden]
            parameters = sum((into + 2) * out for into, out in pairwise(sizes))
            values = sum(self.hidden)
        parameters += CLASSES * (sizes[-1] + 1)
        inputs = 2 * SIDE**2
        training = self.batch * (OF_LAYER * values + inputs) + OF_PARAMETERS * parameters
        return 4 * (copies * training + IMAGES * (OF_SEEN * values + inputs) + parameters)

    def cost(self) -> float:
        """Seconds for one replicate: 0.1 ms a step for 64 samples and three layers of 64 units."""
        networks = len(self.trained) * len(self.shifts)
        units = sum(self.hidden) * self.batch / (192 * 64)
        return networks * (0.01 + 1e-4 * self.steps * units)


class _Images:
    """Training and test images of each network, and its minibatches."""

    def __init__(self, streams: Sequence[np.random.Generator], made: Collapse, device: str) -> None:
        pixels, labels = digit_images()
        self.streams, self.made, self.device = streams, made, device
        self.pixels = torch.tensor(pixels, dtype=torch.float32, device=device)
        self.labels = torch.tensor(labels, dtype=torch.int64, device=device)
        order = np.stack([stream.permutation(len(labels)) for stream in streams])
        rows = torch.from_numpy(order).to(device)
        self.train, self.test = rows[:, : made.train], rows[:, made.train :]
        self.target = self.labels[self.train]
        if made.labels == "random":
            drawn = [stream.integers(CLASSES, size=made.train) for stream in streams]
            self.target = torch.from_numpy(np.stack(drawn)).to(device)

    def draw(self) -> None:
        """Minibatches for the next `CHUNK` steps, and fresh labels."""
        shape = (CHUNK, self.made.batch)
        rows = [stream.integers(self.made.train, size=shape) for stream in self.streams]
        self.rows = torch.from_numpy(np.stack(rows, axis=1)).to(self.device)
        if self.made.labels == "fresh":
            drawn = [stream.integers(CLASSES, size=shape) for stream in self.streams]
            self.fresh = torch.from_numpy(np.stack(drawn, axis=1)).to(self.device)

    def minibatch(self, step: int, copies: int) -> tuple[Tensor, Tensor]:
        """Inputs (networks, 64, batch) and labels (networks, batch) for copies of the networks."""
        rows = self.rows[step]
        x = self.images(self.train.gather(1, rows).repeat(copies, 1))
        labels = self.fresh[step] if self.made.labels == "fresh" else self.target.gather(1, rows)
        return x, labels.repeat(copies, 1)

    def images(self, rows: Int[Tensor, "networks samples"]) -> Float[Tensor, "networks 64 samples"]:
        return torch.embedding(self.pixels, rows).mT  # faster than indexing; products take either


@torch.no_grad()
def _judged(networks: Networks | ConvolutionalNetworks, images: _Images) -> dict[str, list[float]]:
    """Collapsed filters, active fraction and accuracy of each network.

    Normalized by the statistics of all training images. The active fraction is the mean over
    filters and training images; accuracy is that on test images with their true labels.
    """
    seen = networks.forward(images.images(images.train))
    unseen = networks.forward(images.images(images.test), seen.statistics)
    active = [layer > 0 for layer in seen.active]  # (networks, filters, samples × positions)
    counts = [layer.count_nonzero(-1) for layer in active]
    reached = torch.cat([count > 0 for count in counts], dim=1)
    shares = torch.cat(
        [count.double() / layer.shape[-1] for count, layer in zip(counts, active, strict=True)],
        dim=1,
    )
    right = unseen.output.argmax(1) == images.labels[images.test]
    return {
        "collapsed": (1 - reached.double().mean(1)).tolist(),
        "active": shares.mean(1).tolist(),
        "accuracy": right.double().mean(1).tolist(),
    }
