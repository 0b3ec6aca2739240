"""Neurons that no sample activates are dead, however far Adam moved them before."""

import numpy as np
import pytest

from sim.condensation.targets import two_sines
from sim.condensation.variants.on_data import OnData
from validate import check_activation
from validate.results.records import Verdict

pytestmark = pytest.mark.usefixtures("trained_here")


def test_which_neurons_are_silent():
    # x̃ from (−1, 1) to (1.5, 1): off for all; on by next to nothing for one; on for some
    weights = np.array([[0.0, -1.0], [-1e-3, -1e-3 + 1e-9], [1.0, 0.0], [0.1, -0.12]])
    wanted = {"relu(x)**2": 2, "relu(x)": 1, "leaky_relu(x, 1e-6)": 0, "x**2": 0}
    for text, count in wanted.items():
        found = OnData(activation=text, given=two_sines())._silent(weights).tolist()
        assert found == [True] * count + [False] * (4 - count), text


def test_the_dead_are_no_orientation_under_adam():
    """Coupled networks with no code of ours find the two predicted orientations and no other:
    `python -m tests.independent.coupled_network "cubed ReLU"`."""
    check = check_activation("relu(x)**3", optimizers=("adam",), workers=1)
    assert check.verdicts[0].verdict is not Verdict.DISAGREE
    found = check.optimizers["adam"]
    assert len(found.measured) == len(found.predicted) == 2  # in scope or not, they are shown
    for one, other in zip(
        *(
            sorted(them, key=lambda at: at.angle_degrees)
            for them in (found.measured, found.predicted)
        ),
        strict=True,
    ):
        assert one.sign == other.sign
        assert abs(one.angle_degrees - other.angle_degrees) < 5
