"""Wrong predictions of numbers, by amounts that do not depend on any margin."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

FACTORS = {"× 2": 2.0, "× √2": math.sqrt(2), "÷ √2": 1 / math.sqrt(2), "÷ 2": 0.5}
EXPONENTS = {"exponent + ½": 1.5, "exponent − ½": 0.5}

Change = Callable[[Any], Any]


def changed_numbers() -> dict[str, Change]:
    """Changes of a number (or array of numbers), by name: factors, exponents, the sign."""
    scaled = {name: lambda value, f=f: value * f for name, f in FACTORS.items()}
    powers = {
        name: lambda value, e=e: np.sign(value) * np.abs(value) ** e
        for name, e in EXPONENTS.items()
    }
    return scaled | powers | {"sign": lambda value: -value}


def largest_difference(first: Any, second: Any) -> float:
    """How far two numbers, or arrays of numbers, are apart."""
    return float(np.max(np.abs(np.asarray(first) - np.asarray(second))))
