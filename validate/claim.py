"""What a claim checks: the one place that ties predictions to measurements."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from sim.experiment import Experiment, Measurement
from theory.prediction import Exponent, Prediction, Step, Value
from validate.cells import Cells
from validate.decisions.rules.base import kind_of
from validate.results.records import Control, Figure, Observation, Table, Verdict

T = TypeVar("T")
E = TypeVar("E")
MAX_LOOKS = 4
BUDGETS = {"quick": 1, "standard": 4, "thorough": 16}  # how many times the rounds of quick


class Role(StrEnum):
    """What a decision is for."""

    CLAIM = "claim"
    RESOLUTION = "resolution"  # a wrong prediction: must come out DISAGREE
    EXPERIMENT = "experiment"  # the same prediction, a wrong experiment: must come out DISAGREE
    POSITIVE = "positive"  # where the theory is proved, or derived to the end: must come out AGREE

    @property
    def must_fail(self) -> bool:
        """Whether DISAGREE is what is required of it."""
        return self in (Role.RESOLUTION, Role.EXPERIMENT)


@dataclass(frozen=True)
class Unit:
    """One independent replicate: a data set or a network seed, with what was measured on it."""

    experiment: Experiment
    seed: int
    replicate: int
    measurement: Measurement

    @cached_property
    def known(self) -> dict[Any, Any]:
        """What `once_per_unit` remembers."""
        return {}


def settings_of(unit: Unit, kind: type[E]) -> E:
    """The experiment of a unit, known to be of a kind.

    Raises:
        TypeError: it is of another.
    """
    if not isinstance(unit.experiment, kind):
        raise TypeError(f"{unit.experiment.name} is no {kind.__name__}")
    return unit.experiment


def units_of(units: Iterable[Unit], *experiments: Experiment) -> list[Unit]:
    """Those of some experiments, in their order."""
    return [unit for unit in units if unit.experiment in experiments]


def once_per_unit(function: Callable[..., T]) -> Callable[..., T]:
    """Remember what a function of a unit, and of hashable arguments, gives.

    Decisions, controls and figures ask for the same at every look.
    """

    @functools.wraps(function)
    def remembered(unit: Unit, *arguments: Any, **named: Any) -> T:
        at = (function, arguments, tuple(sorted(named.items())))
        if at not in unit.known:
            unit.known[at] = function(unit, *arguments, **named)
        return unit.known[at]

    return remembered


@dataclass(frozen=True)
class Decision:
    """One registered decision: a prediction and the observable it is bound to.

    Attributes:
        name: what is decided, in words.
        prediction: kind, expression, margin and reason.
        predict: the predicted value for one unit.
        observe: the measured value of one unit, of the same type.
        experiments: whose units it uses.
        looks: after how many rounds it is judged (at budget quick), at most `MAX_LOOKS`.
        role: claim, or one of the three kinds of control.
        judged: whether a unit may be judged, from what is known before training.
        mutants: wrong predictions of this kind of theory by name, such as another geometry; they
            are judged by `validate.trust.mutation` beside the general ones.
        distance: for controls, how far the prediction is from the right one on judged units.
        fitted_on: experiments whose units the prediction's law was fitted on, if any; its verdict
            needs others.
    """

    name: str
    prediction: Prediction
    predict: Callable[[Unit], Any]
    observe: Callable[[Unit], Any]
    experiments: tuple[Experiment, ...]
    looks: tuple[int, ...]
    role: Role = Role.CLAIM
    judged: Callable[[Unit], bool] = lambda unit: True
    distance: float | None = None
    mutants: Mapping[str, Callable[[Unit], Any]] = field(default_factory=dict)
    fitted_on: tuple[Experiment, ...] = ()

    @property
    def takes_share(self) -> bool:
        """Whether it takes a share of α: where its interval is random."""
        return kind_of(self.prediction).takes_share

    def units(self, units: Sequence[Unit]) -> list[Unit]:
        """The units of this decision that may be judged."""
        return [u for u in units if u.experiment in self.experiments and self.judged(u)]

    @classmethod
    def expecting(
        cls,
        name: str,
        prediction: Value | Exponent,
        observe: Callable[[Unit], Any],
        experiments: tuple[Experiment, ...],
        looks: tuple[int, ...],
    ) -> Decision:
        """Of a number that is predicted of every unit alike: what its prediction expects."""
        return cls(name, prediction, lambda unit: prediction.expected, observe, experiments, looks)

    def wrong_law(
        self, name: str, predict: Callable[[Unit], Any], distance: float, **changes: Any
    ) -> Decision:
        """A resolution control: what a wrong law predicts of the same units, ``distance`` away.

        ``changes`` are other fields that differ, such as ``experiments`` or ``judged``.
        """
        fixed: dict[str, Any] = {"role": Role.RESOLUTION, "mutants": {}, "distance": distance}
        return dataclasses.replace(self, name=name, predict=predict, **{**fixed, **changes})

    def wrong_prediction(self, name: str, wrong: Value | Exponent) -> Decision:
        """A resolution control: another number is expected, of every unit alike."""
        right: Any = self.prediction
        distance = float(abs(wrong.expected - right.expected))
        return self.wrong_law(name, lambda unit: wrong.expected, distance, prediction=wrong)

    def wrong_where_apart(
        self,
        name: str,
        predict: Callable[[Unit], Any],
        apart: Callable[[Any, Any], float] = lambda right, wrong: float(abs(right - wrong)),
        **changes: Any,
    ) -> Decision:
        """`wrong_law` judged only where it is more than two margins away.

        It differs from unit to unit: what is expected is shown as a deviation.

        Args:
            name: of the control.
            predict: what the wrong law says.
            apart: from what this decision predicts of a unit, and ``predict``.
            changes: other fields that differ, such as ``experiments``.
        """
        distance, prediction = 2 * self.prediction.margin, self.prediction
        if isinstance(prediction, Value):
            prediction = dataclasses.replace(prediction, expected=0.0)

        @once_per_unit
        def told_apart(unit: Unit) -> bool:
            return self.judged(unit) and apart(self.predict(unit), predict(unit)) > distance

        fields = {"prediction": prediction, "judged": told_apart, **changes}
        return self.wrong_law(name, predict, distance, **fields)

    def wrong_experiment(
        self,
        name: str,
        *experiments: Experiment,
        looks: tuple[int, ...] | None = None,
        **changes: Any,
    ) -> Decision:
        """An experiment control: other experiments, judged by this decision's own prediction.

        Args:
            name: what is wrong with the experiments.
            experiments: what is trained instead.
            looks: in rounds; those of this decision where none are given.
            changes: other fields that differ, such as ``judged``.
        """
        fixed: dict[str, Any] = {"role": Role.EXPERIMENT, "distance": None, "mutants": {}}
        trained = {"experiments": experiments, "looks": looks or self.looks}
        return dataclasses.replace(self, name=name, **{**fixed, **trained, **changes})


@dataclass(frozen=True)
class Regime:
    """An assumption as a test on a measured quantity: ``measure`` within the limits."""

    name: str
    measure: Callable[[Sequence[Unit]], float]
    at_most: float = float("inf")
    at_least: float = float("-inf")

    @classmethod
    def largest(cls, name: str, key: str, at_most: float) -> Regime:
        """The largest of what units measured as ``key``."""
        return cls(name, lambda units: max(unit.measurement[key] for unit in units), at_most)

    @property
    def required(self) -> str:
        if self.at_most == float("inf"):
            return f"≥ {self.at_least:g}"
        return f"≤ {self.at_most:g}"

    def holds(self, value: float) -> bool:
        return self.at_least <= value <= self.at_most


@dataclass(frozen=True)
class Outcome:
    """What a claim's figures are drawn from.

    Attributes:
        verdict: of the claim.
        units: those of the claim that are judged, see `Body.split`.
        observations, controls: what was decided.
        of_controls: units that were trained for experiment controls alone.
    """

    verdict: Verdict
    units: Sequence[Unit]
    observations: Sequence[Observation]
    controls: Sequence[Control]
    of_controls: Sequence[Unit] = ()

    def of(self, decision: Decision) -> list[Unit]:
        """The units of a decision, of whatever role."""
        return decision.units((*self.units, *self.of_controls))


@dataclass(frozen=True)
class Body:
    """All that a claim checks.

    A *round* trains one more block of every experiment of ``grid``, by default of those of the
    the decisions. Regime checks, notes and tables are given the claim's units that are judged
    (`validate.run.pool`), without those that are trained for experiment controls alone; figures are
    given both, apart.
    """

    decisions: tuple[Decision, ...]
    derivation: Callable[[], Sequence[Step]]
    figures: Callable[[Outcome], Sequence[Figure]]
    regime: tuple[Regime, ...] = ()
    references: tuple[str, ...] = ()
    notes: Callable[[Sequence[Unit]], Sequence[str]] = lambda units: ()
    tables: Callable[[Sequence[Unit]], Sequence[Table]] = lambda units: ()
    cells: Cells | None = None
    grid: tuple[Experiment, ...] = ()

    def __post_init__(self) -> None:
        if not self.grid:
            used = dict.fromkeys(e for decision in self.decisions for e in decision.experiments)
            object.__setattr__(self, "grid", tuple(used))

    @property
    def shares(self) -> int:
        """Shares of α that its decisions take."""
        return sum(decision.takes_share for decision in self.decisions)

    @cached_property
    def for_controls(self) -> frozenset[Experiment]:
        """Experiments that are wrong on purpose: they are in experiment controls alone."""
        wrong = [d for d in self.decisions if d.role is Role.EXPERIMENT]
        used = {e for d in self.decisions if d.role is not Role.EXPERIMENT for e in d.experiments}
        return frozenset(e for d in wrong for e in d.experiments) - used

    def split(self, units: Sequence[Unit]) -> tuple[list[Unit], list[Unit]]:
        """The claim's own units, and those that are trained for experiment controls alone."""
        own = [unit for unit in units if unit.experiment not in self.for_controls]
        return own, [unit for unit in units if unit.experiment in self.for_controls]

    def rounds(self, budget: str) -> list[int]:
        """All planned looks of the body in rounds, increasing."""
        return sorted({look * BUDGETS[budget] for d in self.decisions for look in d.looks})


def planned_units(decision: Decision, budget: str) -> tuple[int, ...]:
    """Units at each look of a decision, before any is left out as not to be judged."""
    per_round = sum(experiment.block for experiment in decision.experiments)
    return tuple(look * BUDGETS[budget] * per_round for look in decision.looks)
