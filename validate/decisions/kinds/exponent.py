"""A power law: the log-log slope over the window, and between neighbors, within their margins."""

from typing import Any

import numpy as np
from jaxtyping import Float

from theory.prediction import Exponent
from validate.decisions.kinds.base import Contribution, register
from validate.decisions.kinds.means import Equivalence
from validate.decisions.ruling import Ruling, Statement
from validate.decisions.sample import Sample


@register
class ExponentKind(Equivalence[Exponent]):
    """Units contribute the slopes of one block each, minus the exponent."""

    decides = Exponent
    place = 3

    def margins(self, points: int) -> tuple[float, ...]:
        return self.prediction.margins

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        """From what is measured at the window's points."""
        values = np.asarray(observed, dtype=float)
        return self._slopes(np.log(np.where(values > 0, values, np.nan))) - float(predicted)

    def statement(self, sample: Sample, ruling: Ruling) -> Statement:
        center, local_margin = self.prediction.expected, self.prediction.local_margin
        whole = self.at_point(0, center, "slope", sample, ruling)
        if local_margin is None:
            return whole
        low, high = center + ruling.low[0, 1:].min(), center + ruling.high[0, 1:].max()
        text = f"{whole.text}; local slopes in [{low:.4g}, {high:.4g}] ± {local_margin:.4g}"
        return Statement(whole.measured, whole.interval, whole.unit, text)

    def _slopes(
        self, log_y: Float[np.ndarray, "*blocks window"]
    ) -> Float[np.ndarray, "*blocks slopes"]:
        local = self.prediction.local_margin is not None
        return slopes(np.log(np.asarray(self.prediction.window)), log_y, local)


def slopes(
    log_x: Float[np.ndarray, " window"], log_y: Float[np.ndarray, "*blocks window"], local: bool
) -> Float[np.ndarray, "*blocks slopes"]:
    """Least-squares slope of log y over log x and, if ``local``, that of every neighboring pair."""
    centered = log_x - log_x.mean()
    slope = log_y @ centered / (centered @ centered)
    if not local:
        return slope[..., None]
    return np.concatenate([slope[..., None], np.diff(log_y) / np.diff(log_x)], axis=-1)
