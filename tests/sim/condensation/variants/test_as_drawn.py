"""Data that nobody chose: drawn once, and told whether the choice would have taken them."""

import dataclasses

from sim.condensation.experiment import Condensation
from sim.condensation.variants.as_drawn import AsDrawn

SETTINGS = {
    "activation": "x**2*tanh(x)",
    "data": "gaussian-coefficients",
    "optimizer": "adam",
    "epsilon": 1e-4,
    "step": 1e-4,
    "neurons": 200,
    "steps": 30,
}
MADE = AsDrawn(**SETTINGS, block=12)


def test_both_kinds_of_data_are_trained_and_told_apart():
    """Of this cell about one set in three is chosen: that all 12 are of one kind has 1 %.

    The seed is fixed, so the test never fails by chance.
    """
    measured = MADE.run(0, 0)
    assert {one["draws"] for one in measured} == {1}
    assert {one["resolved"] for one in measured} == {True, False}
    for one in measured:
        assert one["resolved"] is (MADE.unresolved(MADE.data_of(one)) is None)


def test_it_is_an_experiment_of_its_own():
    values = {f.name: getattr(MADE, f.name) for f in dataclasses.fields(Condensation)}
    chosen = Condensation(**values)
    assert chosen.settings_hash() != MADE.settings_hash()
    assert MADE.order == chosen.order
