"""Random bits of stochastic rounding."""

from collections.abc import Sequence

import torch

from sim.experiment import Experiment


def rounding_stream(
    experiment: Experiment, seed: int, replicates: Sequence[int], device: str
) -> torch.Generator:
    """A generator for all replicates of a block, which draw from it together."""
    stream = experiment.stream(seed, replicates[0], "rounding")
    return torch.Generator(device).manual_seed(int(stream.integers(2**63)))
