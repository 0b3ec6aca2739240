"""What a kind of prediction says of itself, and where the kinds are found.

A class of this interface holds everything that depends on the kind: what a unit contributes, the
decision rule, its sentences, its wrong predictions, how it is simulated. A kind is one module of
this package with one registered class; whoever needs it asks `kind_of` for that of a prediction.
"""

import functools
import importlib
import math
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from jaxtyping import Float

from theory.prediction import Prediction
from validate.decisions.case import Case
from validate.decisions.noise import NORMAL, Noise
from validate.decisions.rules.changed_numbers import Change, changed_numbers, largest_difference
from validate.decisions.ruling import Ruling, Statement
from validate.decisions.sample import Sample, summary
from validate.results.records import Demand

Contribution = float | Float[np.ndarray, " points"]
Outcomes = Float[np.ndarray, "runs n points"]
P = TypeVar("P", bound=Prediction)

POWER = 0.8  # what "would probably decide" means
NEARLY_SURE = 0.999  # chance of the wanted verdict that looks are planned for
MOST_UNITS = 100_000  # more than this is no plan


class Kind(ABC, Generic[P]):
    """One prediction as its kind sees it.

    Attributes:
        decides: the class of predictions that it is the kind of, and of those derived from it.
        place: sort key among the kinds.
        takes_share: whether a part of its error budget is ever spent; not where nothing is random.
        margin_is_distance: whether the margin is a distance between two predictions, which must be
            below half of that to a resolution control.
        is_mean: whether its interval is that of a mean, which a few units have none for.
        prediction: what is decided.
    """

    decides: ClassVar[type[Prediction]]
    place: ClassVar[float | int] = math.inf
    takes_share: ClassVar[bool] = True
    margin_is_distance: ClassVar[bool] = True
    is_mean: ClassVar[bool] = True

    def __init__(self, prediction: P) -> None:
        self.prediction = prediction

    @abstractmethod
    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        """What one unit contributes to the decision; NaN if unusable."""

    @abstractmethod
    def rule(self, sample: Sample, alpha: float) -> Ruling:
        """The ruling on each run at one look of level ``alpha``."""

    @abstractmethod
    def statement(self, sample: Sample, ruling: Ruling) -> Statement:
        """What a single run's sample says, without the verdict."""

    @abstractmethod
    def units_needed(self, sample: Sample, ruling: Ruling, alpha: float) -> float:
        """Units with which the rule would decide with chance `POWER`, if the estimates hold.

        Infinite where no number helps; NaN where the estimate lies within a standard error of an
        edge, for nobody can tell then.
        """

    @property
    def expected(self) -> tuple[float, ...]:
        """The predicted number at each point, where a mean is held against it; else none."""
        return ()

    @property
    def patience(self) -> int:
        """How many times the units of a cell's first look the next one has."""
        return 2

    def fewest_to_decide(self, alpha: float, agree: bool) -> int:
        """Units below which no outcomes make a look of level ``alpha`` agree (or disagree)."""
        return 1

    def power(self, n: int, alpha: float, agree: bool, distance: float | None) -> str:
        """Until when a look at ``n`` units decides with chance `NEARLY_SURE`; empty if not told.

        Args:
            n: units, enough to decide at all.
            alpha: level of the look.
            agree: whether AGREE is wanted where the prediction is true, or DISAGREE of a control.
            distance: of a control's prediction from the true one, where that is known.
        """
        return ""

    @abstractmethod
    def would_change(self, n: int, alpha: float) -> str:
        """One sentence on the outcomes of ``n`` units that would lead to another verdict."""

    def tightest(self, sample: Sample, ruling: Ruling) -> tuple[Demand, ...]:
        """The most that could have been demanded of a single run that agrees; none if not told.

        For a margin on what each unit shows this is the share of units, not that margin: outcomes
        do not tell how far inside it units are.
        """
        return ()

    def remarks_on_disagreement(self, ruling: Ruling) -> Sequence[str]:
        """What may explain that a single run disagrees, other than a wrong theory."""
        return ()

    def failing(self, measured: float) -> float | None:
        """Share of units that are not as predicted, of what a sample says; None for other kinds."""
        return None

    def threshold(self) -> tuple[float, str]:
        """What the measured share of units is drawn against, and the side that agrees.

        Raises:
            TypeError: the kind measures no share.
        """
        raise TypeError(f"{type(self.prediction).__name__} has no share to draw")

    def changed_by(self, distance: float) -> P:
        """The prediction that judges a wrong one, at most this far from the right one."""
        return self.prediction

    def changes(self) -> dict[str, Change]:
        """By name, what makes a wrong prediction of a right one, whatever the margin."""
        return changed_numbers()

    def distance(self, first: Any, second: Any) -> float:
        """How far two predictions are apart, in the unit of the margin."""
        return largest_difference(first, second)

    @classmethod
    @abstractmethod
    def cases(cls) -> tuple[Case, ...]:
        """The simulations that its rule is calibrated in."""

    @property
    def points(self) -> int:
        """Numbers that one simulated unit contributes."""
        return 1

    def deviations(
        self, rng: np.random.Generator, noise: Noise, shape: tuple[int, int], sd: float
    ) -> Outcomes:
        """Simulated outcomes of runs × units where the prediction is true, the noise of ``sd``."""
        return sd * noise.draw(rng, (*shape, self.points))

    def samples(
        self,
        rng: np.random.Generator,
        noise: Noise,
        runs: int,
        truths: Sequence[tuple[float, ...]],
        looks: Sequence[int],
        sd: float,
    ) -> Iterator[Iterator[Sample]]:
        """For every truth of a `Case` simulated samples at the looks, the same noise under each.

        Each is summarized when it is asked for: the last looks are dear and often not needed.
        """
        outcomes = self.deviations(rng, noise, (runs, looks[-1]), sd)
        at_look = functools.cache(lambda n: summary(outcomes[:, :n]))
        for truth in truths:
            yield map(lambda n, truth=truth: at_look(n).shifted(np.asarray(truth)), looks)

    def at_edge(
        self, rng: np.random.Generator, shape: tuple[int, int], noise: Noise = NORMAL
    ) -> Outcomes:
        """Outcomes of runs × units with the truth at the edge, where no verdict is right.

        The noise is of the size of the margin, of size 1 where that is 0.
        """
        margin = self.prediction.margin
        return margin + (margin or 1.0) * noise.draw(rng, (*shape, self.points))


def two_digits(value: float) -> str:
    """A number with two significant digits."""
    return f"{float(f'{value:.2g}'):g}"


def smallest(holds: Callable[[int], bool], least: int) -> int:
    """The first number from ``least`` on for which a condition holds that then goes on to hold."""
    high = least
    while not holds(high):
        high *= 2
    low = max(least, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high


KINDS: dict[type[Prediction], type[Kind]] = {}
K = TypeVar("K", bound=Kind)


def register(kind: type[K]) -> type[K]:
    """Make a kind known; decorates its class.

    Raises:
        ValueError: what it decides has a kind already.
    """
    if kind.decides in KINDS:
        raise ValueError(f"{kind.decides.__name__} has two kinds")
    KINDS[kind.decides] = kind
    return kind


def modules_of_kinds() -> tuple[str, ...]:
    """Names of the modules that a kind is found in by being there."""
    package = importlib.import_module("validate.decisions.kinds")
    found = pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    return tuple(module.name for module in found)


@functools.cache
def _import_all() -> None:
    for module in modules_of_kinds():
        importlib.import_module(module)


def kind_of(prediction: Prediction) -> Kind[Any]:
    """The kind of a prediction: that of its class or of the nearest one that it derives from.

    Raises:
        TypeError: no kind decides such predictions.
    """
    _import_all()
    for decided in type(prediction).__mro__:
        if decided in KINDS:
            return KINDS[decided](prediction)
    raise TypeError(f"no decision rule for {type(prediction).__name__}")


def kinds() -> tuple[type[Kind], ...]:
    """All kinds, by place and then by name."""
    _import_all()
    return tuple(sorted(KINDS.values(), key=lambda kind: (kind.place, kind.decides.__name__)))
