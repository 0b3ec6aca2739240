"""Experiment: trained kernels, their updates, and both with their entries shuffled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float64
from torch import Tensor

from sim.experiment import Experiment, Measurement
from sim.lowrank.convolutions import Architecture, Training, trained
from sim.lowrank.images import Images, images
from sim.lowrank.kernels import shuffled
from sim.lowrank.spectra import Kernels, energies, fourth_moment, power_sums, tails
from sim.lowrank.streams import generator_of, measurements


@dataclass(frozen=True)
class TrainedKernels(Experiment):
    """Settings; a replicate is a convolutional network, of which the second kernel is looked at.

    Measured of the kernel W and of its update ΔW = W − W₀: ``kernel`` and ``update``, Σσ⁴;
    ``kernel sums`` and ``update sums``, Σ w^j of the entries, j from 1 to 4; ``kernel spread`` and
    ``update spread``, standard deviation of Σσ⁴ over permutations; ``kernel tail``, ``update
    tail``, ``shuffled kernel tail`` and ``shuffled update tail``, energy left at each rank;
    ``accuracy`` on the last batch; ``top``, σ₁² of W, and ``top update``, that of ΔW, over the
    variance of W₀.

    Attributes:
        source: of the images.
        fingerprint: of the files of "mnist", so that other files are other settings.
        outputs, inputs: channels of the kernel; as a matrix it is outputs × (inputs · 9).
        scale: of W₀ in units of the usual size.
        steps, batch: of training.
        ranks: r of the tails.
        permutations: that spreads are estimated from.
        shuffle: whether W and ΔW are permuted before anything is measured.
    """

    name: ClassVar[str] = "lowrank-trained-kernels"
    dtype: ClassVar[str] = "float32"

    source: Images = "digits"
    fingerprint: str | None = None
    outputs: int = 32
    inputs: int = 16
    scale: float = 1.0
    steps: int = 40
    batch: int = 32
    ranks: tuple[int, ...] = (1, 2, 4, 8, 16)
    permutations: int = 25
    shuffle: bool = False

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = generator_of(self, seed, replicates, device)
        pixels, labels = images(self.source, self.fingerprint)
        first, final, accuracy = trained(
            torch.from_numpy(pixels).float().to(device),
            torch.from_numpy(labels).to(device),
            len(replicates),
            Architecture(self.inputs, self.outputs, self.scale),
            Training(self.steps, self.batch),
            generator,
        )
        variance = first.double().var((1, 2))
        both = {"kernel": final.double(), "update": (final - first).double()}
        measured = {"accuracy": accuracy}
        for name, kernels in both.items():
            measured |= self._of(name, kernels, generator)
        measured["top"] = energies(both["kernel"])[:, 0] / variance
        measured["top update"] = energies(both["update"])[:, 0] / variance
        return measurements(measured)

    def _of(self, name: str, kernels: Kernels, generator: torch.Generator) -> dict[str, Tensor]:
        if self.shuffle:
            kernels = shuffled(kernels, generator)
        return {
            name: fourth_moment(kernels),
            f"{name} sums": power_sums(kernels),
            f"{name} spread": self._spread(kernels, generator),
            f"{name} tail": tails(kernels, self.ranks),
            f"shuffled {name} tail": tails(shuffled(kernels, generator), self.ranks),
        }

    def _spread(self, kernels: Kernels, generator: torch.Generator) -> Float64[Tensor, " kernels"]:
        found = [fourth_moment(shuffled(kernels, generator)) for _ in range(self.permutations)]
        return torch.stack(found).std(0)

    def cost(self) -> float:
        weights = self.outputs * self.inputs * 9
        return weights * (self.steps * self.batch * 1e-8 + self.permutations * 2e-7)
