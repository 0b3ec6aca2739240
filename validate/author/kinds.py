"""How each kind of check is judged: what a replicate is, what is predicted and observed of it."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sim.experiment import Experiment
from theory.prediction import Bound, Count, Curve, Exponent, Identity, Prediction, Value
from validate.author.faults import UnusableError
from validate.author.law import Formula, Values
from validate.author.simulations.series import Series, window
from validate.author.words import Margin, Power

Observe = Callable[[Mapping[str, Any]], Any]
ANY_POWER = Power("", (1.0, 2.0))
PAIR = 0.5  # of the numbers 1, 0 and −1 that an order is told by
LOCAL = 3.0  # margins of the slope between neighbors, where the author does not say


def values_of(experiment: Experiment, measurement: Mapping[str, Any] | None) -> dict[str, Any]:
    """Settings and measured numbers by name, as the symbols of a law are given."""
    settings = {one.name: getattr(experiment, one.name) for one in dataclasses.fields(experiment)}
    return {**settings, **(measurement or {})}


@dataclass(frozen=True)
class Kind:
    """A check as its kind judges it: a mean lies within the margin of a number, unless changed.

    Attributes:
        observe: the observable, from a simulation's measurement.
        within: the range that the observable lies in whatever the truth, if there is one.
        share: of units, for the kinds that are judged by one.
    """

    observe: Observe
    within: tuple[float, float] | None = None
    share: float = 0.0

    prediction: ClassVar[type[Prediction]] = Value
    judged_by_share: ClassVar[bool] = False

    def experiment(self, meant: Any) -> Experiment:
        """What is trained for an entry of ``on``."""
        if not isinstance(meant, Experiment):
            raise UnusableError(f"{meant!r} is no simulation")
        return meant

    def formula(self, formula: Formula) -> Formula:
        """What is evaluated, of a law's right side."""
        return formula

    def predicted(
        self, formula: Formula, law: Formula, experiment: Experiment, measured: Values | None
    ) -> Any:
        """What a formula, the law or a wrong one, says of a replicate."""
        return formula(values_of(experiment, measured))

    def observed(self, law: Formula, experiment: Experiment, measured: Values) -> Any:
        """What is compared with it."""
        return self._number(self.observe(measured))

    def options(self, predicted: Any, margin: float) -> dict[str, Any]:
        """What the prediction holds besides formula, symbols, assumptions and margin."""
        expected = 0.0 if predicted is None else float(predicted)
        return {"expected": expected, "bounded": self._bounded(expected, predicted is None)}

    def is_fixed(self, formula: Formula, law: Formula) -> bool:
        """Whether a prediction is the same number whatever is measured."""
        return False

    def margin(self, margin: float) -> float:
        """The margin of the prediction."""
        return float(margin)

    def reason(self, margin: Margin) -> str:
        """The reason of that margin."""
        return margin.reason

    def unit(self, margin: Margin) -> str:
        """The unit of that margin."""
        return margin.unit

    def apart(self, right: Any, wrong: Any) -> float:
        """How far a wrong prediction is from the right one, in the unit of the margin."""
        if np.shape(right) != np.shape(wrong) and np.ndim(wrong) > 0:
            raise UnusableError(f"of the shapes {np.shape(right)} and {np.shape(wrong)}")
        return float(np.max(np.abs(np.asarray(wrong) - np.asarray(right))))

    def _bounded(self, expected: float, unknown: bool) -> tuple[float, float] | None:
        if self.within is None:
            return None
        low, high = self.within
        if unknown:  # deviations of a number in the range from another one in it
            return low - high, high - low
        return min(low - expected, 0.0), max(high - expected, 0.0)

    def _number(self, value: Any) -> float:
        if np.ndim(value) != 0:
            raise UnusableError(
                f"what is observed has the shape {np.shape(value)}, and is no number"
            )
        return float(value)


@dataclass(frozen=True)
class RelativeKind(Kind):
    """The ratio of what is measured to the law lies within the margin of 1."""

    def predicted(
        self, formula: Formula, law: Formula, experiment: Experiment, measured: Values | None
    ) -> Any:
        return 1.0 if formula is law else self._ratio(formula, law, experiment, measured)

    def observed(self, law: Formula, experiment: Experiment, measured: Values) -> Any:
        return self._number(self.observe(measured)) / self._right(law, experiment, measured)

    def is_fixed(self, formula: Formula, law: Formula) -> bool:
        return formula is law

    def _ratio(
        self, formula: Formula, law: Formula, experiment: Experiment, measured: Values | None
    ) -> float:
        wrong = super().predicted(formula, law, experiment, measured)
        return wrong / self._right(law, experiment, measured)

    def _right(self, law: Formula, experiment: Experiment, measured: Values | None) -> float:
        right = law(values_of(experiment, measured))
        if right == 0:
            raise UnusableError("law: nothing is relative to a law of 0; judge it absolutely")
        return self._number(right)


@dataclass(frozen=True)
class BoundKind(Kind):
    """Few replicates exceed the bound by more than the margin: ``share`` of them is tolerated."""

    share: float = 0.05

    prediction = Bound
    judged_by_share = True

    def options(self, predicted: Any, margin: float) -> dict[str, Any]:
        return {"tolerated_rate": self.share}

    def apart(self, right: Any, wrong: Any) -> float:
        """Below the bound: a weaker one follows from it."""
        return float(right) - float(wrong)


@dataclass(frozen=True)
class CountKind(Kind):
    """More than ``share`` of the replicates have the number, up to the margin."""

    share: float = 0.5

    prediction = Count
    judged_by_share = True

    def options(self, predicted: Any, margin: float) -> dict[str, Any]:
        return {"required_share": self.share}


@dataclass(frozen=True)
class IdentityKind(Kind):
    """Every replicate has the number, up to rounding."""

    prediction = Identity

    def options(self, predicted: Any, margin: float) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class CurveKind(Kind):
    """At every point of an array the mean lies within the margin of the law."""

    points: int = 0

    prediction = Curve

    def predicted(
        self, formula: Formula, law: Formula, experiment: Experiment, measured: Values | None
    ) -> Any:
        found = np.asarray(formula(values_of(experiment, measured)))
        if formula is law:
            self._check(found, "what the law says")
            return found
        right = law(values_of(experiment, measured))
        return np.broadcast_to(found, np.shape(right))

    def observed(self, law: Formula, experiment: Experiment, measured: Values) -> Any:
        found = np.asarray(self.observe(measured), dtype=float)
        self._check(found, "what is observed")
        right = np.shape(law(values_of(experiment, measured)))
        if found.shape != right:
            raise UnusableError(
                f"what is observed has the shape {found.shape}, and what the law says {right}"
            )
        return found

    def options(self, predicted: Any, margin: float) -> dict[str, Any]:
        expected = np.zeros(self.points) if predicted is None else np.asarray(predicted)
        low_high = None
        if self.within is not None:
            each = [self._bounded(float(one), predicted is None) for one in expected]
            low_high = min(one[0] for one in each if one), max(one[1] for one in each if one)
        return {"expected": tuple(map(float, expected)), "bounded": low_high}

    @staticmethod
    def _check(found: np.ndarray, what: str) -> None:
        if found.ndim != 1:
            raise UnusableError(f"curve: {what} has the shape {found.shape}, and is no curve")


@dataclass(frozen=True)
class ExponentKind(Kind):
    """The log-log slope over a window of one setting lies within the margin of the exponent."""

    power: Power = ANY_POWER

    prediction = Exponent

    def experiment(self, meant: Any) -> Experiment:
        if not isinstance(meant, Experiment):
            raise UnusableError("an exponent is of simulations, each over the window")
        if self.power.setting not in {one.name for one in dataclasses.fields(meant)}:
            raise UnusableError(f"{type(meant).__name__} has no setting '{self.power.setting}'")
        return window(meant, self.power.setting, self.power.window)

    def predicted(
        self, formula: Formula, law: Formula, experiment: Experiment, measured: Values | None
    ) -> Any:
        assert isinstance(experiment, Series)
        return formula(values_of(experiment.parts[0], None))

    def observed(self, law: Formula, experiment: Experiment, measured: Values) -> Any:
        assert isinstance(experiment, Series)
        found = [self._number(self.observe(one)) for one in parts_of(experiment, measured)]
        if min(found) <= 0:
            raise UnusableError(
                f"exponent: {min(found):g} was measured, and no power law is of values below 0"
            )
        return found

    def options(self, predicted: Any, margin: float) -> dict[str, Any]:
        local = self.power.local
        local = LOCAL * margin if isinstance(local, str) else local
        return {
            "expected": float(predicted),
            "window": tuple(map(float, self.power.window)),
            "local_margin": None if local is None else float(local),
        }


@dataclass(frozen=True)
class OrderingKind(Kind):
    """Of two settings the one with the larger law is larger, in ``share`` of paired replicates.

    A replicate contributes 1 where the first is larger by more than the margin, −1 where the second
    is, else 0.
    """

    share: float = 0.5
    smallest: float = 0.0

    prediction = Count
    judged_by_share = True

    def experiment(self, meant: Any) -> Experiment:
        pair = isinstance(meant, tuple) and len(meant) == 2
        if not pair or not all(isinstance(one, Experiment) for one in meant):
            raise UnusableError("an ordering is of pairs: two simulations in a tuple")
        if meant[0] == meant[1]:
            raise UnusableError(f"an ordering is of two different simulations: both are {meant[0]}")
        return Series(meant[0].block, meant)

    def predicted(
        self, formula: Formula, law: Formula, experiment: Experiment, measured: Values | None
    ) -> Any:
        assert isinstance(experiment, Series)
        rows = [None, None] if measured is None else parts_of(experiment, measured)
        first, second = (
            self._number(formula(values_of(part, row)))
            for part, row in zip(experiment.parts, rows, strict=True)
        )
        if first == second and formula is law:
            raise UnusableError(f"law: it is {first:g} for both of a pair, and gives no order")
        return float(np.sign(first - second))

    def observed(self, law: Formula, experiment: Experiment, measured: Values) -> Any:
        assert isinstance(experiment, Series)
        first, second = (self._number(self.observe(one)) for one in parts_of(experiment, measured))
        difference = first - second
        return float(np.sign(difference)) if abs(difference) > self.smallest else 0.0

    def margin(self, margin: float) -> float:
        return PAIR

    def reason(self, margin: Margin) -> str:
        return (
            f"the order is told by 1, 0 and −1; larger is larger by more than {margin.value:g}: "
            f"{margin.reason}"
        )

    def unit(self, margin: Margin) -> str:
        return "1"

    def options(self, predicted: Any, margin: float) -> dict[str, Any]:
        return {"required_share": self.share, "shown": "are in the predicted order"}


def parts_of(experiment: Series, measured: Values) -> list[dict[str, Any]]:
    """The measurement of every part of a replicate."""
    return [
        {name: value[k] for name, value in measured.items()} for k in range(len(experiment.parts))
    ]
