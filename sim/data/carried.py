"""Data sets that go with a measurement, so that nobody draws them again from their streams."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

from sim.data.data_set import DataSet
from sim.data.digits import digits_at


@runtime_checkable
class CarriesData(Protocol):
    """An experiment whose measurements hold what its data sets are made from."""

    def data_of(self, measurement: Mapping[str, Any]) -> DataSet:
        """The data set that a measurement was made on."""
        ...


class CarriesDrawnData:
    """An experiment whose measurements hold, as "data", what `carried` gives of drawn data."""

    def data_of(self, measurement: Mapping[str, Any]) -> DataSet:
        """The data set that a measurement was made on."""
        return data_from(measurement["data"])


def carried(data: DataSet) -> dict[str, Any]:
    """What a measurement holds of its data: their key, or their numbers, exact in JSON too."""
    if data.key is not None:
        return dict(data.key)
    return {"x": data.x.tolist(), "y": data.y.tolist()}


def data_from(kept: Mapping[str, Any]) -> DataSet:
    """The data set of `carried`, of pairs of digits or numbers."""
    if "images" in kept:
        first, second = kept["classes"]
        return digits_at(first, second, kept["images"])
    return DataSet(np.array(kept["x"], dtype=float), np.array(kept["y"], dtype=float), "drawn")
