"""What every experiment must keep to: a block depends on seed and index alone."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import torch

from sim.experiment import Experiment, Measurement


def assert_a_block_is_a_function_of_seed_and_index(experiment: Experiment) -> None:
    """Whatever was drawn or run before, and by which of equal experiments."""
    first = experiment.run(0, 1)
    np.random.default_rng().standard_normal(3)
    torch.randn(3)
    assert experiment.run(0, 2) != first
    assert dataclasses.replace(experiment).run(0, 1) == first
    assert experiment.run(1, 1) != first
    assert len(first) == experiment.block


def alone_and_together(experiment: Experiment) -> Iterator[tuple[Measurement, Measurement]]:
    """Every replicate of a block measured alone, and with the others."""
    together = experiment.run(0, 1)
    for replicate, expected in zip(experiment.replicates(1), together, strict=True):
        (alone,) = experiment.simulate(0, [replicate], "cpu")
        yield alone, expected
