"""Neurons that no sample activates are dead, however far Adam moved them before."""

import numpy as np

from sim.condensation.targets import two_sines
from sim.condensation.variants.on_data import OnData
from validate import check_activation
from validate.results.records import Verdict


def test_which_neurons_are_silent():
    weights = np.array([[0.0, -1.0], [-0.1, -0.2], [1.0, 0.0], [0.1, -0.12]])
    assert OnData(activation="relu(x)**2", given=two_sines())._silent(weights).tolist() == [
        *(True, True, False, False)
    ]
    assert not OnData(activation="x**2", given=two_sines())._silent(weights).any()


def test_the_dead_are_no_orientation_under_adam():
    """Coupled networks with no code of ours find the two predicted orientations and no other:
    `python -m tests.independent.coupled_network "squared ReLU"`."""
    check = check_activation("relu(x)**2", optimizers=("adam",), workers=1)
    assert check.verdicts[0].verdict is Verdict.AGREE, check.verdicts[0].reason
