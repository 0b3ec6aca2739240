"""Truncated slices, against numpy."""

import dataclasses

import numpy as np
import pytest
import sympy as sp

from sim.lowrank.kernels import drawn
from sim.lowrank.slices import Slices
from sim.lowrank.streams import generator_of
from theory.lowrank.slices import bound, bound_law, tightness_law

SMALL = Slices(block=3, rows=5, columns=24, slices=3, rank=2)


def test_measured_is_what_numpy_says():
    kernels = drawn("gaussian", (3, 5, 24), generator_of(SMALL, 1, range(3), "cpu")).numpy()
    for kernel, unit in zip(kernels, SMALL.run(1, 0), strict=True):
        lost, first = [], []
        for part in np.split(kernel, 3, axis=1):
            left, values, right = np.linalg.svd(part, full_matrices=False)
            lost.append((left[:, 2:] * values[2:]) @ right[2:])
            first.append(values[2])
        assert unit["error"] == pytest.approx(np.linalg.norm(np.hstack(lost), 2))
        assert unit["sum"] == pytest.approx(np.sum(np.square(first)))
        assert unit["largest"] == pytest.approx(max(first))
        assert max(first) < unit["error"] < unit["sum"] ** 0.5


def test_aligned_slices_reach_the_bound():
    for unit in dataclasses.replace(SMALL, entries="aligned").run(0, 0):
        assert unit["tightness"] == pytest.approx(1)


def test_derivations_end_in_what_is_evaluated():
    ends = [[*law()][-1][1] for law in (bound_law, tightness_law)]
    assert [one.rhs for one in ends if isinstance(one, sp.Equality)] == [bound(), 1]
