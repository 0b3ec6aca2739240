"""Experiment: tensors of a law of data, rounded once to a format, and the noise against the signal.

Channels differ in scale alone. Source of the noise-to-signal ratio per channel: our derivation;
quantizers with one scale a tensor or a channel are those of Jacob et al., arXiv:1712.05877.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Float64
from scipy import special
from torch import Tensor

from sim.experiment import Experiment, Measurement
from sim.precision.emulation.blocks import BlockFormat
from sim.precision.emulation.fixed_point import FixedPoint
from sim.precision.emulation.formats import Format
from sim.precision.emulation.modes import Mode
from sim.precision.emulation.named import AnyFormat, format_named

Data = Literal["normal", "laplace"]


@dataclass(frozen=True)
class Quantization(Experiment):
    """Settings; a replicate is a tensor of channels, each of numbers of mean 0.

    Attributes:
        format: name, see `format_named`; floating point saturates.
        against: name of a format for the same tensor, which the ratio is to; empty: there is none.
        mode: of rounding, nearest or truncation.
        subnormals: whether floating point has numbers below the smallest normal one.
        shared: numbers in blocks along a channel that share a power of two; 0: nothing is shared.
        data: law of the numbers, of variance 1 before they are scaled.
        scale: standard deviation of the numbers; with `octaves`, the smallest of a channel; with
            `spread`, the median.
        octaves: by how many, at most, the scale of a channel is larger: log₂ is uniform.
        spread: standard deviation of log₂ of the scales of channels, which are quantiles of a
            Gaussian law: the same in all replicates.
        channels: their number, C; quantiles are those of (c − ½)/C, and of `octaves` one number is
            drawn in each of C equal shares.
        length: numbers in a channel.
    """

    name: ClassVar[str] = "precision-quantization"

    block: int = 55  # of which four suffice for the mean of a claim
    format: str = "float8_e4m3fn"
    against: str = ""
    mode: Mode = "nearest"
    subnormals: bool = True
    shared: int = 0
    data: Data = "normal"
    scale: float = 1.0
    octaves: float = 0.0
    spread: float = 0.0
    channels: int = 1
    length: int = 4096

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        streams = [self.stream(seed, one, "tensor") for one in replicates]
        scales = torch.from_numpy(np.stack([self._scales(one) for one in streams])).to(device)
        values = torch.from_numpy(np.stack([self._values(one) for one in streams])).to(device)
        pooled, channel = self._noise(self.format, values, scales)
        steps = torch.full_like(pooled, self.scale / self._smallest())
        measured = {"pooled": pooled, "channel": channel, "steps": steps}
        if self.against:
            measured["ratio"] = channel / self._noise(self.against, values, scales)[1]
        rows = {name: one.tolist() for name, one in measured.items()}
        return [{name: row[k] for name, row in rows.items()} for k in range(len(streams))]

    def cost(self) -> float:
        """Seconds for one replicate: 60 ns a number and format."""
        return 60e-9 * self.channels * self.length * (2 if self.against else 1)

    def _scales(self, stream: np.random.Generator) -> Float64[np.ndarray, "channels 1"]:
        order = np.arange(self.channels)
        drawn = (order + stream.random(self.channels)) / self.channels
        quantiles = special.ndtri((order + 0.5) / self.channels)
        return self.scale * 2.0 ** (self.octaves * drawn + self.spread * quantiles)[:, None]

    def _values(self, stream: np.random.Generator) -> Float64[np.ndarray, "channels length"]:
        shape = (self.channels, self.length)
        if self.data == "laplace":
            return stream.laplace(scale=0.5**0.5, size=shape)
        return stream.standard_normal(shape)

    def _noise(
        self,
        name: str,
        values: Float64[Tensor, "replicates channels length"],
        scales: Float64[Tensor, "replicates channels 1"],
    ) -> tuple[Float64[Tensor, " replicates"], Float64[Tensor, " replicates"]]:
        """Noise-to-signal ratios: of all numbers together, and the mean of those of channels.

        The latter is relative to the variance of a channel, of which all of them together tell the
        part that scales do not, so that short channels add no bias.
        """
        scaled = values * scales
        errors = self._format(name).rounded(scaled, self.mode).sub_(scaled).square_()
        pooled = errors.sum((1, 2)) / scaled.square().sum((1, 2))
        channel = (errors.sum(2) / scales[..., 0] ** 2).sum(1) / values.square().sum((1, 2))
        return pooled, channel

    def _smallest(self) -> float:
        """The smallest positive number, where there are subnormals."""
        found = format_named(self.format)
        if isinstance(found, BlockFormat):
            found = found.element
        return found.step if isinstance(found, FixedPoint) else found.min_subnormal

    def _format(self, name: str) -> AnyFormat:
        found = format_named(name)
        if isinstance(found, Format):
            found = replace(found, overflow="saturate", subnormals=self.subnormals)
        if self.shared and isinstance(found, Format | FixedPoint):
            return BlockFormat(found, self.shared)
        return found
