"""Networks whose output turns their neurons: against the flow of one neuron, and the variants."""

import dataclasses

import numpy as np
import pytest

from sim.condensation.experiments.departure import Departure, DepartureAsDrawn
from theory.condensation.departure import LAW_LEVELS, LEVELS, pull_of

SMALL = Departure(data="gaussian-coefficients", neurons=60, block=4)


def in_units_of_the_law(experiment: Departure) -> np.ndarray:
    rows = []
    for one in experiment.run(1, 0):
        data = experiment.data_of(one)
        law = pull_of(data.augmented, data.y).law(np.array(LAW_LEVELS))
        rows.append(np.array(one["angle"][: len(law)]) / law)
    return np.array(rows)


@pytest.mark.parametrize(
    "experiment",
    [Departure(low=-4.0, high=2.0, block=4), Departure(inputs=3, samples=40, block=4)],
)
def test_networks_follow_the_flow_of_one_neuron(experiment: Departure):
    for one in experiment.run(3, 0):
        data = experiment.data_of(one)
        flow = pull_of(data.augmented, data.y).flow()
        assert one["angle"] == pytest.approx(flow, rel=0.1)
        at = LEVELS.index(0.25)
        assert one["farthest"][at] == pytest.approx(one["angle"][at], abs=0.1)
        assert all(loud <= mu for loud, mu in zip(one["output"], LEVELS, strict=True))


def test_wider_networks_are_closer_to_it():
    """The next order of the activation is felt as 1/m."""
    few, many = (
        np.abs(in_units_of_the_law(dataclasses.replace(SMALL, neurons=m))[:, 0] - 1).mean()
        for m in (20, 320)
    )
    assert many < few / 4


def test_input_weights_alone_turn_by_half():
    found = in_units_of_the_law(dataclasses.replace(SMALL, trained="inputs"))
    assert found == pytest.approx(1.5, abs=0.1)


def test_large_initial_weights_do_not_condense():
    loud = dataclasses.replace(SMALL, epsilon=0.05, neurons=200)
    assert min(one["farthest"][LEVELS.index(0.25)] for one in loud.run(0, 0)) > 20


def test_a_unit_does_not_depend_on_its_block():
    alone, together = SMALL.simulate(5, [2], "cpu")[0], SMALL.simulate(5, range(4), "cpu")[2]
    assert alone["data"] == together["data"]
    assert alone["angle"] == pytest.approx(together["angle"], rel=1e-6)


def test_data_as_drawn_say_whether_they_would_be_chosen():
    drawn = DepartureAsDrawn(low=-4.0, high=2.0, neurons=20, block=24).run(0, 0)
    resolved = [one["resolved"] for one in drawn]
    assert all(one["draws"] == 1 for one in drawn)
    assert True in resolved
    assert False in resolved
