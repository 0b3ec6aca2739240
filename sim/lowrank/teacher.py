"""Experiment: accuracy over ranks of a layer in a plain and in a shuffled low-rank subspace."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from jaxtyping import Float32, Int64
from torch import Tensor
from torch.nn import functional

from sim.experiment import Experiment, Measurement
from sim.lowrank.images import images
from sim.lowrank.streams import generator_of, measurements

CLASSES = 10
RANKS = (1, 2, 4, 8)
STUDENTS = 2 + 2 * len(RANKS)  # whole, frozen, then plain and shuffled by rank
TAPS, POSITIONS = 72, 16  # of a task of a teacher: squares of 3 × 3 pixels of 8 channels
SMALL = 1e-5  # added to the variance of features

Patches = Float32[Tensor, "batch positions taps"]
Labels = Int64[Tensor, " batch"]
Layers = Float32[Tensor, "students filters taps"]
Readout = tuple[Float32[Tensor, "students filters 10"], Float32[Tensor, "students 10"]]


@dataclass(frozen=True)
class Stability(Experiment):
    """Settings; a replicate is a task with one set of samples, of which all students learn.

    Squares of pixels that do not overlap pass a layer of filters, ReLU, the mean over positions,
    standardization over the batch and a linear readout. Of the students' layers one is trained as
    a whole, one not at all, and some are products of factors of rank 1, 2, 4 and 8, whose entries
    stay in place or are permuted. Measured: ``plain`` and ``shuffled``, test accuracies by rank,
    with ``plain spread`` and ``shuffled spread``, their standard deviations over the ranks;
    ``whole``, ``frozen``; ``frozen share``, (frozen − chance)/(whole − chance).

    Attributes:
        source: labels of a "teacher" of the same form on normal pixels, the largest of ten random
            mixtures of its features; or "digits".
        rank: of the teacher's layer; 0 for independent entries.
        shuffle: whether the entries of shuffled products are permuted at all.
        filters: of the layer.
        samples: of training, by a teacher; of a test as many. Digits are halved.
        steps: of Adam.
        batch: samples of a step.
        rate: of Adam.
    """

    name: ClassVar[str] = "lowrank-stability"

    source: Literal["teacher", "digits"] = "teacher"
    rank: int = 2
    shuffle: bool = True
    filters: int = 16
    samples: int = 2048
    steps: int = 300
    batch: int = 128
    rate: float = 0.01

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        return [self._learned(generator_of(self, seed, [one], device)) for one in replicates]

    def _learned(self, generator: torch.Generator) -> Measurement:
        x, labels = self._task(generator)
        half = len(x) // 2
        test, held = x[half:], labels[half:]
        layers, readout = self._trained(x[:half], labels[:half], generator)
        right = (logits(test, layers(), readout).argmax(-1) == held[:, None]).double().mean(0)
        chance = held.bincount(minlength=CLASSES).max() / len(held)
        whole, frozen = right[:2]
        plain, shuffled = right[2:].view(2, len(RANKS))
        (found,) = measurements(
            {
                name: one[None]
                for name, one in {
                    "plain": plain,
                    "shuffled": shuffled,
                    "plain spread": plain.std(correction=0),
                    "shuffled spread": shuffled.std(correction=0),
                    "whole": whole,
                    "frozen": frozen,
                    "frozen share": (frozen - chance) / (whole - chance),
                }.items()
            }
        )
        return found

    def _task(self, generator: torch.Generator) -> tuple[Patches, Labels]:
        """Samples of training and of the test, with their labels."""
        if self.source == "digits":
            return self._digits(generator)
        x = normal((2 * self.samples, POSITIONS, TAPS), generator)
        layer = normal((1, self.filters, TAPS), generator)
        if self.rank:
            left = normal((self.filters, self.rank), generator)
            layer = (left @ normal((self.rank, TAPS), generator))[None] / self.rank**0.5
        mixtures = normal((1, self.filters, CLASSES), generator)
        none = torch.zeros(1, CLASSES, device=generator.device)
        return x, logits(x, layer, (mixtures, none))[:, 0].argmax(-1)

    def _digits(self, generator: torch.Generator) -> tuple[Patches, Labels]:
        """Squares of 4 × 4 pixels of the digits in random order."""
        pixels, labels = images("digits")
        rows = torch.randperm(len(pixels), generator=generator, device=generator.device)
        squares = torch.from_numpy(pixels).unfold(1, 4, 4).unfold(2, 4, 4).flatten(3).flatten(1, 2)
        return (
            squares.float().to(generator.device)[rows],
            torch.from_numpy(labels).to(generator.device)[rows],
        )

    def _trained(
        self, x: Patches, labels: Labels, generator: torch.Generator
    ) -> tuple[Callable[[], Layers], Readout]:
        taps, device = x.shape[-1], generator.device
        size, flat = taps**-0.5, self.filters * taps
        order = torch.arange(flat, device=device)
        if self.shuffle:
            order = torch.randperm(flat, generator=generator, device=device)
        whole = size * normal((1, self.filters, taps), generator)
        frozen = whole.clone()
        starts = [
            (normal((self.filters, r), generator), size * r**-0.5 * normal((r, taps), generator))
            for r in RANKS
        ]
        factors = [one.clone() for _ in range(2) for pair in starts for one in pair]
        readout = (
            normal((1, self.filters, CLASSES), generator).repeat(STUDENTS, 1, 1)
            * self.filters**-0.5,
            torch.zeros(STUDENTS, CLASSES, device=device),
        )
        learned = [whole, *factors, *readout]
        for one in learned:
            one.requires_grad_()

        def layers() -> Layers:
            products = torch.stack(
                [u @ v for u, v in zip(factors[::2], factors[1::2], strict=True)]
            )
            plain, shuffled = products.chunk(2)
            permuted = shuffled.flatten(1)[:, order].view_as(shuffled)
            return torch.cat([whole, frozen, plain, permuted])

        adam = torch.optim.Adam(learned, lr=self.rate)
        for _ in range(self.steps):
            rows = torch.randint(len(x), (self.batch,), generator=generator, device=device)
            found = logits(x[rows], layers(), readout).flatten(0, 1)
            wanted = labels[rows].repeat_interleave(STUDENTS)
            adam.zero_grad()
            functional.cross_entropy(found, wanted, reduction="sum").div(self.batch).backward()
            adam.step()
        return layers, readout

    def cost(self) -> float:
        """Seconds for one replicate."""
        work = self.samples + 3 * self.steps * self.batch
        return work * POSITIONS * TAPS * self.filters * 1e-9


def logits(x: Patches, layers: Layers, readout: Readout) -> Float32[Tensor, "batch students 10"]:
    """Of each student on a batch, by whose mean and variance features are standardized."""
    z = (x @ layers.flatten(0, 1).T).relu().mean(1)
    z = (z - z.mean(0)) / (z.var(0, correction=0) + SMALL).sqrt()
    features = z.unflatten(1, layers.shape[:2])
    return torch.einsum("bsf,sfc->bsc", features, readout[0]) + readout[1]


def normal(shape: tuple[int, ...], generator: torch.Generator) -> Float32[Tensor, "..."]:
    return torch.randn(shape, generator=generator, device=generator.device)
