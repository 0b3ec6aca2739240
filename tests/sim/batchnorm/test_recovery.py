"""Recovery in real training: exact while the gate is shut, reproducible, independent."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from sim.batchnorm.recovery import OpenRecovery, Recovery
from theory.batchnorm.recovery import recovery_time

SMALL = Recovery(block=5, steps=600)
EACH = pytest.mark.parametrize(
    "experiment",
    [
        SMALL,
        dataclasses.replace(SMALL, optimizer="momentum", rate=0.01),
        dataclasses.replace(SMALL, optimizer="adamw", rate=0.01, decay=1.0),
    ],
    ids=lambda experiment: experiment.optimizer,
)


@EACH
def test_first_active_step_is_the_predicted_one(experiment):
    """Certain: no data gradient exists before, so the recursion is exact up to rounding."""
    for replicate, measured in enumerate(experiment.run(0, 0)):
        gamma, beta = experiment.start(0, replicate)
        (time,) = recovery_time(
            np.array([gamma]),
            np.array([beta]),
            shift=experiment.shift,
            threshold=experiment.threshold,
            rate=experiment.rate,
            decay=experiment.decay,
            momentum=0.9 if experiment.optimizer == "momentum" else 0.0,
        )
        assert measured["active"] == math.ceil(time)
        assert measured["gradient"] is None or measured["gradient"] >= measured["active"]
        assert -experiment.threshold < measured["ratio"] < experiment.ratios[1] + 1.5


@pytest.mark.parametrize("change", [{"shift": 0.0}, {"decay": 0.0}])
def test_nothing_comes_back_without_shift_or_decay(change):
    for measured in dataclasses.replace(SMALL, **change).run(0, 0):
        assert measured["active"] is None
        assert measured["gradient"] is None
        gamma, beta = measured["start"]
        shift = change.get("shift", SMALL.shift)
        assert measured["ratio"] == pytest.approx((beta + shift) / gamma, abs=1e-11)


@EACH
def test_a_replicate_depends_on_seed_and_number_alone(experiment):
    shorter = dataclasses.replace(experiment, steps=600)
    together = shorter.run(0, 1)
    assert together == dataclasses.replace(shorter).run(0, 1)
    assert shorter.run(1, 1) != together
    (alone,) = shorter.simulate(0, [shorter.replicates(1)[3]], "cpu")
    # machines round one filter otherwise than several
    ratio = pytest.approx(together[3]["ratio"], abs=1e-11)
    assert alone == {**together[3], "ratio": ratio}


def test_normalized_inputs_cannot_exceed_the_threshold():
    """√(B − 1) is the largest of B numbers of mean 0 and variance 1."""
    x = torch.zeros(SMALL.batch, 1, dtype=torch.float64)
    x[0] = 1e9
    largest = float(torch.nn.BatchNorm1d(1, dtype=torch.float64)(x).detach().max())
    assert largest == pytest.approx(math.sqrt(SMALL.batch - 1), rel=1e-6)
    assert largest < SMALL.threshold
    with pytest.raises(ValueError, match="at least"):
        dataclasses.replace(SMALL, batch=16)
    with pytest.raises(ValueError, match="below the initial ratios"):
        dataclasses.replace(SMALL, ratios=(-5.0, -2.0))


def test_at_larger_batches_inputs_reach_through_the_gate():
    made = OpenRecovery(block=5, steps=600)
    measured = made.run(0, 0)
    assert all(one["active"] is not None for one in measured)
    assert any(one["gradient"] < one["active"] for one in measured)
    with pytest.raises(ValueError, match="below the initial ratios"):
        dataclasses.replace(made, ratios=(-5.0, -2.0))
