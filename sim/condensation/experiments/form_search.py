"""Experiment: a search for forms with more orientations on the ℓ∞ square than the bound allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sim.condensation.experiments.random_forms import Ensemble, draw_terms
from sim.condensation.experiments.square_grid import (
    ROUNDING,
    Values,
    count_maxima,
    on_square,
    points,
)
from sim.condensation.targets import random_labels
from sim.data.carried import carried
from sim.experiment import Experiment, Measurement


@dataclass(frozen=True)
class FormSearch(Experiment):
    """Settings; a replicate is one random form, and nothing is trained.

    Attributes:
        order: degree p of the forms.
        ensemble: how they are drawn, see `sim.condensation.experiments.random_forms`.
    """

    name: ClassVar[str] = "form-search"

    order: int = 3
    ensemble: Ensemble = "gaussian"

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        rngs = [self.stream(seed, replicate, "form") for replicate in replicates]
        carries, values, rounding = self._profiles(rngs)
        maxima = count_maxima(values, rounding).tolist()
        return [
            {**one, "orientations": 2 * count} for one, count in zip(carries, maxima, strict=True)
        ]

    def _profiles(
        self, rngs: Sequence[np.random.Generator]
    ) -> tuple[list[dict[str, Any]], Values, Values]:
        """What was drawn, and |H| along the square with its rounding."""
        terms = np.stack([draw_terms(self.ensemble, rng, self.order) for rng in rngs])
        return [{"terms": one} for one in terms.tolist()], *on_square(terms)

    def cost(self) -> float:
        """Seconds for one replicate: drawing it and a grid of values."""
        return 1e-4


@dataclass(frozen=True)
class KinkedFormSearch(FormSearch):
    """The same search on forms that are no polynomials: (1/n) Σ yᵢ |u·x̃ᵢ|^p with random labels.

    They are the leading forms of |z|^p, whose kinks (p odd) the bound does not know.
    """

    name: ClassVar[str] = "kinked-form-search"

    order: int = 1

    def _profiles(
        self, rngs: Sequence[np.random.Generator]
    ) -> tuple[list[dict[str, Any]], Values, Values]:
        data = [random_labels(rng) for rng in rngs]
        terms = [
            one.y[:, None] * np.abs(one.augmented @ np.stack(points())) ** self.order
            for one in data
        ]
        values = np.abs([one.mean(0) for one in terms])
        sizes = np.array([np.abs(one).mean(0) for one in terms])
        rounding = (len(data[0].y) + self.order) * ROUNDING * sizes
        return [{"data": carried(one)} for one in data], values, rounding
