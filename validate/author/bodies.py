"""From what an author says of a check to the body of its claim."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from sim.experiment import Experiment
from theory.prediction import Prediction, Symbol
from validate.author.faults import AuthorError, UnusableError
from validate.author.kinds import Kind, values_of
from validate.author.law import Formula, Law
from validate.author.looks import fewest, looks, planned_block, with_block
from validate.author.simulations.series import Series
from validate.author.simulations.simulation import trial
from validate.author.words import Given, Limit, Margin
from validate.claim import Body, Decision, Outcome, Regime, Role, Unit
from validate.results.records import Figure

TRIED = 2  # replicates of a trial, where a law needs measured numbers
APART = 2.0  # margins that a control is away from the law where it is judged


@dataclass(frozen=True)
class Check:
    """What an author says of one check, read.

    Attributes:
        place: file and line.
        kind: how it is judged.
        law: the derivation; ``right`` and ``wrong`` are what is evaluated of it and of the wrong
            laws, ``equations`` those that are shown of the latter.
        on, positive, wrong_experiment: what is trained, by name.
        observed: what is measured, in words.
        exemption: why there is no experiment control, if there is none.
    """

    place: str
    kind: Kind
    law: Law
    right: Formula
    wrong: Mapping[str, Formula]
    equations: Mapping[str, sympy.Basic]
    given: tuple[Given, ...]
    margin: Margin
    assumptions: tuple[str, ...]
    on: Mapping[str, Experiment]
    positive: Mapping[str, Experiment]
    wrong_experiment: Mapping[str, Experiment]
    regime: Mapping[str, Limit]
    observed: str
    exemption: str
    references: tuple[str, ...]
    figures: Callable[[Outcome], Sequence[Figure]] | None

    @property
    def needs_trial(self) -> bool:
        """Whether the law depends on numbers that only a simulation gives."""
        return any(_lacks(self, one) for one in self.on.values())

    @property
    def most_shares(self) -> int:
        """Shares of α that its decisions take at most."""
        claimed = len(self.on) * (1 + len(self.wrong))
        return claimed + len(self.positive) + len(self.wrong_experiment)


def body(check: Check) -> Body:
    """The body of a check's claim.

    Raises:
        AuthorError: nothing can tell a control apart, or the law has no value.
    """
    try:
        return _Builder(check).body()
    except UnusableError as error:
        raise AuthorError(str(error), check.place) from error


class _Builder:
    def __init__(self, check: Check) -> None:
        self.check, self.kind = check, check.kind
        self.rows = {one: self._rows(one) for one in check.on.values()}
        if check.needs_trial and hasattr(self.kind, "points"):
            curves = [np.size(self._predicted(check.right, one)) for one in check.on.values()]
            changes: dict[str, Any] = {"points": curves[0]}
            self.kind = dataclasses.replace(self.kind, **changes)
        self.units = fewest([self._prediction(check.right, one) for one in check.on.values()])
        self.block = planned_block(self.units)

    def body(self) -> Body:
        check = self.check
        claimed = [self._decision(name, one, Role.CLAIM) for name, one in check.on.items()]
        positive = [self._decision(n, one, Role.POSITIVE) for n, one in check.positive.items()]
        decisions = (
            *claimed,
            *positive,
            *(one for name in check.wrong for one in self._resolution(name)),
            *(self._experiment(n, one, claimed) for n, one in check.wrong_experiment.items()),
        )
        return Body(
            grid=tuple(dict.fromkeys(e for d in decisions for e in d.experiments)),
            decisions=decisions,
            derivation=lambda: check.law.steps,
            regime=tuple(_regime(name, limit) for name, limit in check.regime.items()),
            figures=check.figures or self._figures,
            references=check.references,
            notes=lambda units: _notes(check),
        )

    def _figures(self, outcome: Outcome) -> Sequence[Figure]:
        from validate.author.figures import figures

        return figures(self.check, self.kind, outcome)

    def _rows(self, experiment: Experiment) -> list[Mapping[str, Any] | None]:
        """Measurements of a trial, or nothing where settings say all."""
        if not _lacks(self.check, experiment):
            return [None]
        return [*trial(with_block(experiment, TRIED), TRIED)]

    def _predicted(self, formula: Formula, experiment: Experiment) -> Any:
        """What a formula says, on average over a trial where measured numbers enter."""
        rows = self.rows.setdefault(experiment, []) or self._rows(experiment)
        self.rows[experiment] = rows
        found = [self.kind.predicted(formula, self.check.right, experiment, row) for row in rows]
        return np.mean(found, axis=0)

    def _prediction(
        self, formula: Formula, experiment: Experiment, equation: sympy.Basic | None = None
    ) -> Prediction:
        check, kind = self.check, self.kind
        predicted = self._predicted(formula, experiment)
        known = self.rows[experiment] == [None] or kind.is_fixed(formula, check.right)
        options = kind.options(predicted if known else None, check.margin.value)
        return kind.prediction(
            check.law.equation if equation is None else equation,
            _symbols(check),
            check.assumptions,
            kind.margin(check.margin.value),
            kind.reason(check.margin),
            unit=kind.unit(check.margin),
            **options,
        )

    def _decision(self, name: str, experiment: Experiment, role: Role) -> Decision:
        prediction = self._prediction(self.check.right, experiment)
        trained = with_block(experiment, self.block)
        return Decision(
            name=name,
            prediction=prediction,
            predict=self._predict(self.check.right),
            observe=self._observe(),
            experiments=(trained,),
            looks=looks(prediction, trained, self.units),
            role=role,
        )

    def _resolution(self, name: str) -> list[Decision]:
        """A wrong law on the settings where it is told apart."""
        check, formula = self.check, self.check.wrong[name]
        margin = self.kind.margin(check.margin.value)
        made, farthest = [], (-1.0, "", "")
        for label, experiment in check.on.items():
            right = self._predicted(check.right, experiment)
            wrong = self._predicted(formula, experiment)
            distance = self.kind.apart(right, wrong)
            at = f"at {label} " if label else ""
            said = f"{at}the law says {_told(right)} and the control {_told(wrong)}"
            farthest = max(farthest, (distance, label, said))
            if distance > 0 and distance >= APART * margin:
                made.append(self._wrong(name, label, distance))
        if not made:
            raise UnusableError(
                f"nothing can tell the control '{name}' apart: it is at most {farthest[0]:.3g} "
                f"away from the law, and twice the margin {margin:g} is needed; {farthest[2]}"
            )
        return made

    def _wrong(self, name: str, label: str, distance: float) -> Decision:
        check, experiment = self.check, self.check.on[label]
        prediction = self._prediction(check.wrong[name], experiment, check.equations[name])
        return dataclasses.replace(
            self._decision(label, experiment, Role.RESOLUTION),
            name=name if len(check.on) == 1 else f"{name}: {label}",
            prediction=prediction,
            predict=self._predict(check.wrong[name]),
            distance=distance,
        )

    def _experiment(self, name: str, wrong: Experiment, claimed: Sequence[Decision]) -> Decision:
        """What is claimed, where the experiment is wrong: of the same prediction as a decision."""
        prediction = self._prediction(self.check.right, wrong)
        main = next((one for one in claimed if one.prediction == prediction), None)
        if main is None:
            raise UnusableError(
                f"wrong_experiment '{name}': for its settings the law says "
                f"{_told(self._predicted(self.check.right, wrong))}, which is claimed nowhere in "
                "on; keep the settings of the law as they are in one of them"
            )
        trained = with_block(wrong, self.block)
        plan = looks(prediction, trained, self.units)
        return main.wrong_experiment(name, trained, looks=plan)

    def _predict(self, formula: Formula) -> Callable[[Unit], Any]:
        kind, law, place = self.kind, self.check.right, self.check.place

        def predict(unit: Unit) -> Any:
            try:
                return kind.predicted(formula, law, unit.experiment, unit.measurement)
            except UnusableError as error:
                raise AuthorError(str(error), place) from error

        return predict

    def _observe(self) -> Callable[[Unit], Any]:
        kind, law, place = self.kind, self.check.right, self.check.place

        def observe(unit: Unit) -> Any:
            try:
                return kind.observed(law, unit.experiment, unit.measurement)
            except UnusableError as error:
                raise AuthorError(str(error), place) from error

        return observe


def _lacks(check: Check, experiment: Experiment) -> bool:
    """Whether a formula needs more than the settings."""
    one = experiment.parts[0] if isinstance(experiment, Series) else experiment
    settings = values_of(one, None)
    formulas = (check.right, *check.wrong.values())
    return any(one.needs_more(settings) for one in formulas)


def _symbols(check: Check) -> tuple[Symbol, ...]:
    """What the symbols mean, that of what is measured first."""
    known = {one.symbol for one in check.given}
    left = check.law.equation.lhs
    measured = (
        [Symbol(left, f"measured: {check.observed}", check.margin.unit)] if left.is_Symbol else []
    )
    return (
        *(one for one in measured if one.symbol not in known),
        *(Symbol(one.symbol, one.meaning, one.unit) for one in check.given),
    )


def _regime(name: str, limit: Limit) -> Regime:
    def worst(units: Sequence[Unit]) -> float:
        found = [_source(limit.source, unit) for unit in units]
        return float(np.max(found) if limit.at_most < np.inf else np.min(found))

    return Regime(name, worst, float(limit.at_most), float(limit.at_least))


def _source(name: str, unit: Unit) -> Any:
    """A unit's number; the largest or smallest of an array is the array's."""
    values = values_of(unit.experiment, unit.measurement)
    if isinstance(unit.experiment, Series) and name not in values:
        values = {name: [getattr(part, name) for part in unit.experiment.parts]}
    return values[name]


def _notes(check: Check) -> list[str]:
    if not check.exemption:
        return []
    return [f"No experiment control, nothing was trained that must fail: {check.exemption}"]


def _told(predicted: Any) -> str:
    flat = np.ravel(predicted)
    return f"{flat[0]:.4g}" + (f", … ({flat.size} points)" if flat.size > 1 else "")
