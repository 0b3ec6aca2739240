"""Experiment: the first update of the filters of a convolution on images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from jaxtyping import Float64, Int64
from torch import Tensor
from torch.nn import functional

from sim.experiment import Experiment, Measurement
from sim.lowrank.images import SIDE, images
from sim.lowrank.kernels import normal
from sim.lowrank.spectra import participation
from sim.lowrank.streams import generator_of, measurements

TAPS = 9
POSITIONS = (SIDE - 2) ** 2
CLASSES = 10

Pictures = Float64[Tensor, "updates batch 8 8"]
Patches = Float64[Tensor, "updates positions 9"]


@dataclass(frozen=True)
class FirstUpdate(Experiment):
    """Settings; a replicate is a few updates, each of its own network on its own batch.

    The network has 3 × 3 filters without padding, ReLU and a linear readout of all positions.
    Measured, means over the updates: ``PR``, (Σσ²)²/Σσ⁴ of the M × 9 update; ``share``,
    tr C²/(tr C)² of the patches of the batch; ``unshuffled share``, that before pixels were
    shuffled.

    Attributes:
        errors: at the filters' outputs: those of a "gradient" of the cross-entropy,
            "independent" normal numbers, or "common" ones, the same for all filters.
        source: "digits", or images of normal pixels "correlated" like ρ^(|Δx| + |Δy|).
        correlation: ρ of "correlated".
        shuffle: whether the pixels of all images are put in one random order.
        filters: M.
        batch: images.
        updates: of a replicate.
    """

    name: ClassVar[str] = "lowrank-first-update"

    errors: Literal["gradient", "independent", "common"] = "independent"
    source: Literal["digits", "correlated"] = "digits"
    correlation: float = 0.0
    shuffle: bool = False
    filters: int = 32
    batch: int = 128
    updates: int = 1

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = generator_of(self, seed, replicates, device)
        count = len(replicates) * self.updates
        x, labels = self._images(count, generator)
        before = shares(patches(x))
        if self.shuffle:
            order = torch.rand((count, SIDE**2), generator=generator, device=device).argsort(1)
            at = order[:, None].expand(-1, self.batch, -1)
            x = x.flatten(2).gather(2, at).view_as(x)
        seen = patches(x)
        if self.errors == "gradient":
            errors = self._back_propagated(seen, labels, generator)
        else:
            drawn = self.filters if self.errors == "independent" else 1
            errors = normal((*seen.shape[:2], drawn), generator).expand(-1, -1, self.filters)
        update = errors.transpose(1, 2) @ seen
        measured = {
            "PR": participation(update),
            "share": shares(seen),
            "unshuffled share": before,
        }
        return measurements(
            {name: one.unflatten(0, (-1, self.updates)).mean(1) for name, one in measured.items()}
        )

    def _images(
        self, count: int, generator: torch.Generator
    ) -> tuple[Pictures, Int64[Tensor, "updates batch"]]:
        shape, device = (count, self.batch), generator.device
        if self.source == "digits":
            pixels, labels = images("digits")
            rows = torch.randint(len(pixels), shape, generator=generator, device=device)
            return (
                torch.from_numpy(pixels).to(device)[rows],
                torch.from_numpy(labels).to(device)[rows],
            )
        labels = torch.randint(CLASSES, shape, generator=generator, device=device)
        at = torch.arange(SIDE, dtype=torch.float64, device=device)
        line = self.correlation ** (at[:, None] - at).abs()
        root = torch.linalg.cholesky(line)
        return root @ normal((*shape, SIDE, SIDE), generator) @ root.T, labels

    def _back_propagated(
        self, seen: Patches, labels: Int64[Tensor, "updates batch"], generator: torch.Generator
    ) -> Float64[Tensor, "updates positions filters"]:
        """Errors of the mean cross-entropy, of a network of random weights."""
        count = len(seen)
        weights = normal((count, TAPS, self.filters), generator) * (2 / TAPS) ** 0.5
        features = POSITIONS * self.filters
        readout = normal((count, features, CLASSES), generator) / features**0.5
        z = seen @ weights
        active = z.relu().view(count, self.batch, features)
        targets = functional.one_hot(labels, CLASSES).double()
        error = ((active @ readout).softmax(-1) - targets) @ readout.transpose(1, 2)
        return error.view_as(z) * (z > 0)

    def cost(self) -> float:
        return self.updates * self.batch * self.filters * 4e-7


def patches(x: Pictures) -> Patches:
    """All 3 × 3 squares of all images."""
    squares = x.unfold(2, 3, 1).unfold(3, 3, 1)
    return squares.flatten(4).flatten(1, 3)


def shares(seen: Patches) -> Float64[Tensor, " updates"]:
    """tr C²/(tr C)², C the mean of the patches' products."""
    return 1 / participation(seen)
