"""A data set, and what its numbers must be like."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64

MIN_SIZE, MAX_SIZE = 1e-10, 1e10  # of data: squares of their 8th powers stay in double precision


class DataError(ValueError):
    """A data file cannot be used; the message is one line that says why."""


@dataclass(frozen=True, eq=False)
class DataSet:
    """Inputs and targets.

    Attributes:
        x: inputs, without the constant.
        y: targets.
        name: what the report calls it.
        bias: whether networks on these data have a bias.
        key: what they can be made from again, where that is less than their numbers.
    """

    x: Float64[np.ndarray, "samples inputs"]
    y: Float64[np.ndarray, " samples"]
    name: str
    bias: bool = True
    key: Mapping[str, Any] | None = None

    @property
    def augmented(self) -> Float64[np.ndarray, "samples dimension"]:
        """The inputs with a last column of ones, so that the bias is the last weight.

        Without a bias just the inputs.
        """
        return np.column_stack([self.x, np.ones(len(self.x))]) if self.bias else self.x


def check_size(data: DataSet) -> DataSet:
    """The data, if powers of their numbers cannot leave double precision.

    Raises:
        DataError: the largest input with its bias, or the largest target, is not zero and outside
            1e-10 to 1e10.
    """
    for name, values in (("x", data.augmented), ("y", data.y)):
        largest = float(np.max(np.abs(values)))
        if largest and not MIN_SIZE <= largest <= MAX_SIZE:
            raise DataError(
                f"{data.name}: the largest |{name}| is {largest:.3g}; "
                f"{MIN_SIZE:g} to {MAX_SIZE:g} is accepted: rescale {name}"
            )
    return data
