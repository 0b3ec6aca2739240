"""What claims on times and rates of condensation share: data, activations, looks.

Whatever is heavy is imported elsewhere: modules of claims import this at their top.
"""

import dataclasses
from collections.abc import Sequence

from sim.condensation.escape import Source
from theory.prediction import Value
from validate.claim import Unit

SOURCES: tuple[Source, ...] = ("random-labels", "gaussian-coefficients")
LOOKS = (2, 4, 8)

TANH, RELU = "tanh(x)", "relu(x)"
POWERS = {2: "x*tanh(x)", 3: "x**2*tanh(x)"}
NAMES = {TANH: "tanh", RELU: "ReLU", POWERS[2]: "x·tanh", POWERS[3]: "x²·tanh"}


def off(prediction: Value) -> Value:
    """For controls that differ from data set to data set: results are shown as deviations."""
    return dataclasses.replace(prediction, expected=0.0)


def largest(key: str, units: Sequence[Unit]) -> float:
    """The largest of what units measured by a name."""
    return max(unit.measurement[key] for unit in units)
