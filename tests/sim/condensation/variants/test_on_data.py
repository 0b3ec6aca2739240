"""Experiments on given data: exactly those data, and results that no other data share."""

import dataclasses

import numpy as np
import pytest

from sim.condensation.variants.on_data import OnData
from sim.data.data_set import DataSet

RNG = np.random.default_rng(0)
DATA = DataSet(RNG.uniform(-1, 1.5, (20, 2)), RNG.standard_normal(20), "given")
EXPERIMENT = OnData(given=DATA, neurons=20, block=2)


def test_every_replicate_has_the_given_data_and_weights_of_its_own():
    for replicate in range(3):
        assert EXPERIMENT.data_set(replicate, replicate) == (DATA, 1)
    first, second = EXPERIMENT.run(0, 0)
    assert first["directions"] != second["directions"]
    assert EXPERIMENT.run(0, 0) == [first, second]


def test_the_hash_is_of_the_numbers():
    same = dataclasses.replace(DATA, x=DATA.x.copy(), y=DATA.y.copy(), name="another name")
    swapped = dataclasses.replace(DATA, x=DATA.x[:, ::-1].copy())
    shifted = dataclasses.replace(DATA, y=np.nextafter(DATA.y, 1.0))
    biased = dataclasses.replace(DATA, bias=False)
    # the same numbers in another shape: a bias column given as an input, without a bias
    shaped = DataSet(DATA.augmented, DATA.y, "given", bias=False)
    hashes = [
        dataclasses.replace(EXPERIMENT, given=one).settings_hash()
        for one in (DATA, same, swapped, shifted, biased, shaped)
    ]
    assert hashes[0] == hashes[1]
    assert len(set(hashes[1:5])) == 4
    assert hashes[5] == hashes[0]  # the networks see the same numbers


def test_condensation_on_given_data_is_where_the_data_say():
    # tanh: v = Σ yᵢ (xᵢ, 1), found here from the data alone. A wide network of 200 neurons
    # started at 1e-6 ends within 5° of ±v/|v| (κ = 2 for one line: errors fade as 1/G).
    measured = OnData(given=DATA, neurons=200, block=1).run(0, 0)[0]
    v = np.append(DATA.x.T @ DATA.y, DATA.y.sum())
    lines = [np.array(c["direction"]) * c["sign"] for c in measured["clusters"]]
    assert lines
    for line in lines:
        assert line @ v / np.linalg.norm(v) > np.cos(np.radians(5))


def test_no_data_is_refused():
    with pytest.raises(ValueError, match="no data set"):
        OnData().data_set(0, 0)
