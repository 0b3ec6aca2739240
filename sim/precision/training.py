"""Networks with one hidden layer of ReLU, trained on images of digits, all of a block at once."""

import functools
from typing import Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from sim.data import idx
from sim.data.digits import digit_images

RATE, MOMENTUM = 0.3, 0.9
CLASSES = 10
MOST_IMAGES = 6000  # of MNIST that are used

Pictures = Literal["digits", "mnist"]


class Images(NamedTuple):
    """Images as inputs of norm about 1, pixels of mean 0, and their labels."""

    pixels: Float64[Tensor, "images pixels"]
    labels: Int64[Tensor, " images"]


class Networks(NamedTuple):
    """Weights of networks without biases."""

    first: Float64[Tensor, "networks pixels hidden"]
    second: Float64[Tensor, "networks hidden classes"]


def images_of(data: Pictures, fingerprint: str, device: str) -> Images:
    """scikit-learn's digits, or the first images of MNIST.

    Args:
        data: which.
        fingerprint: of MNIST's files.
        device: where to.

    Raises:
        DataError: the files of MNIST are missing, faulty or not those of the fingerprint.
    """
    pixels, labels = _standardized(data, fingerprint)
    return Images(torch.from_numpy(pixels).to(device), torch.from_numpy(labels).to(device))


@functools.cache
def _standardized(data: Pictures, fingerprint: str) -> tuple[np.ndarray, np.ndarray]:
    if data == "digits":
        pixels, labels = digit_images()
        return pixels / pixels.shape[1] ** 0.5, labels
    raw, labels = idx.load(idx.mnist_folder(), "train", fingerprint)
    pixels = raw[:MOST_IMAGES].reshape(-1, idx.SIDE**2).astype(np.float64)
    scale = pixels.std(axis=0)
    pixels = (pixels - pixels.mean(axis=0)) / np.where(scale == 0, 1.0, scale)
    return pixels / idx.SIDE, labels[:MOST_IMAGES].astype(np.int64)


def trained(
    images: Images,
    networks: int,
    hidden: int,
    steps: int,
    batch: int,
    generator: torch.Generator,
) -> Networks:
    """Networks of independent weights and batches, after gradient descent on the cross-entropy.

    Args:
        images: that batches are drawn from.
        networks: number of them.
        hidden: units of each.
        steps: of gradient descent with momentum.
        batch: images of a step.
        generator: of all that is random.
    """
    x, y = images
    made = {"generator": generator, "dtype": torch.float64, "device": x.device}
    first = torch.randn((networks, x.shape[1], hidden), **made)
    second = torch.randn((networks, hidden, CLASSES), **made) / hidden**0.5
    speeds = torch.zeros_like(first), torch.zeros_like(second)
    targets = torch.nn.functional.one_hot(y, CLASSES).double()
    for _ in range(steps):
        rows = torch.randint(len(x), (networks, batch), generator=generator, device=x.device)
        inputs = x[rows]
        active = (inputs @ first).relu()
        error = ((active @ second).softmax(-1) - targets[rows]) / batch
        back = (error @ second.transpose(1, 2)) * (active > 0)
        slopes = inputs.transpose(1, 2) @ back, active.transpose(1, 2) @ error
        for weight, speed, slope in zip((first, second), speeds, slopes, strict=True):
            speed.mul_(MOMENTUM).add_(slope)
            weight.sub_(speed, alpha=RATE)
    return Networks(first, second)
