"""Ensembles of small convolutional networks, trained together by Adam on images of 8 × 8 pixels.

Two 3 × 3 convolutions without padding, each with ReLU, and a linear readout of all positions, in
float32; the kernel of the second convolution is what is looked at. The networks are groups of the
same grouped convolutions, each with batches of its own.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional

TAPS = 9  # of a 3 × 3 window
POSITIONS = 16  # of the second convolution's output: 8 − 2 − 2 squared
CLASSES = 10
RATE = 3e-3

Kernel = Float[Tensor, "networks outputs columns"]


@dataclass(frozen=True)
class Architecture:
    """Channels of the two convolutions, and how the second is initialized.

    Attributes:
        inputs: channels that the second convolution is given.
        outputs: its filters.
        scale: of its initial weights, in units of He's √(2/fan-in).
    """

    inputs: int = 8
    outputs: int = 16
    scale: float = 1.0


@dataclass(frozen=True)
class Training:
    """How networks are trained.

    Attributes:
        steps: of Adam on the cross-entropy.
        batch: images of a step.
    """

    steps: int = 25
    batch: int = 16


def trained(
    x: Float[Tensor, "images 8 8"],
    y: Int64[Tensor, " images"],
    networks: int,
    architecture: Architecture,
    training: Training,
    generator: torch.Generator,
) -> tuple[Kernel, Kernel, Float[Tensor, " networks"]]:
    """Initial and final kernels of the second convolution, and accuracy on the last batches."""
    layers = [one.requires_grad_() for one in initial(networks, architecture, generator)]
    first = layers[1].detach().clone()
    optimizer = torch.optim.Adam(layers, lr=RATE)
    accuracy = torch.zeros(networks)
    for _ in range(training.steps):
        shape = (networks, training.batch)
        rows = torch.randint(len(x), shape, generator=generator, device=x.device)
        out = outputs(x[rows], layers)
        targets = y[rows]
        loss = functional.cross_entropy(out.flatten(0, 1), targets.flatten(), reduction="sum")
        optimizer.zero_grad()
        (loss / training.batch).backward()
        optimizer.step()
        accuracy = (out.detach().argmax(-1) == targets).float().mean(1)
    final = layers[1].detach()
    return first.flatten(2), final.flatten(2), accuracy


def initial(
    networks: int, architecture: Architecture, generator: torch.Generator
) -> list[Float[Tensor, "networks outputs ..."]]:
    """Kernels (networks, outputs, inputs, 3, 3) and the readout (networks, classes, features)."""
    inputs, outputs = architecture.inputs, architecture.outputs
    shapes = (inputs, 1, 3, 3), (outputs, inputs, 3, 3), (CLASSES, outputs * POSITIONS)
    scales = (
        (2 / TAPS) ** 0.5,
        architecture.scale * (2 / (TAPS * inputs)) ** 0.5,
        (outputs * POSITIONS) ** -0.5,
    )
    return [
        scale * torch.randn((networks, *shape), generator=generator, device=generator.device)
        for shape, scale in zip(shapes, scales, strict=True)
    ]


def outputs(
    x: Float[Tensor, "networks batch 8 8"], layers: list[Tensor]
) -> Float[Tensor, "networks batch classes"]:
    """Logits of every network on its own images."""
    hidden, networks = x.transpose(0, 1), len(x)
    for kernel in layers[:2]:
        hidden = functional.conv2d(hidden, kernel.flatten(0, 1), groups=networks).relu()
    features = hidden.unflatten(1, (networks, -1)).flatten(2).transpose(0, 1)
    return features @ layers[2].transpose(1, 2)
