"""Panels of the paper's figures: what each reports, what a seed shows, and the decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sim.condensation.paper import COSINES, GAPS, SMALLEST, PaperFigure, ProvedCase
from theory.condensation.paper_figures import LEFT, reported_degree, reported_groups
from theory.prediction import Count
from validate.claim import Decision, Role, Unit, units_of

SHARE = 0.02  # of a layer's neurons, the smallest group that counts
LARGER = 0.1  # the same where only large groups shall count
FEW, LARGER_OF_FEW = 30, 0.2  # in narrow layers a tenth would be two neurons again

Variant = tuple[str, float]  # clustering threshold, smallest share of a group


@dataclass(frozen=True)
class Panel:
    """One panel of a figure.

    Attributes:
        label: figure and activation.
        experiment: its settings.
        reported: the count that the paper reports.
        kind: of what.
        epoch: when the weights are looked at, as the measurement names it.
        layer: hidden layer, from 0.
    """

    label: str
    experiment: PaperFigure | ProvedCase
    reported: int
    kind: Literal["lines", "directions"] = "lines"
    epoch: str = "100"
    layer: int = 0

    def of(self, units: Sequence[Unit]) -> list[Unit]:
        """Those of its experiment."""
        return units_of(units, self.experiment)

    def groups(self, unit: Unit) -> dict[str, Any]:
        """The groups that were measured on a unit."""
        return unit.measurement["layers"][self.epoch][self.layer]

    def count(self, unit: Unit, variant: Variant | None = None) -> int:
        """How many groups a unit has by one way to count, the declared one if none is given."""
        return number_of(self.kind, self.groups(unit), variant or self.declared())

    def counts(self, units: Sequence[Unit], variant: Variant | None = None) -> list[int]:
        """`count` of each of its units."""
        return [self.count(unit, variant) for unit in self.of(units)]

    def variants(self) -> tuple[Variant, ...]:
        """All ways to count, the declared one among them."""
        thresholds = GAPS if self.experiment.data == "figure-5" else COSINES
        larger = LARGER_OF_FEW if self.experiment.width < FEW else LARGER
        return tuple((f"{one:g}", share) for share in (SHARE, larger) for one in thresholds)

    def declared(self) -> Variant:
        """The way to count that the verdict is about: the middle threshold, two neurons or 2 %."""
        return self.variants()[1]

    @property
    def words(self) -> str:
        """The reported count, as "2 lines"."""
        return f"{self.reported} {self.kind if self.reported != 1 else self.kind[:-1]}"

    def decision(self, looks: tuple[int, ...], **more: Any) -> Decision:
        """Whether most seeds show the reported count."""
        name, prediction = f"{self.label}: {self.words}", reported_groups(self.kind, self.reported)
        return self._decision(name, prediction, self.reported, self.count, looks, **more)

    def degree_decision(self, p: int, looks: tuple[int, ...]) -> Decision:
        """Whether the output of most seeds is of degree p; a control where p is not reported."""
        name, wrong = f"{self.label}: output of degree {p}", abs(p - self.reported)
        more = {"role": Role.RESOLUTION, "distance": float(wrong)} if wrong else {}
        return self._decision(name, reported_degree(p), p, degree, looks, **more)

    def _decision(
        self, name: str, prediction: Count, n: int, observe: Any, *more: Any, **fields: Any
    ) -> Decision:
        return Decision(
            name, prediction, lambda unit: n, observe, (self.experiment,), *more, **fields
        )


def number_of(kind: str, groups: Mapping[str, Any], variant: Variant) -> int:
    """How many of the groups of neurons count: "lines" or "directions"."""
    threshold, share = variant
    smallest = max(SMALLEST, share * groups["neurons"])
    return sum(size >= smallest for size in groups[kind][threshold])


def said(variant: Variant) -> str:
    """One way to count, in words."""
    threshold, share = variant
    unit = f"gap {threshold}°" if float(threshold) > 1 else f"cos > {threshold}"
    return f"{unit}, {share:.0%}"


def degree(unit: Unit, left: float = LEFT) -> int:
    """Lowest degree of a polynomial that leaves at most a share ``left`` of the output."""
    shares = unit.measurement["unexplained"]
    return next((k for k, share in enumerate(shares) if share <= left), len(shares))


def proved_controls(experiment: ProvedCase, looks: tuple[int, ...]) -> tuple[Decision, Decision]:
    """One line where it is proved, p = 1 under gradient descent; two must be rejected there."""
    panel = Panel("Proved: tanh(x), gradient descent, ε = 1e-6", experiment, 1, epoch="end")
    return (
        panel.decision(looks, role=Role.POSITIVE),
        replace(panel, reported=2).decision(looks, role=Role.RESOLUTION, distance=1.0),
    )


def not_small(right: Decision, epsilon: float, seeds: int, looks: tuple[int, ...]) -> Decision:
    """A control: the same network from initial weights that are not small, of size ``epsilon``."""
    (experiment,) = right.experiments
    assert isinstance(experiment, PaperFigure)
    wrong = replace(experiment, epsilon=epsilon, block=seeds)
    name = f"{right.name}, from weights of size {epsilon:g} in place of {experiment.epsilon:g}"
    return right.wrong_experiment(name, wrong, looks=looks)
