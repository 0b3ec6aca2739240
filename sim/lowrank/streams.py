"""One generator of torch for all replicates of a block, which draw from it together."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from sim.experiment import Experiment, Measurement


def generator_of(
    experiment: Experiment, seed: int, replicates: Sequence[int], device: str
) -> torch.Generator:
    """Seeded by the stream of the block's first replicate."""
    stream = experiment.stream(seed, replicates[0], "kernels")
    return torch.Generator(device).manual_seed(int(stream.integers(2**63)))


def measurements(measured: Mapping[str, Tensor]) -> list[Measurement]:
    """One mapping a replicate, from tensors whose first axis is the replicates'."""
    rows = zip(*(one.tolist() for one in measured.values()), strict=True)
    return [dict(zip(measured, row, strict=True)) for row in rows]
