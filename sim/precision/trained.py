"""Experiment: networks trained on digits, then run with every product and sum rounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from sim.data.digits import digit_images
from sim.experiment import Experiment, Measurement
from sim.precision.emulation.formats import floating_point
from sim.precision.emulation.modes import Mode
from sim.precision.emulation.rounding import Rounding
from sim.precision.networks import noise_to_signal

RATE, MOMENTUM = 0.3, 0.9
SCALE = 8.0  # of standardized pixels, so that 64 of them have norm 1
CLASSES = 10

Matrices = Float64[Tensor, "networks rows columns"]
Inputs = Float64[Tensor, "networks rows inner"]
Weights = Float64[Tensor, "networks inner columns"]


class Summed(NamedTuple):
    """Exact sums of products, and what their rounding costs in units of δ².

    Attributes:
        value: Σ p_k.
        energy: Σ p_k², and S_k² of partial sums but the first and those to which 0 is added.
        with_zeros: the same with sums to which 0 is added.
    """

    value: Matrices
    energy: Matrices
    with_zeros: Matrices


@dataclass(frozen=True)
class TrainedDigits(Experiment):
    """Settings; a replicate is a network with one hidden layer of ReLU, trained on its own batches.

    Attributes:
        hidden: units.
        steps: of gradient descent with momentum on the cross-entropy.
        batch: images of a step.
        images: that the trained network is run on.
        mantissa: m, of the format without limits of exponents.
        mode: of rounding.
    """

    name: ClassVar[str] = "precision-trained-digits"

    hidden: int = 24
    steps: int = 40
    batch: int = 32
    images: int = 160
    mantissa: int = 8
    mode: Mode = "nearest"
    pixels: int = 64

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = torch.Generator(device)
        generator.manual_seed(int(self.stream(seed, replicates[0], "networks").integers(2**63)))
        pixels, labels = digit_images()
        x = torch.from_numpy(pixels).to(device) / SCALE
        y = torch.from_numpy(labels).to(device)
        first, second = self._trained(x, y, len(replicates), generator)
        chosen = torch.randint(
            len(x), (len(first), self.images), generator=generator, device=device
        )
        rounding = Rounding(floating_point(None, self.mantissa), self.mode)
        stored = rounding(x[chosen]), rounding(first), rounding(second)
        hidden = summed(stored[0], stored[1])
        out = summed(hidden.value.relu(), stored[2])
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
        rows = torch.stack([*measured.values()]).T.tolist()
        return [dict(zip(measured, row, strict=True)) for row in rows]

    def _trained(
        self,
        x: Float64[Tensor, "images pixels"],
        y: Int64[Tensor, " images"],
        networks: int,
        generator: torch.Generator,
    ) -> tuple[
        Float64[Tensor, "networks pixels hidden"], Float64[Tensor, "networks hidden classes"]
    ]:
        shapes = (networks, self.pixels, self.hidden), (networks, self.hidden, CLASSES)
        made = {"generator": generator, "dtype": torch.float64, "device": x.device}
        first = torch.randn(shapes[0], **made)
        second = torch.randn(shapes[1], **made) / self.hidden**0.5
        speeds = torch.zeros_like(first), torch.zeros_like(second)
        targets = torch.nn.functional.one_hot(y, CLASSES).double()
        for _ in range(self.steps):
            rows = torch.randint(
                len(x), (networks, self.batch), generator=generator, device=x.device
            )
            inputs = x[rows]
            hidden = (inputs @ first).relu()
            error = ((hidden @ second).softmax(-1) - targets[rows]) / self.batch
            back = (error @ second.transpose(1, 2)) * (hidden > 0)
            slopes = inputs.transpose(1, 2) @ back, hidden.transpose(1, 2) @ error
            for weight, speed, slope in zip((first, second), speeds, slopes, strict=True):
                speed.mul_(MOMENTUM).add_(slope)
                weight.sub_(speed, alpha=RATE)
        return first, second

    def cost(self) -> float:
        """Seconds for one replicate: 2.5 ns a weight and image of training, 20 ns a rounding."""
        weights = (self.pixels + CLASSES) * self.hidden
        return weights * (1.5e-9 * self.steps * self.batch + 30e-9 * self.images)


def summed(x: Inputs, weights: Weights) -> Summed:
    """x times weights in order of the inputs, with the squares of products and partial sums."""
    total = torch.zeros_like(x[..., :1] * weights[:, :1])
    energy, with_zeros = torch.zeros_like(total), torch.zeros_like(total)
    for k in range(x.shape[-1]):
        product = x[..., k, None] * weights[:, None, k]
        total = total + product
        squares = total.square() if k else torch.zeros_like(total)
        with_zeros += product.square() + squares
        energy += product.square() + squares * (product != 0)
    return Summed(total, energy, with_zeros)


def rounded_product(x: Inputs, weights: Weights, rounding: Rounding) -> Matrices:
    """The same product, each product of two numbers and each partial sum rounded."""
    total = torch.zeros_like(x[..., :1] * weights[:, :1])
    for k in range(x.shape[-1]):
        total = rounding(total + rounding(x[..., k, None] * weights[:, None, k]))
    return total
