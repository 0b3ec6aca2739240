"""Remarks that a reason should carry: a likely mismatch of observables, a needless precision."""

import numpy as np

from theory.prediction import Curve, Prediction, Value
from validate.decisions.sample import Sample
from validate.results.records import Verdict

FACTORS = {"2": 2.0, "½": 0.5, "√2": np.sqrt(2), "1/√2": np.sqrt(0.5)}
CLOSE = 0.02  # how near to the factor the interval must come, relative to the suspected value
NARROW = 0.1  # half-width of a telling interval, relative to the suspected value
FAR_BELOW = 0.1  # sampling error against the theory's own


def flags(
    prediction: Prediction,
    sample: Sample,
    low: np.ndarray,
    high: np.ndarray,
    verdict: Verdict,
) -> list[str]:
    """Remarks on one run's intervals ``low`` to ``high`` (deviations, one for each point)."""
    remarks = []
    if verdict is Verdict.DISAGREE and isinstance(prediction, Value | Curve):
        expected = np.atleast_1d(np.asarray(prediction.expected, dtype=float))
        factor = mismatch(expected, low, high)
        if factor is not None:
            remarks.append(
                f"the measurement is {factor} times the prediction, which hints at a mismatch of "
                "observables (definition, normalization) rather than at the theory"
            )
    error = prediction.theory_error
    sampling = float((sample.sd[0] / np.sqrt(sample.n)).max())
    if error is not None and sampling < FAR_BELOW * error:
        remarks.append(
            f"the sampling error {sampling:.2g} is far below the theory's own error {error:.2g} "
            "at this size: more units cannot sharpen this"
        )
    return remarks


def mismatch(expected: np.ndarray, low: np.ndarray, high: np.ndarray) -> str | None:
    """The simple factor that every point's narrow interval of measured values is at, if any."""
    told = expected != 0
    if expected.shape != low.shape or not told.any():
        return None
    ratios = np.sort([1 + low[told] / expected[told], 1 + high[told] / expected[told]], axis=0)
    for name, factor in FACTORS.items():
        near = (ratios[0] <= (1 + CLOSE) * factor) & (ratios[1] >= (1 - CLOSE) * factor)
        if (near & (ratios[1] - ratios[0] <= 2 * NARROW * factor)).all():
            return name
    return None
