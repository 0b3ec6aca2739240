"""Escape times: reproducible, independent, and on the law in a small case."""

import dataclasses
import math

import numpy as np
import pytest

from sim.condensation.escape import Escape
from tests.sim.reproducible import (
    alone_and_together,
    assert_a_block_is_a_function_of_seed_and_index,
)

SMALL = Escape(neurons=10, epsilons=(1e-6, 1e-4), samples=10, block=3)
CUBIC = dataclasses.replace(SMALL, activation="x**2*tanh(x)", degree=3)
RELU = dataclasses.replace(SMALL, activation="relu(x)", neurons=60)
ALL = pytest.mark.parametrize("experiment", [SMALL, CUBIC, RELU], ids=["tanh", "cubic", "relu"])


@ALL
def test_a_block_is_a_function_of_seed_and_index(experiment: Escape):
    assert_a_block_is_a_function_of_seed_and_index(experiment)


@ALL
def test_a_replicate_does_not_depend_on_those_trained_with_it(experiment: Escape):
    for alone, expected in alone_and_together(experiment):
        assert alone["draws"] == expected["draws"]
        np.testing.assert_allclose(alone["times"], expected["times"], rtol=1e-6)


def test_every_epsilon_has_weights_of_its_own():
    drawn = [SMALL._initial(0, [0, 1], epsilon, "cpu") for epsilon in SMALL.epsilons]
    flat = [np.concatenate([s.w.numpy().ravel(), s.a.numpy().ravel()]) for s in drawn]
    assert len({*(flat[0] / 1e-6), *(flat[1] / 1e-4)}) == 2 * 2 * 10 * 3


def test_data_are_found_again_and_judged_before_training():
    for replicate in range(8):
        data, draws = RELU.data_set(0, replicate)
        again, same = RELU.data_set(0, replicate, draws)
        assert same == draws
        assert np.array_equal(again.y, data.y)
        assert RELU.fastest(data).share * RELU.neurons >= 10
    assert SMALL.data_set(0, 0)[1] == 1  # a smooth activation has nothing to leave out


def test_too_narrow_basins_are_refused():
    with pytest.raises(ValueError, match="none of 200 data sets"):
        dataclasses.replace(RELU, neurons=5).data_set(0, 0)


def test_other_orders_have_no_fastest_direction():
    data, _ = CUBIC.data_set(0, 0)
    with pytest.raises(ValueError, match="not of order 1"):
        CUBIC.fastest(data)


def test_who_does_not_escape_has_no_time():
    for measurement in dataclasses.replace(SMALL, steps=5).run(0, 0):
        assert measurement["times"] == [None, None]


def test_networks_end_while_they_are_small():
    for measurement in [*SMALL.run(0, 0), *CUBIC.run(0, 0), *RELU.run(0, 0)]:
        # the last step may pass a limit by the growth of one step of 0.3: e^0.6 for a σ of order 1
        assert measurement["output"] < 0.01 * math.exp(4 * 0.3)
        assert measurement["amplitude"] < 0.2 * math.exp(2 * 0.3)
        assert measurement["output"] >= 0.01 or measurement["amplitude"] >= 0.2


def test_the_mean_rate_is_that_of_the_law():
    """40 data sets whose rates scatter by s ≈ 0.03 about the law, 6 standard errors: 2e-9."""
    experiment = dataclasses.replace(SMALL, epsilons=(1e-10, 1e-4), neurons=24, block=40)
    ratios = []
    for replicate, measurement in enumerate(experiment.run(0, 0)):
        first, last = measurement["times"]
        height = experiment.fastest(experiment.data_set(0, replicate)[0]).height
        ratios.append(math.log(1e6) / (first - last) / height)
    assert np.std(ratios) < 0.06
    assert np.mean(ratios) == pytest.approx(1, abs=6 * 0.03 / math.sqrt(40))
