"""Trained kernels and their updates: permutations keep sums, structure is in the update."""

import dataclasses

import numpy as np
import pytest

from sim.lowrank.trained_kernels import TrainedKernels

SMALL = TrainedKernels(block=3, outputs=8, inputs=4, steps=15, ranks=(1, 4), permutations=5)


def test_a_permutation_changes_nothing_but_the_spectrum():
    for plain, moved in zip(
        SMALL.run(0, 0), dataclasses.replace(SMALL, shuffle=True).run(0, 0), strict=True
    ):
        assert plain.keys() == moved.keys()
        # other settings have other streams, so networks differ; each is consistent with itself
        for unit in (plain, moved):
            for name in ("kernel", "update"):
                _, energy, _, fourth = unit[f"{name} sums"]
                assert fourth < energy**2
                assert energy**2 / 8 <= unit[name] <= energy**2
                assert np.all(np.diff(unit[f"{name} tail"]) < 0)


def test_the_update_has_more_structure_than_the_kernel():
    for unit in dataclasses.replace(SMALL, steps=60).run(0, 0):
        assert unit["update tail"][1] < unit["shuffled update tail"][1] - 0.05
        assert unit["kernel tail"][1] > unit["update tail"][1]
        assert 0 < unit["accuracy"] <= 1


def test_units_of_the_initial_variance():
    for unit in dataclasses.replace(SMALL, scale=1e-3).run(0, 0):
        assert unit["top"] == pytest.approx(unit["top update"], rel=0.05)
        assert unit["top"] > 1e3


def test_result_is_that_of_its_seed():
    few = dataclasses.replace(SMALL, steps=2)
    assert few.run(1, 0) == few.run(1, 0)
    assert few.run(1, 0) != few.run(2, 0)
