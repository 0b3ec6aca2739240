"""Linear students, against numpy's truncation; whitened inputs."""

import dataclasses

import pytest

from sim.lowrank.embedding import Embedding

SMALL = Embedding(block=3, rows=6, columns=10, samples=25, steps=2000)


def test_students_end_at_the_best_approximation():
    for unit in SMALL.run(0, 0):
        assert unit["condition"] == pytest.approx(1)
        assert unit["plain"] == pytest.approx(0, abs=1e-6)
        assert unit["teacher tail"] == pytest.approx(0, abs=1e-9)
        assert unit["shuffled"] == pytest.approx(unit["shuffled tail"], abs=1e-4)
        assert unit["excess"] == unit["shuffled"] - unit["plain"]
        assert unit["shuffled tail"] > 0.1


def test_correlated_inputs_weigh_errors():
    for unit in dataclasses.replace(SMALL, whiten=False).run(0, 0):
        assert unit["condition"] > 2
        assert unit["plain"] == pytest.approx(0, abs=1e-6)
        assert abs(unit["shuffled"] - unit["shuffled tail"]) > 1e-3


def test_result_is_that_of_its_seed():
    few = dataclasses.replace(SMALL, steps=5)
    assert few.run(1, 0) == few.run(1, 0)
    assert few.run(1, 0) != few.run(2, 0)
