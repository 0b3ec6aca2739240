"""A power law: the log-log slope over the window, and between neighbors, within their margins."""

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float

from theory.prediction import Exponent
from validate.decisions.case import TEST, Case
from validate.decisions.noise import FOR_MEANS, NORMAL, Noise
from validate.decisions.rules.base import Contribution, Outcomes, register
from validate.decisions.rules.means import LOOKS, Equivalence
from validate.decisions.ruling import Ruling, Statement
from validate.decisions.sample import Sample
from validate.results.records import Demand


@register
class ExponentKind(Equivalence[Exponent]):
    """Units contribute the slopes of one block each, minus the exponent."""

    decides = Exponent
    place = 3

    @property
    def expected(self) -> tuple[float, ...]:
        """The exponent; local slopes are held against the same."""
        return (float(self.prediction.expected),)

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
        return dataclasses.replace(whole, text=text)

    def tightest(self, sample: Sample, ruling: Ruling) -> tuple[Demand, ...]:
        """Smallest margins of the slope and of local slopes, each with the other as declared."""
        reach = np.maximum(np.abs(ruling.low[0]), np.abs(ruling.high[0]))
        whole = self.smallest_margin("margin", float(reach[0]), self.prediction.margin)
        if self.prediction.local_margin is None:
            return (whole,)
        local = float(reach[1:].max())
        declared = self.prediction.local_margin
        return whole, self.smallest_margin("margin of local slopes", local, declared)

    @classmethod
    def cases(cls) -> tuple[Case, ...]:
        edges = ((1.0, 1.0, 1.0, 1.0), (-1.0, -1.0, -1.0, -1.0), (0.0, 4.0, 0.0, 0.0))
        law = Exponent(*TEST, window=(1.0, 2.0, 4.0, 8.0), local_margin=4.0)
        return (Case("Exponent", law, LOOKS, FOR_MEANS, edges, edges, (0.0, 0.0, 0.0, 0.0)),)

    @property
    def points(self) -> int:
        return len(self.prediction.margins)

    def deviations(
        self, rng: np.random.Generator, noise: Noise, shape: tuple[int, int], sd: float
    ) -> Outcomes:
        """Slopes of noise at the window's points, as large as gives the slope this ``sd``."""
        logs = np.log(np.asarray(self.prediction.window))
        spread = np.sqrt(((logs - logs.mean()) ** 2).sum())
        return self._slopes(sd * spread * noise.draw(rng, (*shape, len(logs))))

    def at_edge(
        self, rng: np.random.Generator, shape: tuple[int, int], noise: Noise = NORMAL
    ) -> Outcomes:
        margins = np.asarray(self.prediction.margins)
        return margins * (1 + noise.draw(rng, (*shape, self.points)))

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
