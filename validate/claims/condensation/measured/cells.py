"""Cells of the claims on condensation, by activation, data, optimizer, dimension; a unit's data."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

from sim.condensation.data_sources import DRAWN
from sim.condensation.experiment import Condensation
from sim.condensation.experiments.form_search import FormSearch
from sim.condensation.variants.as_drawn import AsDrawn
from sim.data.carried import CarriesData
from sim.data.data_set import DataSet
from sim.experiment import Experiment
from validate.cells import Cells
from validate.claim import Unit, once_per_unit
from validate.claims.condensation.measured.grids import written

E = TypeVar("E", bound=Experiment)
CHOSEN = "data sets whose orientations a run can tell apart, which is decided before training"
AS_DRAWN = 2  # data sets a round that nobody chose, of every cell
WORDS = {
    "figure-5": "data of Fig. 5",
    "xor": "y = x₁x₂",
    "random-labels": "random labels",
    "offset-labels": "labels with a mean",
    "gaussian-coefficients": "Gaussian coefficients",
    "decomposable": "decomposable",
    "dominant-diagonal": "dominant diagonal",
}


def cell(experiment: Experiment) -> str:
    """The cell of an experiment's units, in words."""
    if isinstance(experiment, FormSearch):
        return f"random forms, p = {experiment.order}"
    settings: Any = experiment
    words = [written(settings.activation), WORDS.get(settings.data, settings.data)]
    if hasattr(settings, "optimizer"):
        rate = f" with lr = {settings.step:g}" if settings.data == "xor" else ""
        words.append("gradient descent" if settings.optimizer == "gd" else f"Adam{rate}")
    if getattr(settings, "inputs", 1) > 1:
        words.append(f"{settings.inputs} inputs")
    if hasattr(settings, "low"):
        words.append(f"x in [{settings.low:g}, {settings.high:g}]".replace("-", "−"))
    return ", ".join(words)


@once_per_unit
def data_of(unit: Unit) -> DataSet:
    """The data that a unit was trained on, from what its measurement carries."""
    assert isinstance(unit.experiment, CarriesData), f"{unit.experiment.name} carries no data set"
    return unit.experiment.data_of(unit.measurement)


def chosen(which: str, as_drawn: Sequence[Experiment] = (), **more: Any) -> Cells:
    """Cells of experiments that draw data until they are ``which``.

    ``as_drawn`` draws them without that choice; ``more`` are other fields of `Cells`.
    """
    return Cells(
        drawn=lambda unit: int(unit.measurement.get("draws", 1)),
        chosen=which,
        as_drawn=tuple(as_drawn),
        **{"of": cell, "would_choose": lambda unit: unit.measurement["resolved"], **more},
    )


def cells_of(experiments: Sequence[Condensation], **more: Any) -> Cells:
    """Cells of experiments that draw data until a run can resolve them."""
    return chosen(CHOSEN, as_drawn(AsDrawn, [e for e in experiments if e.data in DRAWN]), **more)


def as_drawn(kind: type[E], experiments: Sequence[Experiment]) -> tuple[E, ...]:
    """The same experiments without the choice of data, of the kind that has none."""
    return tuple(
        kind(**{**{f.name: getattr(one, f.name) for f in fields(one)}, "block": AS_DRAWN})
        for one in experiments
    )
