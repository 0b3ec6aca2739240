"""A measurement that is twice or half the prediction: more likely another observable."""

import numpy as np

from validate.decisions.ruling import Ruling

FACTORS = {"2": 2.0, "½": 0.5, "√2": np.sqrt(2), "1/√2": np.sqrt(0.5)}
CLOSE = 0.02  # how near to the factor the interval must come, relative to the suspected value
NARROW = 0.1  # half-width of a telling interval, relative to the suspected value
MIDDLE = 0.05  # how far from the factor its middle may be, relative to the suspected value


def remarks(expected: float | tuple[float, ...], ruling: Ruling) -> list[str]:
    """The remark on a single run whose intervals of deviations hint at a factor, if they do."""
    predicted = np.atleast_1d(np.asarray(expected, dtype=float))
    factor = mismatch(predicted, ruling.low[0], ruling.high[0])
    if factor is None:
        return []
    return [
        f"the measurement is {factor} times the prediction, which hints at a mismatch of "
        "observables (definition, normalization) rather than at the theory"
    ]


def mismatch(expected: np.ndarray, low: np.ndarray, high: np.ndarray) -> str | None:
    """The simple factor that every point's narrow interval of measured values is at, if any."""
    told = expected != 0
    if expected.shape != low.shape or not told.any():
        return None
    ratios = np.sort([1 + low[told] / expected[told], 1 + high[told] / expected[told]], axis=0)
    for name, factor in FACTORS.items():
        near = (ratios[0] <= (1 + CLOSE) * factor) & (ratios[1] >= (1 - CLOSE) * factor)
        narrow = ratios[1] - ratios[0] <= 2 * NARROW * factor
        centered = np.abs(ratios.mean(axis=0) - factor) <= MIDDLE * factor
        if (near & narrow & centered).all():
            return name
    return None
