"""Condensed networks: what is predicted for a unit, what is measured on it, decisions on both."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy

from sim.condensation.data_sources import DRAWN
from sim.condensation.experiment import Condensation
from sim.experiment import Experiment
from theory.condensation.convergence import orientations_under, unresolved
from theory.condensation.forms.leading_form import Form, Geometry, form_of
from theory.condensation.forms.sectors import SectorForm, form_for, sector_form
from theory.condensation.orientations.plane import orientations, xor_orientations
from theory.direction import Direction
from theory.direction_sets import set_distance
from theory.prediction import Bound, Orientations
from validate.claim import Decision, Outcome, Role, Unit, once_per_unit, settings_of
from validate.claims.condensation.measured.assumptions import failed
from validate.claims.condensation.measured.cells import data_of
from validate.claims.condensation.measured.grids import written
from validate.figure_forms.counts import Counted, counts
from validate.results.records import Figure

Predict = Callable[[Unit], tuple[Direction, ...]]
ANGLES = "Angle of the condensed neurons", "condensed orientation"  # words of figures


def settings(unit: Unit) -> Condensation:
    """The settings of a unit of condensation."""
    return settings_of(unit, Condensation)


def label(unit: Unit) -> str:
    """Name of a unit's activation in figures."""
    return written(settings(unit).activation)


def order(unit: Unit) -> int:
    """Multiplicity of the activation of a unit, or degree of its form."""
    made: Any = unit.experiment
    return int(made.order)


def count(unit: Unit) -> int:
    """Number of condensed orientations measured on a unit; every neuron's own where it failed."""
    return settings(unit).neurons if failed(unit) else len(unit.measurement["clusters"])


def by_order(units: Sequence[Unit]) -> dict[str, list[Unit]]:
    """Units of each multiplicity, by what figures call it."""
    found = sorted({order(unit) for unit in units})
    return {f"p = {p}": [unit for unit in units if order(unit) == p] for p in found}


def numbers(
    outcome: Outcome,
    groups: Mapping[str, Sequence[Unit]],
    caption: str,
    number: Callable[[Unit], int] = count,
    title: str = "Number of condensed orientations",
) -> Figure:
    """Numbers of orientations of each group of units of one multiplicity, with its bound 2p."""
    found = {label: units for label, units in groups.items() if units}
    categories = {
        label: Counted(2 * order(units[0]), [number(unit) for unit in units])
        for label, units in found.items()
    }
    every = [unit for units in found.values() for unit in units]
    return counts(outcome, every, categories, title, "orientations", caption)


def measured(unit: Unit) -> tuple[Direction, ...]:
    """The condensed orientations measured on a unit; none where it failed."""
    if failed(unit):
        return ()
    return tuple(Direction.from_data(one) for one in unit.measurement["clusters"])


def neurons(unit: Unit) -> tuple[Direction, ...]:
    """Every neuron of a unit that was kept, as a direction with a sign."""
    found = zip(unit.measurement["directions"], unit.measurement["signs"], strict=True)
    return tuple(Direction(tuple(direction), sign) for direction, sign in found)


@once_per_unit
def leading_form(unit: Unit) -> Form | SectorForm:
    """The leading form of a unit's data, centered where σ(0) ≠ 0."""
    return settings(unit).leading_form(data_of(unit))


@once_per_unit
def predicted(unit: Unit, geometry: Geometry | None = None) -> tuple[Direction, ...]:
    """The stable directions of the leading form, in closed form where there is one.

    With one input they may be those of a wrong ``geometry``.
    """
    if settings(unit).data == "xor":
        return xor_orientations()
    if data_of(unit).x.shape[1] > 1:
        return settings(unit).orientations(data_of(unit))
    protocol = settings(unit).protocol(data_of(unit))
    if geometry is not None:
        protocol = replace(protocol, geometry=geometry)
    return orientations_under(leading_form(unit), protocol)


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


def exactly(
    name: str,
    prediction: Orientations,
    experiments: Sequence[Experiment],
    looks: tuple[int, ...],
    predict: Predict = predicted,
    wrong: Mapping[str, Predict] | None = None,
    wrong_experiments: Mapping[str, Sequence[Experiment]] | None = None,
    **more: Any,
) -> tuple[Decision, ...]:
    """That neurons condense on what is predicted and nowhere else, and its controls.

    Predictions that are ``wrong`` are judged where they differ by more than two margins, wrong
    experiments at the first look alone; ``more`` are other fields of the decision.
    """
    main = Decision(name, prediction, predict, measured, tuple(experiments), looks, **more)
    trained = (wrong_experiments or {}).items()
    return (
        main,
        *(main.wrong_where_apart(name, one, set_distance) for name, one in (wrong or {}).items()),
        *(main.wrong_experiment(name, *made, looks=looks[:1]) for name, made in trained),
    )


def bound(
    name: str,
    prediction: Bound,
    experiments: Sequence[Experiment],
    looks: tuple[int, ...],
    observe: Callable[[Unit], int] = count,
    **more: Any,
) -> Decision:
    """A bound on the number of orientations, by the right side of its formula in p.

    One that is tightened by a ``distance`` is a resolution control.
    """
    p = sympy.Symbol("p", integer=True, positive=True)
    most = sympy.lambdify(p, prediction.formula.args[1])
    if "distance" in more:
        more["role"] = Role.RESOLUTION
    return Decision(
        name, prediction, lambda unit: most(order(unit)), observe, tuple(experiments), looks, **more
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
