"""Condensed networks: what is predicted for a unit, what is measured on it, bound decisions."""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.condensation.data_sources import DRAWN
from sim.condensation.experiment import Condensation
from theory.condensation.convergence import orientations_under, unresolved
from theory.condensation.forms.leading_form import Form, Geometry, form_of
from theory.condensation.forms.sectors import SectorForm, form_for, sector_form
from theory.condensation.laws import bound_prediction
from theory.condensation.orientations.plane import orientations
from theory.direction import Direction
from theory.direction_sets import set_distance
from validate.claim import Decision, Unit, once_per_unit, settings_of
from validate.claims.condensation.measured.assumptions import failed
from validate.claims.condensation.measured.data import data_of
from validate.figure_forms.counts import Counted

Predict = Callable[[Unit], tuple[Direction, ...]]
# words of figures: title, and what is counted or has an angle
COUNTED = "Number of condensed orientations", "orientations"
ANGLES = "Angle of the condensed neurons", "condensed orientation"


def settings(unit: Unit) -> Condensation:
    """The settings of a unit of condensation."""
    return settings_of(unit, Condensation)


def order(unit: Unit) -> int:
    """Multiplicity of the activation of a unit."""
    return settings(unit).order


def count(unit: Unit) -> int:
    """Number of condensed orientations measured on a unit; every neuron's own where it failed."""
    return settings(unit).neurons if failed(unit) else len(unit.measurement["clusters"])


def counted(groups: Mapping[str, Sequence[Unit]]) -> dict[str, Counted]:
    """Numbers of orientations of each group of units of one multiplicity, with its bound 2p."""
    return {
        label: Counted(2 * order(units[0]), [count(unit) for unit in units])
        for label, units in groups.items()
        if units
    }


def measured(unit: Unit) -> tuple[Direction, ...]:
    """The condensed orientations measured on a unit; none where it failed."""
    if failed(unit):
        return ()
    return tuple(Direction.from_data(one) for one in unit.measurement["clusters"])


def neurons(unit: Unit) -> tuple[Direction, ...]:
    """Every neuron of a unit that was kept, as a direction with a sign."""
    directions, signs = unit.measurement["directions"], unit.measurement["signs"]
    return tuple(
        Direction(tuple(direction), sign) for direction, sign in zip(directions, signs, strict=True)
    )


@once_per_unit
def leading_form(unit: Unit) -> Form | SectorForm:
    """The leading form of a unit's data, centered where σ(0) ≠ 0."""
    return settings(unit).leading_form(data_of(unit))


@once_per_unit
def predicted(unit: Unit, geometry: Geometry | None = None) -> tuple[Direction, ...]:
    """The stable directions of the leading form, for one input; of a wrong geometry if given."""
    protocol = settings(unit).protocol(data_of(unit))
    if geometry is not None:
        protocol = dataclasses.replace(protocol, geometry=geometry)
    return orientations_under(leading_form(unit), protocol)


@once_per_unit
def predicted_nd(unit: Unit) -> tuple[Direction, ...]:
    """The stable directions of the leading form, for several inputs."""
    return settings(unit).orientations(data_of(unit))


@once_per_unit
def of_higher_degree(unit: Unit) -> tuple[Direction, ...]:
    """A wrong prediction: the stable directions of a form of degree p + 1."""
    data, part = data_of(unit), settings(unit).part
    form = sector_form(data.x, data.y, part.order + 1, part.right, part.left)
    if part.smooth:
        form = form_of(data.x, data.y, part.order + 1, part.right)
    return orientations(form, settings(unit).geometry)


@once_per_unit
def uncentered(unit: Unit) -> tuple[Direction, ...]:
    """A wrong prediction where σ(0) ≠ 0: the form of the target as it is, with its mean."""
    data = data_of(unit)
    form = form_for(settings(unit).described, data.x, data.y)
    return orientations_under(form, settings(unit).protocol(data))


@once_per_unit
def resolved(unit: Unit) -> bool:
    """Whether a run can tell the orientations of a unit's data (known before training)."""
    if settings(unit).data != "figure-5":
        return True  # one-dimensional data are drawn until it can; others need no choice
    data = data_of(unit)
    return unresolved(leading_form(unit), data.x, settings(unit).protocol(data)) is None


def control(main: Decision, name: str, wrong: Predict) -> Decision:
    """A resolution control, judged where its prediction differs by more than two margins."""
    distance = 2 * main.prediction.margin

    @once_per_unit
    def told_apart(unit: Unit) -> bool:
        return main.judged(unit) and set_distance(main.predict(unit), wrong(unit)) > distance

    return main.wrong_law(name, wrong, distance, judged=told_apart)


def bound(
    name: str,
    limit: str,
    experiments: tuple[Condensation, ...],
    looks: tuple[int, ...],
    **more: Any,
) -> Decision:
    """A bound on the number of orientations: ``limit`` is "2p", "2p - 2" or "p"."""
    of_order = {"2p": lambda p: 2 * p, "2p - 2": lambda p: 2 * p - 2, "p": lambda p: p}[limit]
    return Decision(
        name=name,
        prediction=bound_prediction(limit),
        predict=lambda unit: of_order(order(unit)),
        observe=count,
        experiments=experiments,
        looks=looks,
        **more,
    )


def tightness(units: Sequence[Unit]) -> list[str]:
    """How often the bound is reached and half of it exceeded, by source of data and p."""
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for unit in units:
        if settings(unit).data in DRAWN:
            found[DRAWN.index(settings(unit).data), order(unit)].append(count(unit))
    return [
        f"{DRAWN[source].replace('-', ' ')}, p = {p}: 2p = {2 * p} orientations reached in "
        f"{sum(n == 2 * p for n in counts) / len(counts):.0%}, more than p in "
        f"{sum(n > p for n in counts) / len(counts):.0%} of {len(counts)} data sets"
        for (source, p), counts in sorted(found.items())
    ]
