"""Experiment: networks trained on digits, then run with every product and sum rounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from jaxtyping import Float64
from torch import Tensor

from sim.experiment import Experiment, Measurement
from sim.precision.emulation.formats import Format, floating_point
from sim.precision.emulation.modes import Mode
from sim.precision.emulation.rounding import Rounding
from sim.precision.networks import noise_to_signal
from sim.precision.training import CLASSES, Pictures, images_of, trained
from theory.precision.rounding import nearest_noise

Matrices = Float64[Tensor, "networks rows columns"]
Inputs = Float64[Tensor, "networks rows inner"]
Weights = Float64[Tensor, "networks inner columns"]


class Summed(NamedTuple):
    """Exact sums of products, and what their rounding costs in units of δ².

    Attributes:
        value: Σ p_k.
        energy: Σ p_k², and S_k² of partial sums but the first. A product below half a spacing of
            its sum is lost and costs itself, p_k²/δ² and not S_k².
        with_zeros: the same with S_k² whatever is added.
    """

    value: Matrices
    energy: Matrices
    with_zeros: Matrices


@dataclass(frozen=True)
class TrainedDigits(Experiment):
    """Settings; a replicate is some networks with a hidden layer of ReLU and batches of their own.

    Attributes:
        networks: of a replicate, whose measurements are averaged: those of one are skewed.
        hidden: units.
        steps: of gradient descent with momentum on the cross-entropy.
        batch: images of a step.
        images: that the trained network is run on.
        mantissa: m, of the format without limits of exponents.
        mode: of rounding.
        pixels: of an image.
        data: scikit-learn's digits, or MNIST.
        fingerprint: of the files of MNIST, so that other files are other settings.
    """

    name: ClassVar[str] = "precision-trained-digits"

    hidden: int = 24
    steps: int = 40
    batch: int = 32
    images: int = 160
    mantissa: int = 8
    mode: Mode = "nearest"
    pixels: int = 64
    networks: int = 1
    data: Pictures = "digits"
    fingerprint: str = ""

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = torch.Generator(device)
        generator.manual_seed(int(self.stream(seed, replicates[0], "networks").integers(2**63)))
        images = images_of(self.data, self.fingerprint, device)
        x, y = images
        made = len(replicates) * self.networks, self.hidden, self.steps, self.batch
        first, second = trained(images, *made, generator)
        chosen = torch.randint(
            len(x), (len(first), self.images), generator=generator, device=device
        )
        format = floating_point(None, self.mantissa)
        rounding = Rounding(format, self.mode)
        stored = rounding(x[chosen]), rounding(first), rounding(second)
        hidden = summed(stored[0], stored[1], format)
        out = summed(hidden.value.relu(), stored[2], format)
        inexact = rounded_product(stored[0], stored[1], rounding).relu()
        noise = noise_to_signal(out.value, rounded_product(inexact, stored[2], rounding))
        signal = out.value.square().sum((1, 2))
        active, squares = hidden.value > 0, stored[2].square()
        passed = (hidden.energy * active) @ squares
        all_passed = (hidden.with_zeros * active) @ squares + out.with_zeros
        right = out.value.argmax(-1) == y[chosen]
        measured = {
            "noise": noise,
            "hidden sums": passed.sum((1, 2)) / signal,
            "output sums": out.energy.sum((1, 2)) / signal,
            "all sums": all_passed.sum((1, 2)) / signal,
            "accuracy": right.double().mean(1),
        }
        several = torch.stack([*measured.values()]).unflatten(1, (-1, self.networks))
        rows = several.mean(2).T.tolist()
        return [dict(zip(measured, row, strict=True)) for row in rows]

    def cost(self) -> float:
        """Seconds for one replicate: 2.5 ns a weight and image of training, 20 ns a rounding."""
        weights = (self.pixels + CLASSES) * self.hidden
        return self.networks * weights * (1.5e-9 * self.steps * self.batch + 30e-9 * self.images)


def summed(x: Inputs, weights: Weights, format: Format) -> Summed:
    """x times weights in order of the inputs, and what rounding each step to a format costs."""
    noise = float(nearest_noise(format.mantissa))
    total = torch.zeros_like(x[..., :1] * weights[:, :1])
    energy, with_zeros = torch.zeros_like(total), torch.zeros_like(total)
    for k in range(x.shape[-1]):
        product = x[..., k, None] * weights[:, None, k]
        total = total + product
        own = product.square()
        squares = total.square() if k else torch.zeros_like(total)
        lost = product.abs() < format.spacing(total) / 2
        with_zeros += own + squares
        energy += own + torch.where(lost, own / noise, squares)
    return Summed(total, energy, with_zeros)


def rounded_product(x: Inputs, weights: Weights, rounding: Rounding) -> Matrices:
    """The same product, each product of two numbers and each partial sum rounded."""
    total = torch.zeros_like(x[..., :1] * weights[:, :1])
    for k in range(x.shape[-1]):
        total = rounding(total + rounding(x[..., k, None] * weights[:, None, k]))
    return total
