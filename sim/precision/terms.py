"""Laws of the numbers that are rounded and summed."""

from typing import Literal, get_args

import numpy as np
from jaxtyping import Float64

Data = Literal["normal", "product", "lognormal", "uniform", "exponential", "ones"]
LAWS: tuple[Data, ...] = get_args(Data)
E = float(np.exp(1))
MOMENTS: dict[Data, tuple[float, float]] = {  # mean and variance
    "normal": (0.0, 1.0),
    "product": (0.0, 1.0),
    "lognormal": (E**0.5, E * (E - 1)),
    "uniform": (0.5, 1 / 12),
    "exponential": (1.0, 1.0),
    "ones": (1.0, 0.0),
}


def check_data(data: str) -> None:
    """
    Raises:
        ValueError: there is no such law.
    """
    if data not in LAWS:
        raise ValueError(f"unknown law {data!r} of the data: give one of {', '.join(LAWS)}")


def draw(
    data: Data, rng: np.random.Generator, shape: tuple[int, ...]
) -> Float64[np.ndarray, "*shape"]:
    """Independent numbers: normal, products of two normal ones, exp of normal, uniform in (0, 1),
    exponential of mean 1, or ones.

    Raises:
        ValueError: see `check_data`.
    """
    check_data(data)
    if data == "normal":
        return rng.normal(size=shape)
    if data == "product":
        return rng.normal(size=shape) * rng.normal(size=shape)
    if data == "lognormal":
        return rng.lognormal(size=shape)
    if data == "uniform":
        return rng.uniform(size=shape)
    if data == "exponential":
        return rng.exponential(size=shape)
    return np.ones(shape)
