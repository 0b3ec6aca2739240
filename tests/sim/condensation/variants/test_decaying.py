"""Weight decay makes angles fall faster per growth, by a factor that the derivation gives."""

import dataclasses

import numpy as np
import pytest

from sim.condensation.approach import Approach
from sim.condensation.variants.decaying import DecayingApproach
from tests.sim.reproducible import assert_a_block_is_a_function_of_seed_and_index

DECAYING = DecayingApproach(neurons=4, samples=10, block=3)


def exponents(experiment: Approach) -> np.ndarray:
    """Slopes of log(1/angle) over log G between the angles of the window, of every neuron."""
    growth = np.array([one["log_growth"] for one in experiment.run(0, 0)])
    return -np.diff(np.log(experiment.angles)) / np.diff(growth)


def test_a_block_is_a_function_of_seed_and_index():
    assert_a_block_is_a_function_of_seed_and_index(DECAYING)


@pytest.mark.parametrize("decay", [0.0, 0.2, 0.5])
def test_the_exponent_is_that_of_the_derivation(decay):
    found = exponents(dataclasses.replace(DECAYING, decay=decay))
    # the first interval begins at 1e-3, where the linearization is good to about 1e-3
    np.testing.assert_allclose(found, 1 / (1 - decay), rtol=3e-3)


def test_for_other_multiplicities_there_is_no_such_rate():
    with pytest.raises(ValueError, match="p = 1"):
        DecayingApproach(activation="x*tanh(x)")
