"""The data set of a unit, from what its measurement carries."""

from sim.data.carried import CarriesData
from sim.data.data_set import DataSet
from validate.claim import Unit, once_per_unit


@once_per_unit
def data_of(unit: Unit) -> DataSet:
    """The data that a unit was trained on."""
    assert isinstance(unit.experiment, CarriesData), f"{unit.experiment.name} carries no data set"
    return unit.experiment.data_of(unit.measurement)
